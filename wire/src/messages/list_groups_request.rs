// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListGroups request (key 16), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// ListGroups request (key 16), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ListGroups, versions = 0..=5, flexible = 3, response = crate::messages::list_groups_response::ListGroupsResponse)]
pub struct ListGroupsRequest {
    /// States filter; since version 4.
    #[field(versions = 4..)]
    pub states_filter: Vec<Str>,
    /// Types filter; since version 5.
    #[field(versions = 5..)]
    pub types_filter: Vec<Str>,
}
