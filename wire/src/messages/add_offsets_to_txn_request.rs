// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddOffsetsToTxn request (key 25), versions 0–4.

use crate::Message;
use ottla_types::Str;

/// AddOffsetsToTxn request (key 25), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AddOffsetsToTxn, versions = 0..=4, flexible = 3, response = crate::messages::add_offsets_to_txn_response::AddOffsetsToTxnResponse)]
pub struct AddOffsetsToTxnRequest {
    /// Transactional id.
    pub transactional_id: Str,
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Group id.
    pub group_id: Str,
}
