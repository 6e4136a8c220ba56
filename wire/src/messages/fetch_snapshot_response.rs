// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! FetchSnapshot response (key 59), versions 0–1.

use crate::{Message, Records};
use ottla_types::{ErrorCode, Str};

/// FetchSnapshot response (key 59), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct FetchSnapshotResponse {
    /// Throttle time, in milliseconds.
    #[field(ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Topics.
    pub topics: Vec<TopicSnapshot>,
    /// Node endpoints; since version 1.
    #[field(versions = 1.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`FetchSnapshotResponse`]: topic snapshot.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicSnapshot {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionSnapshot>,
}

/// Part of [`FetchSnapshotResponse`]: partition snapshot.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionSnapshot {
    /// Index.
    pub index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Snapshot id.
    pub snapshot_id: SnapshotId,
    /// Current leader.
    #[field(tag = 0, tagged = 0..)]
    pub current_leader: LeaderIdAndEpoch,
    /// Size.
    pub size: i64,
    /// Position.
    pub position: i64,
    /// Unaligned records.
    pub unaligned_records: Records,
}

/// Part of [`FetchSnapshotResponse`]: snapshot id.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SnapshotId {
    /// End offset.
    pub end_offset: i64,
    /// Epoch.
    pub epoch: i32,
}

/// Part of [`FetchSnapshotResponse`]: leader id and epoch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}

/// Part of [`FetchSnapshotResponse`]: node endpoint.
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
