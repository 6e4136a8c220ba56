// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupPartitionMetadataValue (type 4), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ConsumerGroupPartitionMetadataValue (type 4), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupPartitionMetadataValue {
    /// Topics.
    pub topics: Vec<TopicMetadata>,
}

/// Part of [`ConsumerGroupPartitionMetadataValue`]: topic metadata.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicMetadata {
    /// Topic id.
    pub topic_id: Uuid,
    /// Topic name.
    pub topic_name: Str,
    /// Num partitions.
    pub num_partitions: i32,
    /// Partition metadata.
    pub partition_metadata: Vec<PartitionMetadata>,
}

/// Part of [`ConsumerGroupPartitionMetadataValue`]: partition metadata.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionMetadata {
    /// Partition.
    pub partition: i32,
    /// Racks.
    pub racks: Vec<Str>,
}
