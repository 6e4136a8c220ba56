// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeTopicPartitions response (key 75), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DescribeTopicPartitions response (key 75), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DescribeTopicPartitionsResponse {
    /// Throttle time, in milliseconds.
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// Next cursor.
    #[field(nullable)]
    pub next_cursor: Option<Cursor>,
}

/// Part of [`DescribeTopicPartitionsResponse`]: describe topic partitions response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// Error code.
    pub error_code: ErrorCode,
    /// Name.
    #[field(nullable)]
    pub name: Option<Str>,
    /// Topic id.
    #[field(ignorable)]
    pub topic_id: Uuid,
    /// Is internal.
    #[field(ignorable)]
    pub is_internal: bool,
    /// Partitions.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// Topic authorized operations.
    #[field(default = -2147483648)]
    pub topic_authorized_operations: i32,
}

/// Part of [`DescribeTopicPartitionsResponse`]: describe topic partitions response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// Error code.
    pub error_code: ErrorCode,
    /// Partition index.
    pub partition_index: i32,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    #[field(ignorable, default = -1)]
    pub leader_epoch: i32,
    /// Replica nodes.
    pub replica_nodes: Vec<i32>,
    /// Isr nodes.
    pub isr_nodes: Vec<i32>,
    /// Eligible leader replicas.
    #[field(nullable)]
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// Last known elr.
    #[field(nullable)]
    pub last_known_elr: Option<Vec<i32>>,
    /// Offline replicas.
    #[field(ignorable)]
    pub offline_replicas: Vec<i32>,
}

/// Part of [`DescribeTopicPartitionsResponse`]: cursor.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Cursor {
    /// Topic name.
    pub topic_name: Str,
    /// Partition index.
    pub partition_index: i32,
}
