// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Fetch response (key 1), versions 0–18.

use crate::{Message, Records};
use ottla_types::{ErrorCode, Str, Uuid};

/// Fetch response (key 1), versions 0–18.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=18, flexible = 12)]
pub struct FetchResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code; since version 7.
    #[field(versions = 7.., ignorable)]
    pub error_code: ErrorCode,
    /// Session id; since version 7.
    #[field(versions = 7..)]
    pub session_id: i32,
    /// Responses.
    pub responses: Vec<FetchableTopicResponse>,
    /// Node endpoints; since version 16.
    #[field(versions = 16.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`FetchResponse`]: fetchable topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchableTopicResponse {
    /// Topic; versions 0–12.
    #[field(versions = 0..=12, ignorable)]
    pub topic: Str,
    /// Topic id; since version 13.
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`FetchResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// High watermark.
    pub high_watermark: i64,
    /// Last stable offset; since version 4.
    #[field(versions = 4.., ignorable, default = -1)]
    pub last_stable_offset: i64,
    /// Log start offset; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub log_start_offset: i64,
    /// Diverging epoch; since version 12.
    #[field(versions = 12.., tag = 0)]
    pub diverging_epoch: EpochEndOffset,
    /// Current leader; since version 12.
    #[field(versions = 12.., tag = 1)]
    pub current_leader: LeaderIdAndEpoch,
    /// Snapshot id; since version 12.
    #[field(versions = 12.., tag = 2)]
    pub snapshot_id: SnapshotId,
    /// Aborted transactions; since version 4.
    #[field(versions = 4.., nullable = 4.., ignorable)]
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// Preferred read replica; since version 11.
    #[field(versions = 11.., default = -1)]
    pub preferred_read_replica: i32,
    /// Records.
    #[field(nullable)]
    pub records: Option<Records>,
}

/// Part of [`FetchResponse`]: epoch end offset.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EpochEndOffset {
    /// Epoch; since version 12.
    #[field(versions = 12.., default = -1)]
    pub epoch: i32,
    /// End offset; since version 12.
    #[field(versions = 12.., default = -1)]
    pub end_offset: i64,
}

/// Part of [`FetchResponse`]: leader id and epoch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    /// Leader id; since version 12.
    #[field(versions = 12.., default = -1)]
    pub leader_id: i32,
    /// Leader epoch; since version 12.
    #[field(versions = 12.., default = -1)]
    pub leader_epoch: i32,
}

/// Part of [`FetchResponse`]: snapshot id.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SnapshotId {
    /// End offset.
    #[field(default = -1)]
    pub end_offset: i64,
    /// Epoch.
    #[field(default = -1)]
    pub epoch: i32,
}

/// Part of [`FetchResponse`]: aborted transaction.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AbortedTransaction {
    /// Producer id; since version 4.
    #[field(versions = 4..)]
    pub producer_id: i64,
    /// First offset; since version 4.
    #[field(versions = 4..)]
    pub first_offset: i64,
}

/// Part of [`FetchResponse`]: node endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    /// Node id; since version 16.
    #[field(versions = 16..)]
    pub node_id: i32,
    /// Host; since version 16.
    #[field(versions = 16..)]
    pub host: Str,
    /// Port; since version 16.
    #[field(versions = 16..)]
    pub port: i32,
    /// Rack; since version 16.
    #[field(versions = 16.., nullable = 16..)]
    pub rack: Option<Str>,
}
