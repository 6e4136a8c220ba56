// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupTargetAssignmentMetadataKey (type 12), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ShareGroupTargetAssignmentMetadataKey (type 12), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ShareGroupTargetAssignmentMetadataKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
}
