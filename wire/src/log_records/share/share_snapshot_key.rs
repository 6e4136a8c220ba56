// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareSnapshotKey (type 0), versions 0–0.

use crate::Message;
use ottla_types::{Str, Uuid};

/// ShareSnapshotKey (type 0), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ShareSnapshotKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
    /// Topic id; versions 0–0.
    pub topic_id: Uuid,
    /// Partition; versions 0–0.
    pub partition: i32,
}
