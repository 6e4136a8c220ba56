// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! JoinGroup response (key 11), versions 0–9.

use crate::Message;
use bytes::Bytes;
use ottla_types::{ErrorCode, Str};

/// JoinGroup response (key 11), versions 0–9.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=9, flexible = 6)]
pub struct JoinGroupResponse {
    /// Throttle time, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable)]
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Generation id.
    #[field(default = -1)]
    pub generation_id: i32,
    /// Protocol type; since version 7.
    #[field(versions = 7.., nullable = 7.., ignorable)]
    pub protocol_type: Option<Str>,
    /// Protocol name.
    #[field(nullable = 7.., default = Some(Default::default()))]
    pub protocol_name: Option<Str>,
    /// Leader.
    pub leader: Str,
    /// Skip assignment; since version 9.
    #[field(versions = 9..)]
    pub skip_assignment: bool,
    /// Member id.
    pub member_id: Str,
    /// Members.
    pub members: Vec<JoinGroupResponseMember>,
}

/// Part of [`JoinGroupResponse`]: join group response member.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct JoinGroupResponseMember {
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub group_instance_id: Option<Str>,
    /// Metadata.
    pub metadata: Bytes,
}
