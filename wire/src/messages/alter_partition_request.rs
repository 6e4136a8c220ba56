// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! AlterPartition request (key 56), versions 2–3.

use crate::Message;
use ottla_types::Uuid;

/// AlterPartition request (key 56), versions 2–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = AlterPartition, versions = 2..=3, flexible = 0, response = crate::messages::alter_partition_response::AlterPartitionResponse)]
pub struct AlterPartitionRequest {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`AlterPartitionRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic id; since version 2.
    #[field(ignorable)]
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`AlterPartitionRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// New isr; versions 0–2.
    #[field(versions = 0..=2)]
    pub new_isr: Vec<i32>,
    /// New isr with epochs; since version 3.
    #[field(versions = 3..)]
    pub new_isr_with_epochs: Vec<BrokerState>,
    /// Leader recovery state; since version 1.
    pub leader_recovery_state: i8,
    /// Partition epoch.
    pub partition_epoch: i32,
}

/// Part of [`AlterPartitionRequest`]: broker state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct BrokerState {
    /// Broker id; since version 3.
    #[field(versions = 3..)]
    pub broker_id: i32,
    /// Broker epoch; since version 3.
    #[field(versions = 3.., default = -1)]
    pub broker_epoch: i64,
}
