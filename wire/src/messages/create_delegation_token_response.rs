// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateDelegationToken response (key 38), versions 0–3.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// CreateDelegationToken response (key 38), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct CreateDelegationTokenResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Principal type.
    pub principal_type: Str,
    /// Principal name.
    pub principal_name: Str,
    /// Token requester principal type; since version 3.
    #[field(versions = 3..)]
    pub token_requester_principal_type: Str,
    /// Token requester principal name; since version 3.
    #[field(versions = 3..)]
    pub token_requester_principal_name: Str,
    /// Issue timestamp, in milliseconds.
    pub issue_timestamp_ms: i64,
    /// Expiry timestamp, in milliseconds.
    pub expiry_timestamp_ms: i64,
    /// Max timestamp, in milliseconds.
    pub max_timestamp_ms: i64,
    /// Token id.
    pub token_id: Str,
    /// Hmac.
    pub hmac: Bytes,
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
}
