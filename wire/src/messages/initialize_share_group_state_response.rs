// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! InitializeShareGroupState response (key 83), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// InitializeShareGroupState response (key 83), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct InitializeShareGroupStateResponse {
    /// Results.
    pub results: Vec<InitializeStateResult>,
}

/// Part of [`InitializeShareGroupStateResponse`]: initialize state result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct InitializeStateResult {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Part of [`InitializeShareGroupStateResponse`]: partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionResult {
    /// Partition.
    pub partition: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
