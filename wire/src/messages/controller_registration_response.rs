// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ControllerRegistration response (key 70), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ControllerRegistration response (key 70), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct ControllerRegistrationResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
