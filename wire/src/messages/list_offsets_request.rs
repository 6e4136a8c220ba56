// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListOffsets request (key 2), versions 0–11.

use crate::Message;
use ottla_types::Str;

/// ListOffsets request (key 2), versions 0–11.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ListOffsets, versions = 0..=11, flexible = 6, response = crate::messages::list_offsets_response::ListOffsetsResponse)]
pub struct ListOffsetsRequest {
    /// Replica id.
    pub replica_id: i32,
    /// Isolation level; since version 2.
    #[field(versions = 2..)]
    pub isolation_level: i8,
    /// Topics.
    pub topics: Vec<ListOffsetsTopic>,
    /// Timeout, in milliseconds; since version 10.
    #[field(versions = 10.., ignorable)]
    pub timeout_ms: i32,
}

/// Part of [`ListOffsetsRequest`]: list offsets topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<ListOffsetsPartition>,
}

/// Part of [`ListOffsetsRequest`]: list offsets partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListOffsetsPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Current leader epoch; since version 4.
    #[field(versions = 4.., ignorable, default = -1)]
    pub current_leader_epoch: i32,
    /// Timestamp.
    pub timestamp: i64,
    /// Max num offsets; versions 0–0.
    #[field(versions = 0..=0, ignorable, default = 1)]
    pub max_num_offsets: i32,
}
