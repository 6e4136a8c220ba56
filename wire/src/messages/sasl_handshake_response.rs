// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SaslHandshake response (key 17), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// SaslHandshake response (key 17), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1)]
pub struct SaslHandshakeResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Mechanisms.
    pub mechanisms: Vec<Str>,
}
