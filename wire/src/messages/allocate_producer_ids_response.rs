// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AllocateProducerIds response (key 67), versions 0–0.

use crate::Message;
use ottla_types::ErrorCode;

/// AllocateProducerIds response (key 67), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct AllocateProducerIdsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Producer id start.
    pub producer_id_start: i64,
    /// Producer id len.
    pub producer_id_len: i32,
}
