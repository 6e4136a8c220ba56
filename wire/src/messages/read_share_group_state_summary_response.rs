// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ReadShareGroupStateSummary response (key 87), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ReadShareGroupStateSummary response (key 87), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct ReadShareGroupStateSummaryResponse {
    /// Results.
    pub results: Vec<ReadStateSummaryResult>,
}

/// Part of [`ReadShareGroupStateSummaryResponse`]: read state summary result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReadStateSummaryResult {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Part of [`ReadShareGroupStateSummaryResponse`]: partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionResult {
    /// Partition.
    pub partition: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// State epoch.
    pub state_epoch: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Start offset.
    pub start_offset: i64,
    /// Delivery complete count; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub delivery_complete_count: i32,
}
