// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupDescribe request (key 69), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// ConsumerGroupDescribe request (key 69), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ConsumerGroupDescribe, versions = 0..=1, flexible = 0, response = crate::messages::consumer_group_describe_response::ConsumerGroupDescribeResponse)]
pub struct ConsumerGroupDescribeRequest {
    /// Group ids.
    pub group_ids: Vec<Str>,
    /// Include authorized operations.
    pub include_authorized_operations: bool,
}
