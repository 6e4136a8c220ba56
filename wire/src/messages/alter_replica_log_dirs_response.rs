// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterReplicaLogDirs response (key 34), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AlterReplicaLogDirs response (key 34), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct AlterReplicaLogDirsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<AlterReplicaLogDirTopicResult>,
}

/// Part of [`AlterReplicaLogDirsResponse`]: alter replica log dir topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirTopicResult {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<AlterReplicaLogDirPartitionResult>,
}

/// Part of [`AlterReplicaLogDirsResponse`]: alter replica log dir partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterReplicaLogDirPartitionResult {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
