// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerProtocolAssignment, versions 0–3.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// ConsumerProtocolAssignment, versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=3)]
pub struct ConsumerProtocolAssignment {
    /// Assigned partitions.
    pub assigned_partitions: Vec<TopicPartition>,
    /// User data.
    #[field(nullable)]
    pub user_data: Option<Bytes>,
}

/// Part of [`ConsumerProtocolAssignment`]: topic partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
