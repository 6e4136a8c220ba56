// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BeginQuorumEpoch request (key 53), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// BeginQuorumEpoch request (key 53), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = BeginQuorumEpoch, versions = 0..=1, flexible = 1, response = crate::messages::begin_quorum_epoch_response::BeginQuorumEpochResponse)]
pub struct BeginQuorumEpochRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Voter id; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub voter_id: i32,
    /// Topics.
    pub topics: Vec<TopicData>,
    /// Leader endpoints; since version 1.
    #[field(versions = 1.., ignorable)]
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

/// Part of [`BeginQuorumEpochRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`BeginQuorumEpochRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Voter directory id; since version 1.
    #[field(versions = 1.., ignorable)]
    pub voter_directory_id: Uuid,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}

/// Part of [`BeginQuorumEpochRequest`]: leader endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderEndpoint {
    /// Name; since version 1.
    #[field(versions = 1..)]
    pub name: Str,
    /// Host; since version 1.
    #[field(versions = 1..)]
    pub host: Str,
    /// Port; since version 1.
    #[field(versions = 1..)]
    pub port: u16,
}
