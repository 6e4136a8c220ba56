// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BrokerRegistration response (key 62), versions 0–4.

use crate::Message;
use ottla_types::ErrorCode;

/// BrokerRegistration response (key 62), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 0)]
pub struct BrokerRegistrationResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
}
