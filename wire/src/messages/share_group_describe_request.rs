// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupDescribe request (key 77), versions 1–1.

use crate::Message;
use ottla_types::Str;

/// ShareGroupDescribe request (key 77), versions 1–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ShareGroupDescribe, versions = 1..=1, flexible = 0, response = crate::messages::share_group_describe_response::ShareGroupDescribeResponse)]
pub struct ShareGroupDescribeRequest {
    /// Group ids.
    pub group_ids: Vec<Str>,
    /// Include authorized operations.
    pub include_authorized_operations: bool,
}
