// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupMetadataKey (type 3), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ConsumerGroupMetadataKey (type 3), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ConsumerGroupMetadataKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
}
