// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteShareGroupState response (key 86), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DeleteShareGroupState response (key 86), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DeleteShareGroupStateResponse {
    /// Results.
    pub results: Vec<DeleteStateResult>,
}

/// Part of [`DeleteShareGroupStateResponse`]: delete state result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteStateResult {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionResult>,
}

/// Part of [`DeleteShareGroupStateResponse`]: partition result.
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
