// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AddPartitionsToTxn response (key 24), versions 0–5.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AddPartitionsToTxn response (key 24), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 3)]
pub struct AddPartitionsToTxnResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code; since version 4.
    #[field(versions = 4.., ignorable)]
    pub error_code: ErrorCode,
    /// Results by transaction; since version 4.
    #[field(versions = 4..)]
    pub results_by_transaction: Vec<AddPartitionsToTxnResult>,
    /// Results by topic v3 and below; versions 0–3.
    #[field(versions = 0..=3)]
    pub results_by_topic_v3_and_below: Vec<AddPartitionsToTxnTopicResult>,
}

/// Part of [`AddPartitionsToTxnResponse`]: add partitions to txn topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AddPartitionsToTxnTopicResult {
    /// Name.
    pub name: Str,
    /// Results by partition.
    pub results_by_partition: Vec<AddPartitionsToTxnPartitionResult>,
}

/// Part of [`AddPartitionsToTxnResponse`]: add partitions to txn partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AddPartitionsToTxnPartitionResult {
    /// Partition index.
    pub partition_index: i32,
    /// Partition error code.
    pub partition_error_code: ErrorCode,
}

/// Part of [`AddPartitionsToTxnResponse`]: add partitions to txn result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AddPartitionsToTxnResult {
    /// Transactional id; since version 4.
    #[field(versions = 4..)]
    pub transactional_id: Str,
    /// Topic results; since version 4.
    #[field(versions = 4..)]
    pub topic_results: Vec<AddPartitionsToTxnTopicResult>,
}
