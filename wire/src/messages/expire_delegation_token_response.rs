// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ExpireDelegationToken response (key 40), versions 0–2.

use crate::Message;
use ottla_types::ErrorCode;

/// ExpireDelegationToken response (key 40), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct ExpireDelegationTokenResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Expiry timestamp, in milliseconds.
    pub expiry_timestamp_ms: i64,
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
}
