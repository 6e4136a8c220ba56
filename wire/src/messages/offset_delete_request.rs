// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetDelete request (key 47), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// OffsetDelete request (key 47), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = OffsetDelete, versions = 0..=0, response = crate::messages::offset_delete_response::OffsetDeleteResponse)]
pub struct OffsetDeleteRequest {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

/// Part of [`OffsetDeleteRequest`]: offset delete request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteRequestTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

/// Part of [`OffsetDeleteRequest`]: offset delete request partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetDeleteRequestPartition {
    /// Partition index.
    pub partition_index: i32,
}
