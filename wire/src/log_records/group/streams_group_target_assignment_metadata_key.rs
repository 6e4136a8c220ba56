// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupTargetAssignmentMetadataKey (type 20), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupTargetAssignmentMetadataKey (type 20), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct StreamsGroupTargetAssignmentMetadataKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
}
