// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! EndQuorumEpoch response (key 54), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// EndQuorumEpoch response (key 54), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 1)]
pub struct EndQuorumEpochResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Topics.
    pub topics: Vec<TopicData>,
    /// Node endpoints; since version 1.
    #[field(versions = 1.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`EndQuorumEpochResponse`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`EndQuorumEpochResponse`]: partition data.
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
}

/// Part of [`EndQuorumEpochResponse`]: node endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    /// Node id; since version 1.
    #[field(versions = 1..)]
    pub node_id: i32,
    /// Host; since version 1.
    #[field(versions = 1..)]
    pub host: Str,
    /// Port; since version 1.
    #[field(versions = 1..)]
    pub port: u16,
}
