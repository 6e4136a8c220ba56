// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoveDelegationTokenRecord (type 26), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// RemoveDelegationTokenRecord (type 26), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoveDelegationTokenRecord {
    /// Token id.
    pub token_id: Str,
}
