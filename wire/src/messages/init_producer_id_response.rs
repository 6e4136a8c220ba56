// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! InitProducerId response (key 22), versions 0–6.

use crate::Message;
use ottla_types::ErrorCode;

/// InitProducerId response (key 22), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=6, flexible = 2)]
pub struct InitProducerIdResponse {
    /// Throttle time, in milliseconds.
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Producer id.
    #[field(default = -1)]
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Ongoing txn producer id; since version 6.
    #[field(versions = 6.., default = -1)]
    pub ongoing_txn_producer_id: i64,
    /// Ongoing txn producer epoch; since version 6.
    #[field(versions = 6.., default = -1)]
    pub ongoing_txn_producer_epoch: i16,
}
