// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ProducerIdsRecord (type 15), versions 0–0.

use crate::Message;

/// ProducerIdsRecord (type 15), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ProducerIdsRecord {
    /// Broker id.
    pub broker_id: i32,
    /// Broker epoch.
    #[field(default = -1)]
    pub broker_epoch: i64,
    /// Next producer id.
    pub next_producer_id: i64,
}
