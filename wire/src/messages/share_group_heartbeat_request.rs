// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupHeartbeat request (key 76), versions 1–1.

use crate::Message;
use ottla_types::Str;

/// ShareGroupHeartbeat request (key 76), versions 1–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = ShareGroupHeartbeat, versions = 1..=1, flexible = 0, response = crate::messages::share_group_heartbeat_response::ShareGroupHeartbeatResponse)]
pub struct ShareGroupHeartbeatRequest {
    /// Group id.
    pub group_id: Str,
    /// Member id.
    pub member_id: Str,
    /// Member epoch.
    pub member_epoch: i32,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Subscribed topic names.
    #[field(nullable)]
    pub subscribed_topic_names: Option<Vec<Str>>,
}
