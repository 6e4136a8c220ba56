// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AssignReplicasToDirs request (key 73), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// AssignReplicasToDirs request (key 73), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AssignReplicasToDirs, versions = 0..=0, flexible = 0, response = crate::messages::assign_replicas_to_dirs_response::AssignReplicasToDirsResponse)]
pub struct AssignReplicasToDirsRequest {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
    /// Directories.
    pub directories: Vec<DirectoryData>,
}

/// Part of [`AssignReplicasToDirsRequest`]: directory data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DirectoryData {
    /// Id.
    pub id: Uuid,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`AssignReplicasToDirsRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`AssignReplicasToDirsRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
}
