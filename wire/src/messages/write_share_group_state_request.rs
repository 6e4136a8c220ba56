// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! WriteShareGroupState request (key 85), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// WriteShareGroupState request (key 85), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = WriteShareGroupState, versions = 0..=1, flexible = 0, response = crate::messages::write_share_group_state_response::WriteShareGroupStateResponse)]
pub struct WriteShareGroupStateRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<WriteStateData>,
}

/// Part of [`WriteShareGroupStateRequest`]: write state data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WriteStateData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`WriteShareGroupStateRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition.
    pub partition: i32,
    /// State epoch.
    pub state_epoch: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Start offset.
    pub start_offset: i64,
    /// Delivery complete count; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub delivery_complete_count: i32,
    /// State batches.
    pub state_batches: Vec<StateBatch>,
}

/// Part of [`WriteShareGroupStateRequest`]: state batch.
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
