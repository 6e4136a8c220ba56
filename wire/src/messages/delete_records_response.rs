// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteRecords response (key 21), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DeleteRecords response (key 21), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct DeleteRecordsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<DeleteRecordsTopicResult>,
}

/// Part of [`DeleteRecordsResponse`]: delete records topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsTopicResult {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

/// Part of [`DeleteRecordsResponse`]: delete records partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsPartitionResult {
    /// Partition index.
    pub partition_index: i32,
    /// Low watermark.
    pub low_watermark: i64,
    /// Error code.
    pub error_code: ErrorCode,
}
