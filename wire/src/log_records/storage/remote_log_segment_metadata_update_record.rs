// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoteLogSegmentMetadataUpdateRecord (type 1), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::{Str, Uuid};

/// RemoteLogSegmentMetadataUpdateRecord (type 1), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoteLogSegmentMetadataUpdateRecord {
    /// Remote log segment id.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Broker id.
    pub broker_id: i32,
    /// Event timestamp, in milliseconds.
    pub event_timestamp_ms: i64,
    /// Custom metadata.
    #[field(nullable)]
    pub custom_metadata: Option<Bytes>,
    /// Remote log segment state.
    pub remote_log_segment_state: i8,
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`]: remote log segment id entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct RemoteLogSegmentIdEntry {
    /// Topic id partition.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Id.
    pub id: Uuid,
}

/// Part of [`RemoteLogSegmentMetadataUpdateRecord`]: topic id partition entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicIdPartitionEntry {
    /// Name.
    pub name: Str,
    /// Id.
    pub id: Uuid,
    /// Partition.
    pub partition: i32,
}
