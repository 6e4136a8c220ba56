// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddPartitionsToTxn request (key 24), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// AddPartitionsToTxn request (key 24), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AddPartitionsToTxn, versions = 0..=5, flexible = 3, response = crate::messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse)]
pub struct AddPartitionsToTxnRequest {
    /// Transactions; since version 4.
    #[field(versions = 4..)]
    pub transactions: Vec<AddPartitionsToTxnTransaction>,
    /// V3 and below transactional id; versions 0–3.
    #[field(versions = 0..=3)]
    pub v3_and_below_transactional_id: Str,
    /// V3 and below producer id; versions 0–3.
    #[field(versions = 0..=3)]
    pub v3_and_below_producer_id: i64,
    /// V3 and below producer epoch; versions 0–3.
    #[field(versions = 0..=3)]
    pub v3_and_below_producer_epoch: i16,
    /// V3 and below topics; versions 0–3.
    #[field(versions = 0..=3)]
    pub v3_and_below_topics: Vec<AddPartitionsToTxnTopic>,
}

/// Part of [`AddPartitionsToTxnRequest`]: add partitions to txn topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AddPartitionsToTxnTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`AddPartitionsToTxnRequest`]: add partitions to txn transaction.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AddPartitionsToTxnTransaction {
    /// Transactional id; since version 4.
    #[field(versions = 4..)]
    pub transactional_id: Str,
    /// Producer id; since version 4.
    #[field(versions = 4..)]
    pub producer_id: i64,
    /// Producer epoch; since version 4.
    #[field(versions = 4..)]
    pub producer_epoch: i16,
    /// Verify only; since version 4.
    #[field(versions = 4..)]
    pub verify_only: bool,
    /// Topics; since version 4.
    #[field(versions = 4..)]
    pub topics: Vec<AddPartitionsToTxnTopic>,
}
