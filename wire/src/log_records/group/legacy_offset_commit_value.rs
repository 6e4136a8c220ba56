// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! LegacyOffsetCommitValue (type 0), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// LegacyOffsetCommitValue (type 0), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct LegacyOffsetCommitValue {
    /// Offset; versions 0–0.
    pub offset: i64,
    /// Metadata; versions 0–0.
    pub metadata: Str,
    /// Commit timestamp; versions 0–0.
    pub commit_timestamp: i64,
}
