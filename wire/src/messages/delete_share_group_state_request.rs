// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteShareGroupState request (key 86), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// DeleteShareGroupState request (key 86), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteShareGroupState, versions = 0..=0, flexible = 0, response = crate::messages::delete_share_group_state_response::DeleteShareGroupStateResponse)]
pub struct DeleteShareGroupStateRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<DeleteStateData>,
}

/// Part of [`DeleteShareGroupStateRequest`]: delete state data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteStateData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`DeleteShareGroupStateRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition.
    pub partition: i32,
}
