// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetCommit response (key 8), versions 1–10.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// OffsetCommit response (key 8), versions 1–10.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=10, flexible = 8)]
pub struct OffsetCommitResponse {
    /// Throttle time, in milliseconds; since version 3.
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<OffsetCommitResponseTopic>,
}

/// Part of [`OffsetCommitResponse`]: offset commit response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitResponseTopic {
    /// Name; versions 0–9.
    #[field(versions = 0..=9, ignorable)]
    pub name: Str,
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

/// Part of [`OffsetCommitResponse`]: offset commit response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitResponsePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
