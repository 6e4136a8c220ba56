// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetDelete response (key 47), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// OffsetDelete response (key 47), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0)]
pub struct OffsetDeleteResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Throttle time, in milliseconds.
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

/// Part of [`OffsetDeleteResponse`]: offset delete response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteResponseTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

/// Part of [`OffsetDeleteResponse`]: offset delete response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteResponsePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
