// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! EndTxnMarker, versions 0–0.

use crate::Message;

/// EndTxnMarker, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct EndTxnMarker {
    /// Coordinator epoch.
    pub coordinator_epoch: i32,
}
