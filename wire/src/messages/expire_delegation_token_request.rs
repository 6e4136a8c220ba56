// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ExpireDelegationToken request (key 40), versions 0–2.

use crate::Message;
use bytes::Bytes;

/// ExpireDelegationToken request (key 40), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ExpireDelegationToken, versions = 0..=2, flexible = 2, response = crate::messages::expire_delegation_token_response::ExpireDelegationTokenResponse)]
pub struct ExpireDelegationTokenRequest {
    /// Hmac.
    pub hmac: Bytes,
    /// Expiry time period, in milliseconds.
    pub expiry_time_period_ms: i64,
}
