// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupTargetAssignmentMemberValue (type 21), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupTargetAssignmentMemberValue (type 21), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupTargetAssignmentMemberValue {
    /// Active tasks.
    pub active_tasks: Vec<TaskIds>,
    /// Standby tasks.
    pub standby_tasks: Vec<TaskIds>,
    /// Warmup tasks.
    pub warmup_tasks: Vec<TaskIds>,
}

/// Part of [`StreamsGroupTargetAssignmentMemberValue`]: task ids.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
