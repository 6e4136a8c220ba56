// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ListGroups response (key 16), versions 0–5.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// ListGroups response (key 16), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 3)]
pub struct ListGroupsResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Groups.
    pub groups: Vec<ListedGroup>,
}

/// Part of [`ListGroupsResponse`]: listed group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ListedGroup {
    /// Group id.
    pub group_id: Str,
    /// Protocol type.
    pub protocol_type: Str,
    /// Group state; since version 4.
    #[field(versions = 4.., ignorable)]
    pub group_state: Str,
    /// Group type; since version 5.
    #[field(versions = 5.., ignorable)]
    pub group_type: Str,
}
