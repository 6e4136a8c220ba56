// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreatePartitions response (key 37), versions 0–3.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// CreatePartitions response (key 37), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct CreatePartitionsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<CreatePartitionsTopicResult>,
}

/// Part of [`CreatePartitionsResponse`]: create partitions topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsTopicResult {
    /// Name.
    pub name: Str,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
