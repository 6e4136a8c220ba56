// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SnapshotHeaderRecord, versions 0–0.

use crate::Message;

/// SnapshotHeaderRecord, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct SnapshotHeaderRecord {
    /// Version.
    pub version: i16,
    /// Last contained log timestamp.
    pub last_contained_log_timestamp: i64,
}
