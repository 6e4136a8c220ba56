// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListPartitionReassignments request (key 46), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ListPartitionReassignments request (key 46), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ListPartitionReassignments, versions = 0..=0, flexible = 0, response = crate::messages::list_partition_reassignments_response::ListPartitionReassignmentsResponse)]
pub struct ListPartitionReassignmentsRequest {
    /// Timeout, in milliseconds.
    #[field(default = 60000)]
    pub timeout_ms: i32,
    /// Topics.
    #[field(nullable)]
    pub topics: Option<Vec<ListPartitionReassignmentsTopics>>,
}

/// Part of [`ListPartitionReassignmentsRequest`]: list partition reassignments topics.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListPartitionReassignmentsTopics {
    /// Name.
    pub name: Str,
    /// Partition indexes.
    pub partition_indexes: Vec<i32>,
}
