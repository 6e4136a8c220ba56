// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BrokerHeartbeat response (key 63), versions 0–2.

use crate::Message;
use ottla_types::ErrorCode;

/// BrokerHeartbeat response (key 63), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 0)]
pub struct BrokerHeartbeatResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Is caught up.
    pub is_caught_up: bool,
    /// Is fenced.
    #[field(default = true)]
    pub is_fenced: bool,
    /// Should shut down.
    pub should_shut_down: bool,
}
