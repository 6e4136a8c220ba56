// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterShareGroupOffsets response (key 91), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// AlterShareGroupOffsets response (key 91), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct AlterShareGroupOffsetsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Responses.
    pub responses: Vec<AlterShareGroupOffsetsResponseTopic>,
}

/// Part of [`AlterShareGroupOffsetsResponse`]: alter share group offsets response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsResponseTopic {
    /// Topic name.
    pub topic_name: Str,
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<AlterShareGroupOffsetsResponsePartition>,
}

/// Part of [`AlterShareGroupOffsetsResponse`]: alter share group offsets response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsResponsePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
