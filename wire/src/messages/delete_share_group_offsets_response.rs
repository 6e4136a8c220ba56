// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteShareGroupOffsets response (key 92), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DeleteShareGroupOffsets response (key 92), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DeleteShareGroupOffsetsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Responses.
    pub responses: Vec<DeleteShareGroupOffsetsResponseTopic>,
}

/// Part of [`DeleteShareGroupOffsetsResponse`]: delete share group offsets response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteShareGroupOffsetsResponseTopic {
    /// Topic name.
    pub topic_name: Str,
    /// Topic id.
    pub topic_id: Uuid,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
}
