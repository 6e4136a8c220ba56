// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! EndTxn request (key 26), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// EndTxn request (key 26), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = EndTxn, versions = 0..=5, flexible = 3, response = crate::messages::end_txn_response::EndTxnResponse)]
pub struct EndTxnRequest {
    /// Transactional id.
    pub transactional_id: Str,
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Committed.
    pub committed: bool,
}
