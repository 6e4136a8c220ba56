// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! JoinGroup request (key 11), versions 0–9.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// JoinGroup request (key 11), versions 0–9.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = JoinGroup, versions = 0..=9, flexible = 6, response = crate::messages::join_group_response::JoinGroupResponse)]
pub struct JoinGroupRequest {
    /// Group id.
    pub group_id: Str,
    /// Session timeout, in milliseconds.
    pub session_timeout_ms: i32,
    /// Rebalance timeout, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub rebalance_timeout_ms: i32,
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 5.
    #[field(versions = 5.., nullable = 5..)]
    pub group_instance_id: Option<Str>,
    /// Protocol type.
    pub protocol_type: Str,
    /// Protocols.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// Reason; since version 8.
    #[field(versions = 8.., nullable = 8.., ignorable)]
    pub reason: Option<Str>,
}

/// Part of [`JoinGroupRequest`]: join group request protocol.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct JoinGroupRequestProtocol {
    /// Name.
    pub name: Str,
    /// Metadata.
    pub metadata: Bytes,
}
