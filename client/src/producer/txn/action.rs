use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Str};

use super::offsets::GroupOffsets;
use crate::TopicPartition;

/// Id and epoch, as the coordinator gave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
}

/// What is wanted of the cluster next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Action {
    /// The coordinator of the transactional id, and whether the cluster runs `transaction.version` 2.
    Find,
    /// The coordinator of a group.
    FindGroup(Str),
    /// A request to a coordinator.
    Ask(i32, Request),
}

/// A request to a coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// Who we are; with what we were, to get the next epoch.
    Init(Option<Who>),
    /// Adds the partitions of these queues.
    Partitions(Who, Vec<usize>),
    /// Adds a group.
    Group(Who, Str),
    /// Puts offsets into the transaction; `true` adds the group's partition with them.
    Offsets(Who, GroupOffsets, bool),
    /// Ends the transaction; `new_epoch` for the version that raises the epoch.
    End { who: Who, commit: bool, new_epoch: bool },
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Where the coordinator is, and whether the cluster runs version 2.
    Found(i32, bool),
    FoundGroup(i32),
    Init(Who),
    /// By queue.
    Partitions(BTreeMap<usize, ErrorCode>),
    Group,
    Offsets(BTreeMap<TopicPartition, ErrorCode>),
    /// With who we are in the next transaction, where the version says.
    Ended(Option<Who>),
    Refused(ErrorCode),
    /// None came: it may have been done.
    Lost,
    /// The broker serves no version of it that would do.
    Unsupported,
}
