// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! LeaveGroup response (key 13), versions 0–5.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// LeaveGroup response (key 13), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 4)]
pub struct LeaveGroupResponse {
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Members; since version 3.
    #[field(versions = 3..)]
    pub members: Vec<MemberResponse>,
}

/// Part of [`LeaveGroupResponse`]: member response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MemberResponse {
    /// Member id; since version 3.
    #[field(versions = 3..)]
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<Str>,
    /// Error code; since version 3.
    #[field(versions = 3..)]
    pub error_code: ErrorCode,
}
