// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListConfigResources request (key 74), versions 0–1.

use crate::Message;

/// ListConfigResources request (key 74), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ListConfigResources, versions = 0..=1, flexible = 0, response = crate::messages::list_config_resources_response::ListConfigResourcesResponse)]
pub struct ListConfigResourcesRequest {
    /// Resource types; since version 1.
    #[field(versions = 1..)]
    pub resource_types: Vec<i8>,
}
