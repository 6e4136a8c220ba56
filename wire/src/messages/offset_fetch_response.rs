// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetFetch response (key 9), versions 1–10.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// OffsetFetch response (key 9), versions 1–10.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=10, flexible = 6)]
pub struct OffsetFetchResponse {
    /// Throttle time, in milliseconds; since version 3.
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    /// Topics; versions 0–7.
    #[field(versions = 0..=7)]
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// Error code; versions 2–7.
    #[field(versions = 2..=7, ignorable)]
    pub error_code: ErrorCode,
    /// Groups; since version 8.
    #[field(versions = 8..)]
    pub groups: Vec<OffsetFetchResponseGroup>,
}

/// Part of [`OffsetFetchResponse`]: offset fetch response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseTopic {
    /// Name; versions 0–7.
    #[field(versions = 0..=7)]
    pub name: Str,
    /// Partitions; versions 0–7.
    #[field(versions = 0..=7)]
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

/// Part of [`OffsetFetchResponse`]: offset fetch response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponsePartition {
    /// Partition index; versions 0–7.
    #[field(versions = 0..=7)]
    pub partition_index: i32,
    /// Committed offset; versions 0–7.
    #[field(versions = 0..=7)]
    pub committed_offset: i64,
    /// Committed leader epoch; versions 5–7.
    #[field(versions = 5..=7, ignorable, default = -1)]
    pub committed_leader_epoch: i32,
    /// Metadata; versions 0–7.
    #[field(versions = 0..=7, nullable = 0..=7)]
    pub metadata: Option<Str>,
    /// Error code; versions 0–7.
    #[field(versions = 0..=7)]
    pub error_code: ErrorCode,
}

/// Part of [`OffsetFetchResponse`]: offset fetch response group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseGroup {
    /// Group id; since version 8.
    #[field(versions = 8..)]
    pub group_id: Str,
    /// Topics; since version 8.
    #[field(versions = 8..)]
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// Error code; since version 8.
    #[field(versions = 8..)]
    pub error_code: ErrorCode,
}

/// Part of [`OffsetFetchResponse`]: offset fetch response topics.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponseTopics {
    /// Name; versions 8–9.
    #[field(versions = 8..=9, ignorable)]
    pub name: Str,
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions; since version 8.
    #[field(versions = 8..)]
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

/// Part of [`OffsetFetchResponse`]: offset fetch response partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetFetchResponsePartitions {
    /// Partition index; since version 8.
    #[field(versions = 8..)]
    pub partition_index: i32,
    /// Committed offset; since version 8.
    #[field(versions = 8..)]
    pub committed_offset: i64,
    /// Committed leader epoch; since version 8.
    #[field(versions = 8.., ignorable, default = -1)]
    pub committed_leader_epoch: i32,
    /// Metadata; since version 8.
    #[field(versions = 8.., nullable = 8..)]
    pub metadata: Option<Str>,
    /// Error code; since version 8.
    #[field(versions = 8..)]
    pub error_code: ErrorCode,
}
