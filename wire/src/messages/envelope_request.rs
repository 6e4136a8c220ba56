// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Envelope request (key 58), versions 0–0.

use crate::Message;
use bytes::Bytes;

/// Envelope request (key 58), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Envelope, versions = 0..=0, flexible = 0, response = crate::messages::envelope_response::EnvelopeResponse)]
pub struct EnvelopeRequest {
    /// Request data.
    pub request_data: Bytes,
    /// Request principal.
    #[field(nullable)]
    pub request_principal: Option<Bytes>,
    /// Client host address.
    pub client_host_address: Bytes,
}
