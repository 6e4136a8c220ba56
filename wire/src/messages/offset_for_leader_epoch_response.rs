// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetForLeaderEpoch response (key 23), versions 0–4.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// OffsetForLeaderEpoch response (key 23), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=4, flexible = 4)]
pub struct OffsetForLeaderEpochResponse {
    /// Throttle time, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

/// Part of [`OffsetForLeaderEpochResponse`]: offset for leader topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderTopicResult {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<EpochEndOffset>,
}

/// Part of [`OffsetForLeaderEpochResponse`]: epoch end offset.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EpochEndOffset {
    /// Error code.
    pub error_code: ErrorCode,
    /// Partition.
    pub partition: i32,
    /// Leader epoch; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub leader_epoch: i32,
    /// End offset.
    #[field(default = -1)]
    pub end_offset: i64,
}
