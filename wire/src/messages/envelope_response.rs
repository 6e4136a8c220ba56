// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Envelope response (key 58), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::ErrorCode;

/// Envelope response (key 58), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct EnvelopeResponse {
    /// Response data.
    #[field(nullable)]
    pub response_data: Option<Bytes>,
    /// Error code.
    pub error_code: ErrorCode,
}
