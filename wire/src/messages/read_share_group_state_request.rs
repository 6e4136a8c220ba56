// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ReadShareGroupState request (key 84), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ReadShareGroupState request (key 84), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ReadShareGroupState, versions = 0..=0, flexible = 0, response = crate::messages::read_share_group_state_response::ReadShareGroupStateResponse)]
pub struct ReadShareGroupStateRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<ReadStateData>,
}

/// Part of [`ReadShareGroupStateRequest`]: read state data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReadStateData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ReadShareGroupStateRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition.
    pub partition: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}
