// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddRaftVoter response (key 80), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AddRaftVoter response (key 80), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct AddRaftVoterResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable, ignorable)]
    pub error_message: Option<Str>,
}
