// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareAcknowledge request (key 79), versions 1–2.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ShareAcknowledge request (key 79), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ShareAcknowledge, versions = 1..=2, flexible = 0, response = crate::messages::share_acknowledge_response::ShareAcknowledgeResponse)]
pub struct ShareAcknowledgeRequest {
    /// Group id.
    #[field(nullable)]
    pub group_id: Option<Str>,
    /// Member id.
    #[field(nullable)]
    pub member_id: Option<Str>,
    /// Share session epoch.
    pub share_session_epoch: i32,
    /// Is renew ack; since version 2.
    #[field(versions = 2..)]
    pub is_renew_ack: bool,
    /// Topics.
    pub topics: Vec<AcknowledgeTopic>,
}

/// Part of [`ShareAcknowledgeRequest`]: acknowledge topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgeTopic {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<AcknowledgePartition>,
}

/// Part of [`ShareAcknowledgeRequest`]: acknowledge partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgePartition {
    /// Partition index.
    pub partition_index: i32,
    /// Acknowledgement batches.
    pub acknowledgement_batches: Vec<AcknowledgementBatch>,
}

/// Part of [`ShareAcknowledgeRequest`]: acknowledgement batch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcknowledgementBatch {
    /// First offset.
    pub first_offset: i64,
    /// Last offset.
    pub last_offset: i64,
    /// Acknowledge types.
    pub acknowledge_types: Vec<i8>,
}
