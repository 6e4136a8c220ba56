// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupMetadataValue (type 11), versions 0–0.

use crate::Message;

/// ShareGroupMetadataValue (type 11), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareGroupMetadataValue {
    /// Epoch.
    pub epoch: i32,
    /// Metadata hash.
    pub metadata_hash: i64,
}
