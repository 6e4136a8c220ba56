// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupCurrentMemberAssignmentKey (type 22), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupCurrentMemberAssignmentKey (type 22), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct StreamsGroupCurrentMemberAssignmentKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
    /// Member id; versions 0–0.
    pub member_id: Str,
}
