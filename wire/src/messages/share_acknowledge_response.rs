// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareAcknowledge response (key 79), versions 1–2.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ShareAcknowledge response (key 79), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=2, flexible = 0)]
pub struct ShareAcknowledgeResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Acquisition lock timeout, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable)]
    pub acquisition_lock_timeout_ms: i32,
    /// Responses.
    pub responses: Vec<ShareAcknowledgeTopicResponse>,
    /// Node endpoints.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`ShareAcknowledgeResponse`]: share acknowledge topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ShareAcknowledgeTopicResponse {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ShareAcknowledgeResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Current leader.
    pub current_leader: LeaderIdAndEpoch,
}

/// Part of [`ShareAcknowledgeResponse`]: leader id and epoch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}

/// Part of [`ShareAcknowledgeResponse`]: node endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    /// Node id.
    pub node_id: i32,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: i32,
    /// Rack.
    #[field(nullable)]
    pub rack: Option<Str>,
}
