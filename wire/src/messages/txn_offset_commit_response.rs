// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! TxnOffsetCommit response (key 28), versions 0–5.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// TxnOffsetCommit response (key 28), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 3)]
pub struct TxnOffsetCommitResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<TxnOffsetCommitResponseTopic>,
}

/// Part of [`TxnOffsetCommitResponse`]: txn offset commit response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitResponseTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<TxnOffsetCommitResponsePartition>,
}

/// Part of [`TxnOffsetCommitResponse`]: txn offset commit response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitResponsePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
