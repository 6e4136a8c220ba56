// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterPartitionReassignments request (key 45), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// AlterPartitionReassignments request (key 45), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterPartitionReassignments, versions = 0..=1, flexible = 0, response = crate::messages::alter_partition_reassignments_response::AlterPartitionReassignmentsResponse)]
pub struct AlterPartitionReassignmentsRequest {
    /// Timeout, in milliseconds.
    #[field(default = 60000)]
    pub timeout_ms: i32,
    /// Allow replication factor change; since version 1.
    #[field(versions = 1.., default = true)]
    pub allow_replication_factor_change: bool,
    /// Topics.
    pub topics: Vec<ReassignableTopic>,
}

/// Part of [`AlterPartitionReassignmentsRequest`]: reassignable topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignableTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<ReassignablePartition>,
}

/// Part of [`AlterPartitionReassignmentsRequest`]: reassignable partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignablePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Replicas.
    #[field(nullable)]
    pub replicas: Option<Vec<i32>>,
}
