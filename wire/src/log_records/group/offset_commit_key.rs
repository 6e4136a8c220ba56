// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetCommitKey (type 1), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// OffsetCommitKey (type 1), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct OffsetCommitKey {
    /// Group; versions 0–0.
    pub group: Str,
    /// Topic; versions 0–0.
    pub topic: Str,
    /// Partition; versions 0–0.
    pub partition: i32,
}
