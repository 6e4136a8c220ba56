// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListPartitionReassignments response (key 46), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ListPartitionReassignments response (key 46), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct ListPartitionReassignmentsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Topics.
    pub topics: Vec<OngoingTopicReassignment>,
}

/// Part of [`ListPartitionReassignmentsResponse`]: ongoing topic reassignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OngoingTopicReassignment {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<OngoingPartitionReassignment>,
}

/// Part of [`ListPartitionReassignmentsResponse`]: ongoing partition reassignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OngoingPartitionReassignment {
    /// Partition index.
    pub partition_index: i32,
    /// Replicas.
    pub replicas: Vec<i32>,
    /// Adding replicas.
    pub adding_replicas: Vec<i32>,
    /// Removing replicas.
    pub removing_replicas: Vec<i32>,
}
