// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! IncrementalAlterConfigs response (key 44), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// IncrementalAlterConfigs response (key 44), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 1)]
pub struct IncrementalAlterConfigsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Responses.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// Part of [`IncrementalAlterConfigsResponse`]: alter configs resource response.
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
