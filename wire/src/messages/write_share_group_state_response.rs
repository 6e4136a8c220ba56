// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! WriteShareGroupState response (key 85), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// WriteShareGroupState response (key 85), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct WriteShareGroupStateResponse {
    /// Results.
    pub results: Vec<WriteStateResult>,
}

/// Part of [`WriteShareGroupStateResponse`]: write state result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WriteStateResult {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Part of [`WriteShareGroupStateResponse`]: partition result.
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
