// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetCommit request (key 8), versions 1–10.

use crate::Message;
use ottla_types::{Str, Uuid};

/// OffsetCommit request (key 8), versions 1–10.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = OffsetCommit, versions = 1..=10, flexible = 8, response = crate::messages::offset_commit_response::OffsetCommitResponse)]
pub struct OffsetCommitRequest {
    /// Group id.
    pub group_id: Str,
    /// Generation id or member epoch; since version 1.
    #[field(ignorable, default = -1)]
    pub generation_id_or_member_epoch: i32,
    /// Member id; since version 1.
    #[field(ignorable)]
    pub member_id: Str,
    /// Group instance id; since version 7.
    #[field(versions = 7.., nullable = 7..)]
    pub group_instance_id: Option<Str>,
    /// Retention time, in milliseconds; versions 2–4.
    #[field(versions = 2..=4, ignorable, default = -1)]
    pub retention_time_ms: i64,
    /// Topics.
    pub topics: Vec<OffsetCommitRequestTopic>,
}

/// Part of [`OffsetCommitRequest`]: offset commit request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitRequestTopic {
    /// Name; versions 0–9.
    #[field(versions = 0..=9, ignorable)]
    pub name: Str,
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

/// Part of [`OffsetCommitRequest`]: offset commit request partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct OffsetCommitRequestPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Committed offset.
    pub committed_offset: i64,
    /// Commit timestamp; versions 1–1.
    #[field(versions = 1..=1, ignorable, default = -1)]
    pub commit_timestamp: i64,
    /// Committed leader epoch; since version 6.
    #[field(versions = 6.., ignorable, default = -1)]
    pub committed_leader_epoch: i32,
    /// Committed metadata.
    #[field(nullable)]
    pub committed_metadata: Option<Str>,
}
