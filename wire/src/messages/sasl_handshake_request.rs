// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SaslHandshake request (key 17), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// SaslHandshake request (key 17), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = SaslHandshake, versions = 0..=1, response = crate::messages::sasl_handshake_response::SaslHandshakeResponse)]
pub struct SaslHandshakeRequest {
    /// Mechanism.
    pub mechanism: Str,
}
