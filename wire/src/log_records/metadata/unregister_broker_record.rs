// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UnregisterBrokerRecord (type 1), versions 0–0.

use crate::Message;

/// UnregisterBrokerRecord (type 1), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct UnregisterBrokerRecord {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    pub broker_epoch: i64,
}
