// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ReadShareGroupState response (key 84), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ReadShareGroupState response (key 84), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct ReadShareGroupStateResponse {
    /// Results.
    pub results: Vec<ReadStateResult>,
}

/// Part of [`ReadShareGroupStateResponse`]: read state result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReadStateResult {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Part of [`ReadShareGroupStateResponse`]: partition result.
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
    /// Start offset.
    pub start_offset: i64,
    /// State batches.
    pub state_batches: Vec<StateBatch>,
}

/// Part of [`ReadShareGroupStateResponse`]: state batch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct StateBatch {
    /// First offset.
    pub first_offset: i64,
    /// Last offset.
    pub last_offset: i64,
    /// Delivery state.
    pub delivery_state: i8,
    /// Delivery count.
    pub delivery_count: i16,
}
