// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! LeaveGroup request (key 13), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// LeaveGroup request (key 13), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = LeaveGroup, versions = 0..=5, flexible = 4, response = crate::messages::leave_group_response::LeaveGroupResponse)]
pub struct LeaveGroupRequest {
    /// Group id.
    pub group_id: Str,
    /// Member id; versions 0–2.
    #[field(versions = 0..=2)]
    pub member_id: Str,
    /// Members; since version 3.
    #[field(versions = 3..)]
    pub members: Vec<MemberIdentity>,
}

/// Part of [`LeaveGroupRequest`]: member identity.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MemberIdentity {
    /// Member id; since version 3.
    #[field(versions = 3..)]
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<Str>,
    /// Reason; since version 5.
    #[field(versions = 5.., nullable = 5.., ignorable)]
    pub reason: Option<Str>,
}
