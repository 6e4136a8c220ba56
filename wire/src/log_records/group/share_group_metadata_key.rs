// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupMetadataKey (type 11), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ShareGroupMetadataKey (type 11), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ShareGroupMetadataKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
}
