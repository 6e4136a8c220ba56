// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ZkMigrationStateRecord (type 21), versions 0–0.

use crate::Message;

/// ZkMigrationStateRecord (type 21), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ZkMigrationStateRecord {
    /// Zk migration state.
    pub zk_migration_state: i8,
}
