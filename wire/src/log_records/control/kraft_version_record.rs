// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! KRaftVersionRecord, versions 0–0.

use crate::Message;

/// KRaftVersionRecord, versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct KRaftVersionRecord {
    /// Version.
    pub version: i16,
    /// Kraft version.
    pub kraft_version: i16,
}
