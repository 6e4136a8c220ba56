// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddOffsetsToTxn response (key 25), versions 0–4.

use crate::Message;
use ottla_types::ErrorCode;

/// AddOffsetsToTxn response (key 25), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 3)]
pub struct AddOffsetsToTxnResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
