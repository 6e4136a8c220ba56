// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SyncGroup response (key 14), versions 0–5.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// SyncGroup response (key 14), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 4)]
pub struct SyncGroupResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Protocol type; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub protocol_type: Option<Str>,
    /// Protocol name; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub protocol_name: Option<Str>,
    /// Assignment.
    pub assignment: Bytes,
}
