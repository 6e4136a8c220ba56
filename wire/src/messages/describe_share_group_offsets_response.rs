// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeShareGroupOffsets response (key 90), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DescribeShareGroupOffsets response (key 90), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct DescribeShareGroupOffsetsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Groups.
    pub groups: Vec<DescribeShareGroupOffsetsResponseGroup>,
}

/// Part of [`DescribeShareGroupOffsetsResponse`]: describe share group offsets response group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponseGroup {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<DescribeShareGroupOffsetsResponseTopic>,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}

/// Part of [`DescribeShareGroupOffsetsResponse`]: describe share group offsets response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponseTopic {
    /// Topic name.
    pub topic_name: Str,
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<DescribeShareGroupOffsetsResponsePartition>,
}

/// Part of [`DescribeShareGroupOffsetsResponse`]: describe share group offsets response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsResponsePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Start offset.
    pub start_offset: i64,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Lag; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub lag: i64,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
