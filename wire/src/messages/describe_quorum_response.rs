// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeQuorum response (key 55), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DescribeQuorum response (key 55), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 0)]
pub struct DescribeQuorumResponse {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message; since version 2.
    #[field(versions = 2.., nullable = 2.., ignorable)]
    pub error_message: Option<Str>,
    /// Topics.
    pub topics: Vec<TopicData>,
    /// Nodes; since version 2.
    #[field(versions = 2..)]
    pub nodes: Vec<Node>,
}

/// Part of [`DescribeQuorumResponse`]: replica state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ReplicaState {
    /// Replica id.
    pub replica_id: i32,
    /// Replica directory id; since version 2.
    #[field(versions = 2..)]
    pub replica_directory_id: Uuid,
    /// Log end offset.
    pub log_end_offset: i64,
    /// Last fetch timestamp; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub last_fetch_timestamp: i64,
    /// Last caught up timestamp; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub last_caught_up_timestamp: i64,
}

/// Part of [`DescribeQuorumResponse`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`DescribeQuorumResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message; since version 2.
    #[field(versions = 2.., nullable = 2.., ignorable)]
    pub error_message: Option<Str>,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// High watermark.
    pub high_watermark: i64,
    /// Current voters.
    pub current_voters: Vec<ReplicaState>,
    /// Observers.
    pub observers: Vec<ReplicaState>,
}

/// Part of [`DescribeQuorumResponse`]: node.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Node {
    /// Node id; since version 2.
    #[field(versions = 2..)]
    pub node_id: i32,
    /// Listeners; since version 2.
    #[field(versions = 2..)]
    pub listeners: Vec<Listener>,
}

/// Part of [`DescribeQuorumResponse`]: listener.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Listener {
    /// Name; since version 2.
    #[field(versions = 2..)]
    pub name: Str,
    /// Host; since version 2.
    #[field(versions = 2..)]
    pub host: Str,
    /// Port; since version 2.
    #[field(versions = 2..)]
    pub port: u16,
}
