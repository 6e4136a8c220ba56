// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! RemoveAccessControlEntryRecord (type 19), versions 0–0.

use crate::Message;
use ottla_types::Uuid;

/// RemoveAccessControlEntryRecord (type 19), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct RemoveAccessControlEntryRecord {
    /// Id.
    pub id: Uuid,
}
