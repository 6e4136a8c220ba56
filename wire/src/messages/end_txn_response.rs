// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! EndTxn response (key 26), versions 0–5.

use crate::Message;
use ottla_types::ErrorCode;

/// EndTxn response (key 26), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 3)]
pub struct EndTxnResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Producer id; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub producer_id: i64,
    /// Producer epoch; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub producer_epoch: i16,
}
