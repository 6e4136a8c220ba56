// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupCurrentMemberAssignmentValue (type 14), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// ShareGroupCurrentMemberAssignmentValue (type 14), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareGroupCurrentMemberAssignmentValue {
    /// Member epoch.
    pub member_epoch: i32,
    /// Previous member epoch.
    pub previous_member_epoch: i32,
    /// State.
    pub state: i8,
    /// Assigned partitions.
    pub assigned_partitions: Vec<TopicPartitions>,
}

/// Part of [`ShareGroupCurrentMemberAssignmentValue`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
}
