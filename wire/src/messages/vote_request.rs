// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Vote request (key 52), versions 0–2.

use crate::Message;
use ottla_types::{Str, Uuid};

/// Vote request (key 52), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Vote, versions = 0..=2, flexible = 0, response = crate::messages::vote_response::VoteResponse)]
pub struct VoteRequest {
    /// Cluster id.
    #[field(nullable)]
    pub cluster_id: Option<Str>,
    /// Voter id; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub voter_id: i32,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`VoteRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`VoteRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Replica epoch.
    pub replica_epoch: i32,
    /// Replica id.
    pub replica_id: i32,
    /// Replica directory id; since version 1.
    #[field(versions = 1.., ignorable)]
    pub replica_directory_id: Uuid,
    /// Voter directory id; since version 1.
    #[field(versions = 1.., ignorable)]
    pub voter_directory_id: Uuid,
    /// Last offset epoch.
    pub last_offset_epoch: i32,
    /// Last offset.
    pub last_offset: i64,
    /// Pre vote; since version 2.
    #[field(versions = 2..)]
    pub pre_vote: bool,
}
