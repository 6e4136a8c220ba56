// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! TxnOffsetCommit request (key 28), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// TxnOffsetCommit request (key 28), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = TxnOffsetCommit, versions = 0..=5, flexible = 3, response = crate::messages::txn_offset_commit_response::TxnOffsetCommitResponse)]
pub struct TxnOffsetCommitRequest {
    /// Transactional id.
    pub transactional_id: Str,
    /// Group id.
    pub group_id: Str,
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Generation id; since version 3.
    #[field(versions = 3.., default = -1)]
    pub generation_id: i32,
    /// Member id; since version 3.
    #[field(versions = 3..)]
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<Str>,
    /// Topics.
    pub topics: Vec<TxnOffsetCommitRequestTopic>,
}

/// Part of [`TxnOffsetCommitRequest`]: txn offset commit request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitRequestTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<TxnOffsetCommitRequestPartition>,
}

/// Part of [`TxnOffsetCommitRequest`]: txn offset commit request partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TxnOffsetCommitRequestPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Committed offset.
    pub committed_offset: i64,
    /// Committed leader epoch; since version 2.
    #[field(versions = 2.., ignorable, default = -1)]
    pub committed_leader_epoch: i32,
    /// Committed metadata.
    #[field(nullable)]
    pub committed_metadata: Option<Str>,
}
