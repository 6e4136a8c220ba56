// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SyncGroup request (key 14), versions 0–5.

use crate::Message;
use bytes::Bytes;
use ottla_types::Str;

/// SyncGroup request (key 14), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = SyncGroup, versions = 0..=5, flexible = 4, response = crate::messages::sync_group_response::SyncGroupResponse)]
pub struct SyncGroupRequest {
    /// Group id.
    pub group_id: Str,
    /// Generation id.
    pub generation_id: i32,
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<Str>,
    /// Protocol type; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub protocol_type: Option<Str>,
    /// Protocol name; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub protocol_name: Option<Str>,
    /// Assignments.
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

/// Part of [`SyncGroupRequest`]: sync group request assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct SyncGroupRequestAssignment {
    /// Member id.
    pub member_id: Str,
    /// Assignment.
    pub assignment: Bytes,
}
