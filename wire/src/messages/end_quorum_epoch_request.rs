// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! EndQuorumEpoch request (key 54), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// EndQuorumEpoch request (key 54), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = EndQuorumEpoch, versions = 0..=1, flexible = 1, response = crate::messages::end_quorum_epoch_response::EndQuorumEpochResponse)]
pub struct EndQuorumEpochRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Topics.
    pub topics: Vec<TopicData>,
    /// Leader endpoints; since version 1.
    #[field(versions = 1.., ignorable)]
    pub leader_endpoints: Vec<LeaderEndpoint>,
}

/// Part of [`EndQuorumEpochRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`EndQuorumEpochRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Preferred successors; versions 0–0.
    #[field(versions = 0..=0, ignorable)]
    pub preferred_successors: Vec<i32>,
    /// Preferred candidates; since version 1.
    #[field(versions = 1.., ignorable)]
    pub preferred_candidates: Vec<ReplicaInfo>,
}

/// Part of [`EndQuorumEpochRequest`]: replica info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaInfo {
    /// Candidate id; since version 1.
    #[field(versions = 1..)]
    pub candidate_id: i32,
    /// Candidate directory id; since version 1.
    #[field(versions = 1..)]
    pub candidate_directory_id: Uuid,
}

/// Part of [`EndQuorumEpochRequest`]: leader endpoint.
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
