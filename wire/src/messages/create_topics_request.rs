// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreateTopics request (key 19), versions 0–7.

use crate::Message;
use ottla_types::Str;

/// CreateTopics request (key 19), versions 0–7.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = CreateTopics, versions = 0..=7, flexible = 5, response = crate::messages::create_topics_response::CreateTopicsResponse)]
pub struct CreateTopicsRequest {
    /// Topics.
    pub topics: Vec<CreatableTopic>,
    /// Timeout, in milliseconds.
    #[field(default = 60000)]
    pub timeout_ms: i32,
    /// Validate only; since version 1.
    #[field(versions = 1..)]
    pub validate_only: bool,
}

/// Part of [`CreateTopicsRequest`]: creatable topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopic {
    /// Name.
    pub name: Str,
    /// Num partitions.
    pub num_partitions: i32,
    /// Replication factor.
    pub replication_factor: i16,
    /// Assignments.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// Configs.
    pub configs: Vec<CreatableTopicConfig>,
}

/// Part of [`CreateTopicsRequest`]: creatable replica assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableReplicaAssignment {
    /// Partition index.
    pub partition_index: i32,
    /// Broker ids.
    pub broker_ids: Vec<i32>,
}

/// Part of [`CreateTopicsRequest`]: creatable topic config.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatableTopicConfig {
    /// Name.
    pub name: Str,
    /// Value.
    #[field(nullable)]
    pub value: Option<Str>,
}
