// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ElectLeaders request (key 43), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// ElectLeaders request (key 43), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ElectLeaders, versions = 0..=2, flexible = 2, response = crate::messages::elect_leaders_response::ElectLeadersResponse)]
pub struct ElectLeadersRequest {
    /// Election type; since version 1.
    #[field(versions = 1..)]
    pub election_type: i8,
    /// Topic partitions.
    #[field(nullable)]
    pub topic_partitions: Option<Vec<TopicPartitions>>,
    /// Timeout, in milliseconds.
    #[field(default = 60000)]
    pub timeout_ms: i32,
}

/// Part of [`ElectLeadersRequest`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
