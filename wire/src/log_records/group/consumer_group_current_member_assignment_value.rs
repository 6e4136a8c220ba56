// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupCurrentMemberAssignmentValue (type 8), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// ConsumerGroupCurrentMemberAssignmentValue (type 8), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupCurrentMemberAssignmentValue {
    /// Member epoch.
    pub member_epoch: i32,
    /// Previous member epoch.
    pub previous_member_epoch: i32,
    /// State.
    pub state: i8,
    /// Assigned partitions.
    pub assigned_partitions: Vec<TopicPartitions>,
    /// Partitions pending revocation.
    pub partitions_pending_revocation: Vec<TopicPartitions>,
}

/// Part of [`ConsumerGroupCurrentMemberAssignmentValue`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
    /// Assignment epochs.
    #[field(nullable, tag = 0, tagged = 0.., default = Some(Default::default()))]
    pub assignment_epochs: Option<Vec<i32>>,
}
