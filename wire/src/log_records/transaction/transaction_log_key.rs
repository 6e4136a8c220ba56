// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! TransactionLogKey (type 0), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// TransactionLogKey (type 0), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct TransactionLogKey {
    /// Transactional id; versions 0–0.
    pub transactional_id: Str,
}
