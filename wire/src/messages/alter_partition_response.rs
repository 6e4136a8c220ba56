// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterPartition response (key 56), versions 2–3.

use crate::Message;
use ottla_types::{ErrorCode, Uuid};

/// AlterPartition response (key 56), versions 2–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 2..=3, flexible = 0)]
pub struct AlterPartitionResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`AlterPartitionResponse`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic id; since version 2.
    #[field(ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`AlterPartitionResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Isr.
    pub isr: Vec<i32>,
    /// Leader recovery state; since version 1.
    #[field(ignorable)]
    pub leader_recovery_state: i8,
    /// Partition epoch.
    pub partition_epoch: i32,
}
