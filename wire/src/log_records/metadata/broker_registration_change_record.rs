// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! BrokerRegistrationChangeRecord (type 17), versions 0–3.

use crate::Message;
use ottla_types::Uuid;

/// BrokerRegistrationChangeRecord (type 17), versions 0–3.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=3, flexible = 0)]
pub struct BrokerRegistrationChangeRecord {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    pub broker_epoch: i64,
    /// Fenced.
    #[field(tag = 0, tagged = 0..)]
    pub fenced: i8,
    /// In controlled shutdown; since version 1.
    #[field(versions = 1.., tag = 1)]
    pub in_controlled_shutdown: i8,
    /// Log dirs; since version 2.
    #[field(versions = 2.., tag = 2)]
    pub log_dirs: Vec<Uuid>,
    /// Cordoned log dirs; since version 3.
    #[field(versions = 3.., nullable = 3.., tag = 3)]
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}
