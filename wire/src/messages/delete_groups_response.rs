// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteGroups response (key 42), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DeleteGroups response (key 42), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 2)]
pub struct DeleteGroupsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Results.
    pub results: Vec<DeletableGroupResult>,
}

/// Part of [`DeleteGroupsResponse`]: deletable group result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeletableGroupResult {
    /// Group id.
    pub group_id: Str,
    /// Error code.
    pub error_code: ErrorCode,
}
