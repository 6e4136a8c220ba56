// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SaslAuthenticate response (key 36), versions 0–2.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// SaslAuthenticate response (key 36), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct SaslAuthenticateResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Auth bytes.
    pub auth_bytes: Bytes,
    /// Session lifetime, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub session_lifetime_ms: i64,
}
