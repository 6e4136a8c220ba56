// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupMetadataValue (type 3), versions 0–0.

use crate::Message;

/// ConsumerGroupMetadataValue (type 3), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ConsumerGroupMetadataValue {
    /// Epoch.
    pub epoch: i32,
    /// Metadata hash.
    #[field(tag = 0, tagged = 0..)]
    pub metadata_hash: i64,
}
