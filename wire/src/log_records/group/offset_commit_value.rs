// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! OffsetCommitValue (type 1), versions 0–4.

use crate::Message;
use ottla_types::{Str, Uuid};

/// OffsetCommitValue (type 1), versions 0–4.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=4, flexible = 4)]
pub struct OffsetCommitValue {
    /// Offset.
    pub offset: i64,
    /// Leader epoch; since version 3.
    #[field(versions = 3.., ignorable, default = -1)]
    pub leader_epoch: i32,
    /// Metadata.
    pub metadata: Str,
    /// Commit timestamp.
    pub commit_timestamp: i64,
    /// Expire timestamp; versions 1–1.
    #[field(versions = 1..=1, ignorable, default = -1)]
    pub expire_timestamp: i64,
    /// Topic id; since version 4.
    #[field(versions = 4.., tag = 0, ignorable)]
    pub topic_id: Uuid,
}
