// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! InitializeShareGroupState request (key 83), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// InitializeShareGroupState request (key 83), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = InitializeShareGroupState, versions = 0..=0, flexible = 0, response = crate::messages::initialize_share_group_state_response::InitializeShareGroupStateResponse)]
pub struct InitializeShareGroupStateRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<InitializeStateData>,
}

/// Part of [`InitializeShareGroupStateRequest`]: initialize state data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct InitializeStateData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`InitializeShareGroupStateRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition.
    pub partition: i32,
    /// State epoch.
    pub state_epoch: i32,
    /// Start offset.
    pub start_offset: i64,
}
