// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemotePartitionDeleteMetadataRecord (type 2), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// RemotePartitionDeleteMetadataRecord (type 2), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemotePartitionDeleteMetadataRecord {
    /// Topic id partition.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Broker id.
    pub broker_id: i32,
    /// Event timestamp, in milliseconds.
    pub event_timestamp_ms: i64,
    /// Remote partition delete state.
    pub remote_partition_delete_state: i8,
}

/// Part of [`RemotePartitionDeleteMetadataRecord`]: topic id partition entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicIdPartitionEntry {
    /// Name.
    pub name: Str,
    /// Id.
    pub id: Uuid,
    /// Partition.
    pub partition: i32,
}
