// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Heartbeat request (key 12), versions 0–4.

use crate::Message;
use ottla_types::Str;

/// Heartbeat request (key 12), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = Heartbeat, versions = 0..=4, flexible = 4, response = crate::messages::heartbeat_response::HeartbeatResponse)]
pub struct HeartbeatRequest {
    /// Group id.
    pub group_id: Str,
    /// Generation id.
    pub generation_id: i32,
    /// Member id.
    pub member_id: Str,
    /// Group instance id; since version 3.
    #[field(versions = 3.., nullable = 3..)]
    pub group_instance_id: Option<Str>,
}
