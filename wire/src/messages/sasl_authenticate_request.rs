// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SaslAuthenticate request (key 36), versions 0–2.

use crate::Message;
use bytes::Bytes;

/// SaslAuthenticate request (key 36), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = SaslAuthenticate, versions = 0..=2, flexible = 2, response = crate::messages::sasl_authenticate_response::SaslAuthenticateResponse)]
pub struct SaslAuthenticateRequest {
    /// Auth bytes.
    pub auth_bytes: Bytes,
}
