// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListConfigResources response (key 74), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ListConfigResources response (key 74), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct ListConfigResourcesResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Config resources.
    pub config_resources: Vec<ConfigResource>,
}

/// Part of [`ListConfigResourcesResponse`]: config resource.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ConfigResource {
    /// Resource name.
    pub resource_name: Str,
    /// Resource type; since version 1.
    #[field(versions = 1.., ignorable, default = 16)]
    pub resource_type: i8,
}
