// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SnapshotFooterRecord, versions 0–0.

use crate::Message;

/// SnapshotFooterRecord, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct SnapshotFooterRecord {
    /// Version.
    pub version: i16,
}
