// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeGroups request (key 15), versions 0–6.

use crate::Message;
use ottla_types::Str;

/// DescribeGroups request (key 15), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeGroups, versions = 0..=6, flexible = 5, response = crate::messages::describe_groups_response::DescribeGroupsResponse)]
pub struct DescribeGroupsRequest {
    /// Groups.
    pub groups: Vec<Str>,
    /// Include authorized operations; since version 3.
    #[field(versions = 3..)]
    pub include_authorized_operations: bool,
}
