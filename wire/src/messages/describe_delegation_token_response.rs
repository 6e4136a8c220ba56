// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeDelegationToken response (key 41), versions 0–3.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// DescribeDelegationToken response (key 41), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=3, flexible = 2)]
pub struct DescribeDelegationTokenResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Tokens.
    pub tokens: Vec<DescribedDelegationToken>,
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
}

/// Part of [`DescribeDelegationTokenResponse`]: described delegation token.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedDelegationToken {
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
    /// Issue timestamp.
    pub issue_timestamp: i64,
    /// Expiry timestamp.
    pub expiry_timestamp: i64,
    /// Max timestamp.
    pub max_timestamp: i64,
    /// Token id.
    pub token_id: Str,
    /// Hmac.
    pub hmac: Bytes,
    /// Renewers.
    pub renewers: Vec<DescribedDelegationTokenRenewer>,
}

/// Part of [`DescribeDelegationTokenResponse`]: described delegation token renewer.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedDelegationTokenRenewer {
    /// Principal type.
    pub principal_type: Str,
    /// Principal name.
    pub principal_name: Str,
}
