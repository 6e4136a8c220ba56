// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! UnfenceBrokerRecord (type 8), versions 0–0.

use crate::Message;

/// UnfenceBrokerRecord (type 8), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct UnfenceBrokerRecord {
    /// Id.
    pub id: i32,
    /// Epoch.
    pub epoch: i64,
}
