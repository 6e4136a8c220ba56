// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupStatePartitionMetadataValue (type 15), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ShareGroupStatePartitionMetadataValue (type 15), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareGroupStatePartitionMetadataValue {
    /// Initializing topics.
    pub initializing_topics: Vec<TopicPartitionsInfo>,
    /// Initialized topics.
    pub initialized_topics: Vec<TopicPartitionsInfo>,
    /// Deleting topics.
    pub deleting_topics: Vec<TopicInfo>,
}

/// Part of [`ShareGroupStatePartitionMetadataValue`]: topic partitions info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitionsInfo {
    /// Topic id.
    pub topic_id: Uuid,
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`ShareGroupStatePartitionMetadataValue`]: topic info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicInfo {
    /// Topic id.
    pub topic_id: Uuid,
    /// Topic name.
    pub topic_name: Str,
}
