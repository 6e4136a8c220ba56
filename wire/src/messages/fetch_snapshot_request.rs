// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! FetchSnapshot request (key 59), versions 0–1.

use crate::Message;
use ottla_types::{Str, Uuid};

/// FetchSnapshot request (key 59), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = FetchSnapshot, versions = 0..=1, flexible = 0, response = crate::messages::fetch_snapshot_response::FetchSnapshotResponse)]
pub struct FetchSnapshotRequest {
    /// Cluster id.
    #[field(nullable, tag = 0, tagged = 0..)]
    pub cluster_id: Option<Str>,
    /// Replica id.
    #[field(default = -1)]
    pub replica_id: i32,
    /// Max bytes.
    #[field(default = 0x7fffffff)]
    pub max_bytes: i32,
    /// Topics.
    pub topics: Vec<TopicSnapshot>,
}

/// Part of [`FetchSnapshotRequest`]: topic snapshot.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicSnapshot {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionSnapshot>,
}

/// Part of [`FetchSnapshotRequest`]: partition snapshot.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionSnapshot {
    /// Partition.
    pub partition: i32,
    /// Current leader epoch.
    pub current_leader_epoch: i32,
    /// Snapshot id.
    pub snapshot_id: SnapshotId,
    /// Position.
    pub position: i64,
    /// Replica directory id; since version 1.
    #[field(versions = 1.., tag = 0, ignorable)]
    pub replica_directory_id: Uuid,
}

/// Part of [`FetchSnapshotRequest`]: snapshot id.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SnapshotId {
    /// End offset.
    pub end_offset: i64,
    /// Epoch.
    pub epoch: i32,
}
