// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareFetch request (key 78), versions 1–2.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ShareFetch request (key 78), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ShareFetch, versions = 1..=2, flexible = 0, response = crate::messages::share_fetch_response::ShareFetchResponse)]
pub struct ShareFetchRequest {
    /// Group id.
    #[field(nullable)]
    pub group_id: Option<Str>,
    /// Member id.
    #[field(nullable)]
    pub member_id: Option<Str>,
    /// Share session epoch.
    pub share_session_epoch: i32,
    /// Max wait, in milliseconds.
    pub max_wait_ms: i32,
    /// Min bytes.
    pub min_bytes: i32,
    /// Max bytes.
    #[field(default = 0x7fffffff)]
    pub max_bytes: i32,
    /// Max records; since version 1.
    pub max_records: i32,
    /// Batch size; since version 1.
    pub batch_size: i32,
    /// Share acquire mode; since version 2.
    #[field(versions = 2.., ignorable)]
    pub share_acquire_mode: i8,
    /// Is renew ack; since version 2.
    #[field(versions = 2..)]
    pub is_renew_ack: bool,
    /// Topics.
    pub topics: Vec<FetchTopic>,
    /// Forgotten topics data.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
}

/// Part of [`ShareFetchRequest`]: fetch topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchTopic {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<FetchPartition>,
}

/// Part of [`ShareFetchRequest`]: fetch partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct FetchPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Partition max bytes; versions 0–0.
    #[field(versions = 0..=0)]
    pub partition_max_bytes: i32,
    /// Acknowledgement batches.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

/// Part of [`ShareFetchRequest`]: acknowledgement batch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgementBatch {
    /// First offset.
    pub first_offset: i64,
    /// Last offset.
    pub last_offset: i64,
    /// Acknowledge types.
    pub acknowledge_types: Vec<i8>,
}

/// Part of [`ShareFetchRequest`]: forgotten topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ForgottenTopic {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
}
