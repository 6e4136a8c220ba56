// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! GroupMetadataKey (type 2), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// GroupMetadataKey (type 2), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct GroupMetadataKey {
    /// Group; versions 0–0.
    pub group: Str,
}
