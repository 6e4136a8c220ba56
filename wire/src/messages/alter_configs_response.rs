// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterConfigs response (key 33), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AlterConfigs response (key 33), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct AlterConfigsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Responses.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// Part of [`AlterConfigsResponse`]: alter configs resource response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterConfigsResourceResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Resource type.
    pub resource_type: i8,
    /// Resource name.
    pub resource_name: Str,
}
