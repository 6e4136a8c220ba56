// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! TransactionLogValue (type 0), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// TransactionLogValue (type 0), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=1, flexible = 1)]
pub struct TransactionLogValue {
    /// Producer id.
    pub producer_id: i64,
    /// Previous producer id; since version 1.
    #[field(versions = 1.., tag = 0, default = -1)]
    pub previous_producer_id: i64,
    /// Next producer id; since version 1.
    #[field(versions = 1.., tag = 1, default = -1)]
    pub next_producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Next producer epoch; since version 1.
    #[field(versions = 1.., tag = 3, default = -1)]
    pub next_producer_epoch: i16,
    /// Transaction timeout, in milliseconds.
    pub transaction_timeout_ms: i32,
    /// Transaction status.
    pub transaction_status: i8,
    /// Transaction partitions.
    #[field(nullable)]
    pub transaction_partitions: Option<Vec<PartitionsSchema>>,
    /// Transaction last update timestamp, in milliseconds.
    pub transaction_last_update_timestamp_ms: i64,
    /// Transaction start timestamp, in milliseconds.
    pub transaction_start_timestamp_ms: i64,
    /// Client transaction version; since version 1.
    #[field(versions = 1.., tag = 2)]
    pub client_transaction_version: i16,
}

/// Part of [`TransactionLogValue`]: partitions schema.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionsSchema {
    /// Topic.
    pub topic: Str,
    /// Partition ids.
    pub partition_ids: Vec<i32>,
}
