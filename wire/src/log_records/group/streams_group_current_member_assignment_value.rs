// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupCurrentMemberAssignmentValue (type 22), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupCurrentMemberAssignmentValue (type 22), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupCurrentMemberAssignmentValue {
    /// Member epoch.
    pub member_epoch: i32,
    /// Previous member epoch.
    pub previous_member_epoch: i32,
    /// State.
    pub state: i8,
    /// Active tasks.
    pub active_tasks: Vec<TaskIds>,
    /// Standby tasks.
    pub standby_tasks: Vec<TaskIds>,
    /// Warmup tasks.
    pub warmup_tasks: Vec<TaskIds>,
    /// Active tasks pending revocation.
    pub active_tasks_pending_revocation: Vec<TaskIds>,
    /// Standby tasks pending revocation.
    pub standby_tasks_pending_revocation: Vec<TaskIds>,
    /// Warmup tasks pending revocation.
    pub warmup_tasks_pending_revocation: Vec<TaskIds>,
}

/// Part of [`StreamsGroupCurrentMemberAssignmentValue`]: task ids.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
    /// Assignment epochs.
    #[field(nullable, tag = 0, tagged = 0.., default = Some(Default::default()))]
    pub assignment_epochs: Option<Vec<i32>>,
}
