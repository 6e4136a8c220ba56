// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! CreatePartitions request (key 37), versions 0–3.

use crate::Message;
use ottla_types::Str;

/// CreatePartitions request (key 37), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = CreatePartitions, versions = 0..=3, flexible = 2, response = crate::messages::create_partitions_response::CreatePartitionsResponse)]
pub struct CreatePartitionsRequest {
    /// Topics.
    pub topics: Vec<CreatePartitionsTopic>,
    /// Timeout, in milliseconds.
    pub timeout_ms: i32,
    /// Validate only.
    pub validate_only: bool,
}

/// Part of [`CreatePartitionsRequest`]: create partitions topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsTopic {
    /// Name.
    pub name: Str,
    /// Count.
    pub count: i32,
    /// Assignments.
    #[field(nullable)]
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

/// Part of [`CreatePartitionsRequest`]: create partitions assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CreatePartitionsAssignment {
    /// Broker ids.
    pub broker_ids: Vec<i32>,
}
