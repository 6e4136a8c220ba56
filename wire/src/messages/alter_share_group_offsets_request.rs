// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterShareGroupOffsets request (key 91), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// AlterShareGroupOffsets request (key 91), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterShareGroupOffsets, versions = 0..=0, flexible = 0, response = crate::messages::alter_share_group_offsets_response::AlterShareGroupOffsetsResponse)]
pub struct AlterShareGroupOffsetsRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<AlterShareGroupOffsetsRequestTopic>,
}

/// Part of [`AlterShareGroupOffsetsRequest`]: alter share group offsets request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsRequestTopic {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<AlterShareGroupOffsetsRequestPartition>,
}

/// Part of [`AlterShareGroupOffsetsRequest`]: alter share group offsets request partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AlterShareGroupOffsetsRequestPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Start offset.
    pub start_offset: i64,
}
