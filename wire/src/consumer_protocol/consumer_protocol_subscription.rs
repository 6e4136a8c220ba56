// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerProtocolSubscription, versions 0–3.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// ConsumerProtocolSubscription, versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=3)]
pub struct ConsumerProtocolSubscription {
    /// Topics.
    pub topics: Vec<Str>,
    /// User data.
    #[field(nullable)]
    pub user_data: Option<Bytes>,
    /// Owned partitions; since version 1.
    #[field(versions = 1.., ignorable)]
    pub owned_partitions: Vec<TopicPartition>,
    /// Generation id; since version 2.
    #[field(versions = 2.., ignorable, default = -1)]
    pub generation_id: i32,
    /// Rack id; since version 3.
    #[field(versions = 3.., nullable = 3.., ignorable)]
    pub rack_id: Option<Str>,
}

/// Part of [`ConsumerProtocolSubscription`]: topic partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    /// Topic; since version 1.
    #[field(versions = 1..)]
    pub topic: Str,
    /// Partitions; since version 1.
    #[field(versions = 1..)]
    pub partitions: Vec<i32>,
}
