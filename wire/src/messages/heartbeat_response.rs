// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Heartbeat response (key 12), versions 0–4.

use crate::Message;
use ottla_types::ErrorCode;

/// Heartbeat response (key 12), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 4)]
pub struct HeartbeatResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
