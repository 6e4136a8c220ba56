// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Fetch request (key 1), versions 0–18.

use crate::Message;
use ottla_types::{Str, Uuid};

/// Fetch request (key 1), versions 0–18.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Fetch, versions = 0..=18, flexible = 12, response = crate::messages::fetch_response::FetchResponse)]
pub struct FetchRequest {
    /// Cluster id; since version 12.
    #[field(versions = 12.., nullable = 12.., tag = 0, ignorable)]
    pub cluster_id: Option<Str>,
    /// Replica id; versions 0–14.
    #[field(versions = 0..=14, default = -1)]
    pub replica_id: i32,
    /// Replica state; since version 15.
    #[field(versions = 15.., tag = 1)]
    pub replica_state: ReplicaState,
    /// Max wait, in milliseconds.
    pub max_wait_ms: i32,
    /// Min bytes.
    pub min_bytes: i32,
    /// Max bytes; since version 3.
    #[field(versions = 3.., ignorable, default = 0x7fffffff)]
    pub max_bytes: i32,
    /// Isolation level; since version 4.
    #[field(versions = 4.., ignorable)]
    pub isolation_level: i8,
    /// Session id; since version 7.
    #[field(versions = 7.., ignorable)]
    pub session_id: i32,
    /// Session epoch; since version 7.
    #[field(versions = 7.., ignorable, default = -1)]
    pub session_epoch: i32,
    /// Topics.
    pub topics: Vec<FetchTopic>,
    /// Forgotten topics data; since version 7.
    #[field(versions = 7..)]
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Rack id; since version 11.
    #[field(versions = 11.., ignorable)]
    pub rack_id: Str,
}

/// Part of [`FetchRequest`]: replica state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaState {
    /// Replica id; since version 15.
    #[field(versions = 15.., default = -1)]
    pub replica_id: i32,
    /// Replica epoch; since version 15.
    #[field(versions = 15.., default = -1)]
    pub replica_epoch: i64,
}

/// Part of [`FetchRequest`]: fetch topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchTopic {
    /// Topic; versions 0–12.
    #[field(versions = 0..=12, ignorable)]
    pub topic: Str,
    /// Topic id; since version 13.
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<FetchPartition>,
}

/// Part of [`FetchRequest`]: fetch partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchPartition {
    /// Partition.
    pub partition: i32,
    /// Current leader epoch; since version 9.
    #[field(versions = 9.., ignorable, default = -1)]
    pub current_leader_epoch: i32,
    /// Fetch offset.
    pub fetch_offset: i64,
    /// Last fetched epoch; since version 12.
    #[field(versions = 12.., default = -1)]
    pub last_fetched_epoch: i32,
    /// Log start offset; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub log_start_offset: i64,
    /// Partition max bytes.
    pub partition_max_bytes: i32,
    /// Replica directory id; since version 17.
    #[field(versions = 17.., tag = 0, ignorable)]
    pub replica_directory_id: Uuid,
    /// High watermark; since version 18.
    #[field(versions = 18.., tag = 1, ignorable, default = 9223372036854775807)]
    pub high_watermark: i64,
}

/// Part of [`FetchRequest`]: forgotten topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ForgottenTopic {
    /// Topic; versions 7–12.
    #[field(versions = 7..=12, ignorable)]
    pub topic: Str,
    /// Topic id; since version 13.
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions; since version 7.
    #[field(versions = 7..)]
    pub partitions: Vec<i32>,
}
