// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareSnapshotValue (type 0), versions 0–0.

use crate::Message;

/// ShareSnapshotValue (type 0), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareSnapshotValue {
    /// Snapshot epoch.
    pub snapshot_epoch: i32,
    /// State epoch.
    pub state_epoch: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
    /// Start offset.
    pub start_offset: i64,
    /// Delivery complete count.
    #[field(tag = 0, tagged = 0.., default = -1)]
    pub delivery_complete_count: i32,
    /// Create timestamp.
    pub create_timestamp: i64,
    /// Write timestamp.
    pub write_timestamp: i64,
    /// State batches.
    pub state_batches: Vec<StateBatch>,
}

/// Part of [`ShareSnapshotValue`]: state batch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct StateBatch {
    /// First offset.
    pub first_offset: i64,
    /// Last offset.
    pub last_offset: i64,
    /// Delivery state.
    pub delivery_state: i8,
    /// Delivery count.
    pub delivery_count: i16,
}
