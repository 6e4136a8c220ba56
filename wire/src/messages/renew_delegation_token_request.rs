// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RenewDelegationToken request (key 39), versions 0–2.

use crate::Message;
use bytes::Bytes;

/// RenewDelegationToken request (key 39), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = RenewDelegationToken, versions = 0..=2, flexible = 2, response = crate::messages::renew_delegation_token_response::RenewDelegationTokenResponse)]
pub struct RenewDelegationTokenRequest {
    /// Hmac.
    pub hmac: Bytes,
    /// Renew period, in milliseconds.
    pub renew_period_ms: i64,
}
