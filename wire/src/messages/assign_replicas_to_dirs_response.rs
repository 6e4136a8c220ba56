// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AssignReplicasToDirs response (key 73), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Uuid};

/// AssignReplicasToDirs response (key 73), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct AssignReplicasToDirsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Directories.
    pub directories: Vec<DirectoryData>,
}

/// Part of [`AssignReplicasToDirsResponse`]: directory data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DirectoryData {
    /// Id.
    pub id: Uuid,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`AssignReplicasToDirsResponse`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`AssignReplicasToDirsResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
