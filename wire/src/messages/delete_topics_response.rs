// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteTopics response (key 20), versions 0–6.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// DeleteTopics response (key 20), versions 0–6.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=6, flexible = 4)]
pub struct DeleteTopicsResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Responses.
    pub responses: Vec<DeletableTopicResult>,
}

/// Part of [`DeleteTopicsResponse`]: deletable topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeletableTopicResult {
    /// Name.
    #[field(nullable = 6.., default = Some(Default::default()))]
    pub name: Option<Str>,
    /// Topic id; since version 6.
    #[field(versions = 6.., ignorable)]
    pub topic_id: Uuid,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub error_message: Option<Str>,
}
