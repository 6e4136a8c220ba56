// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Produce request (key 0), versions 0–13.

use crate::{Message, Records};
use ottla_types::{Str, Uuid};

/// Produce request (key 0), versions 0–13.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Produce, versions = 0..=13, flexible = 9, response = crate::messages::produce_response::ProduceResponse)]
pub struct ProduceRequest {
    /// Transactional id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub transactional_id: Option<Str>,
    /// Acks.
    pub acks: i16,
    /// Timeout, in milliseconds.
    pub timeout_ms: i32,
    /// Topic data.
    pub topic_data: Vec<TopicProduceData>,
}

/// Part of [`ProduceRequest`]: topic produce data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicProduceData {
    /// Name; versions 0–12.
    #[field(versions = 0..=12, ignorable)]
    pub name: Str,
    /// Topic id; since version 13.
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    /// Partition data.
    pub partition_data: Vec<PartitionProduceData>,
}

/// Part of [`ProduceRequest`]: partition produce data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionProduceData {
    /// Index.
    pub index: i32,
    /// Records.
    #[field(nullable)]
    pub records: Option<Records>,
}
