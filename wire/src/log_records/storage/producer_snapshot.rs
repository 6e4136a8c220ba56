// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ProducerSnapshot, versions 1–1.

use crate::Message;

/// ProducerSnapshot, versions 1–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 1..=1)]
pub struct ProducerSnapshot {
    /// Crc; versions 1–1.
    pub crc: u32,
    /// Producer entries; versions 1–1.
    pub producer_entries: Vec<ProducerEntry>,
}

/// Part of [`ProducerSnapshot`]: producer entry.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ProducerEntry {
    /// Producer id; versions 1–1.
    pub producer_id: i64,
    /// Epoch; versions 1–1.
    pub epoch: i16,
    /// Last sequence; versions 1–1.
    pub last_sequence: i32,
    /// Last offset; versions 1–1.
    pub last_offset: i64,
    /// Offset delta; versions 1–1.
    pub offset_delta: i32,
    /// Timestamp; versions 1–1.
    pub timestamp: i64,
    /// Coordinator epoch; versions 1–1.
    pub coordinator_epoch: i32,
    /// Current txn first offset; versions 1–1.
    pub current_txn_first_offset: i64,
}
