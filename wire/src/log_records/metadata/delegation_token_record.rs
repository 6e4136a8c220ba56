// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DelegationTokenRecord (type 10), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DelegationTokenRecord (type 10), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct DelegationTokenRecord {
    /// Owner.
    pub owner: Str,
    /// Requester.
    pub requester: Str,
    /// Renewers.
    pub renewers: Vec<Str>,
    /// Issue timestamp.
    pub issue_timestamp: i64,
    /// Max timestamp.
    pub max_timestamp: i64,
    /// Expiration timestamp.
    pub expiration_timestamp: i64,
    /// Token id.
    pub token_id: Str,
}
