// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupTargetAssignmentMetadataValue (type 12), versions 0–0.

use crate::Message;

/// ShareGroupTargetAssignmentMetadataValue (type 12), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct ShareGroupTargetAssignmentMetadataValue {
    /// Assignment epoch.
    pub assignment_epoch: i32,
    /// Assignment timestamp.
    #[field(tag = 0, tagged = 0.., ignorable)]
    pub assignment_timestamp: i64,
}
