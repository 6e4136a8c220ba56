// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoteLogSegmentMetadataRecord (type 0), versions 0–0.

use crate::Message;
use bytes::Bytes;
use ottla_types::{Str, Uuid};

/// RemoteLogSegmentMetadataRecord (type 0), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoteLogSegmentMetadataRecord {
    /// Remote log segment id.
    pub remote_log_segment_id: RemoteLogSegmentIdEntry,
    /// Start offset.
    pub start_offset: i64,
    /// End offset.
    pub end_offset: i64,
    /// Broker id.
    pub broker_id: i32,
    /// Max timestamp, in milliseconds.
    pub max_timestamp_ms: i64,
    /// Event timestamp, in milliseconds.
    pub event_timestamp_ms: i64,
    /// Segment leader epochs.
    pub segment_leader_epochs: Vec<SegmentLeaderEpochEntry>,
    /// Segment size in bytes.
    pub segment_size_in_bytes: i32,
    /// Custom metadata.
    #[field(nullable)]
    pub custom_metadata: Option<Bytes>,
    /// Remote log segment state.
    pub remote_log_segment_state: i8,
    /// Txn index empty.
    #[field(tag = 0, tagged = 0..)]
    pub txn_index_empty: bool,
}

/// Part of [`RemoteLogSegmentMetadataRecord`]: remote log segment id entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct RemoteLogSegmentIdEntry {
    /// Topic id partition.
    pub topic_id_partition: TopicIdPartitionEntry,
    /// Id.
    pub id: Uuid,
}

/// Part of [`RemoteLogSegmentMetadataRecord`]: topic id partition entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicIdPartitionEntry {
    /// Name.
    pub name: Str,
    /// Id.
    pub id: Uuid,
    /// Partition.
    pub partition: i32,
}

/// Part of [`RemoteLogSegmentMetadataRecord`]: segment leader epoch entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SegmentLeaderEpochEntry {
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Offset.
    pub offset: i64,
}
