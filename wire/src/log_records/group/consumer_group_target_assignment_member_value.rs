// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupTargetAssignmentMemberValue (type 7), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// ConsumerGroupTargetAssignmentMemberValue (type 7), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupTargetAssignmentMemberValue {
    /// Topic partitions.
    pub topic_partitions: Vec<TopicPartition>,
}

/// Part of [`ConsumerGroupTargetAssignmentMemberValue`]: topic partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
}
