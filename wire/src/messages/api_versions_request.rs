// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ApiVersions request (key 18), versions 0–4.

use crate::Message;
use ottla_types::Str;

/// ApiVersions request (key 18), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ApiVersions, versions = 0..=4, flexible = 3, response = crate::messages::api_versions_response::ApiVersionsResponse)]
pub struct ApiVersionsRequest {
    /// Client software name; since version 3.
    #[field(versions = 3.., ignorable)]
    pub client_software_name: Str,
    /// Client software version; since version 3.
    #[field(versions = 3.., ignorable)]
    pub client_software_version: Str,
}
