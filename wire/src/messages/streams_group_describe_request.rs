// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupDescribe request (key 89), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupDescribe request (key 89), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = StreamsGroupDescribe, versions = 0..=0, flexible = 0, response = crate::messages::streams_group_describe_response::StreamsGroupDescribeResponse)]
pub struct StreamsGroupDescribeRequest {
    /// Group ids.
    pub group_ids: Vec<Str>,
    /// Include authorized operations.
    pub include_authorized_operations: bool,
}
