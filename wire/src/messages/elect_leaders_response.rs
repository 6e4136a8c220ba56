// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ElectLeaders response (key 43), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ElectLeaders response (key 43), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct ElectLeadersResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code; since version 1.
    #[field(versions = 1..)]
    pub error_code: ErrorCode,
    /// Replica election results.
    pub replica_election_results: Vec<ReplicaElectionResult>,
}

/// Part of [`ElectLeadersResponse`]: replica election result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaElectionResult {
    /// Topic.
    pub topic: Str,
    /// Partition result.
    pub partition_result: Vec<PartitionResult>,
}

/// Part of [`ElectLeadersResponse`]: partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionResult {
    /// Partition id.
    pub partition_id: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
