// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterPartitionReassignments response (key 45), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// AlterPartitionReassignments response (key 45), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct AlterPartitionReassignmentsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Allow replication factor change; since version 1.
    #[field(versions = 1.., ignorable, default = true)]
    pub allow_replication_factor_change: bool,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Responses.
    pub responses: Vec<ReassignableTopicResponse>,
}

/// Part of [`AlterPartitionReassignmentsResponse`]: reassignable topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignableTopicResponse {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<ReassignablePartitionResponse>,
}

/// Part of [`AlterPartitionReassignmentsResponse`]: reassignable partition response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReassignablePartitionResponse {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
