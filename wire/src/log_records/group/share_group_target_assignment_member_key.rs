// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupTargetAssignmentMemberKey (type 13), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// ShareGroupTargetAssignmentMemberKey (type 13), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0)]
pub struct ShareGroupTargetAssignmentMemberKey {
    /// Group id; versions 0–0.
    pub group_id: Str,
    /// Member id; versions 0–0.
    pub member_id: Str,
}
