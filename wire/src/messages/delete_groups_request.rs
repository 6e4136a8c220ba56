// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteGroups request (key 42), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// DeleteGroups request (key 42), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteGroups, versions = 0..=2, flexible = 2, response = crate::messages::delete_groups_response::DeleteGroupsResponse)]
pub struct DeleteGroupsRequest {
    /// Groups names.
    pub groups_names: Vec<Str>,
}
