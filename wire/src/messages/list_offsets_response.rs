// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListOffsets response (key 2), versions 0–11.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ListOffsets response (key 2), versions 0–11.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=11, flexible = 6)]
pub struct ListOffsetsResponse {
    /// Throttle time, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<ListOffsetsTopicResponse>,
}

/// Part of [`ListOffsetsResponse`]: list offsets topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsTopicResponse {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

/// Part of [`ListOffsetsResponse`]: list offsets partition response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsPartitionResponse {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Old style offsets; versions 0–0.
    #[field(versions = 0..=0, ignorable)]
    pub old_style_offsets: Vec<i64>,
    /// Timestamp; since version 1.
    #[field(versions = 1.., default = -1)]
    pub timestamp: i64,
    /// Offset; since version 1.
    #[field(versions = 1.., default = -1)]
    pub offset: i64,
    /// Leader epoch; since version 4.
    #[field(versions = 4.., default = -1)]
    pub leader_epoch: i32,
}
