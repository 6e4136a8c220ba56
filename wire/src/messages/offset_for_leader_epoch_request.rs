// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetForLeaderEpoch request (key 23), versions 0–4.

use crate::Message;
use ottla_types::Str;

/// OffsetForLeaderEpoch request (key 23), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = OffsetForLeaderEpoch, versions = 0..=4, flexible = 4, response = crate::messages::offset_for_leader_epoch_response::OffsetForLeaderEpochResponse)]
pub struct OffsetForLeaderEpochRequest {
    /// Replica id; since version 3.
    #[field(versions = 3.., ignorable, default = -2)]
    pub replica_id: i32,
    /// Topics.
    pub topics: Vec<OffsetForLeaderTopic>,
}

/// Part of [`OffsetForLeaderEpochRequest`]: offset for leader topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderTopic {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<OffsetForLeaderPartition>,
}

/// Part of [`OffsetForLeaderEpochRequest`]: offset for leader partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetForLeaderPartition {
    /// Partition.
    pub partition: i32,
    /// Current leader epoch; since version 2.
    #[field(versions = 2.., ignorable, default = -1)]
    pub current_leader_epoch: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}
