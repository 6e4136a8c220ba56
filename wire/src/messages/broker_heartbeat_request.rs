// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BrokerHeartbeat request (key 63), versions 0–2.

use crate::Message;
use ottla_types::Uuid;

/// BrokerHeartbeat request (key 63), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = BrokerHeartbeat, versions = 0..=2, flexible = 0, response = crate::messages::broker_heartbeat_response::BrokerHeartbeatResponse)]
pub struct BrokerHeartbeatRequest {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
    /// Current metadata offset.
    pub current_metadata_offset: i64,
    /// Want fence.
    pub want_fence: bool,
    /// Want shut down.
    pub want_shut_down: bool,
    /// Offline log dirs; since version 1.
    #[field(versions = 1.., tag = 0)]
    pub offline_log_dirs: Vec<Uuid>,
    /// Cordoned log dirs; since version 2.
    #[field(versions = 2.., nullable = 2.., tag = 1)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}
