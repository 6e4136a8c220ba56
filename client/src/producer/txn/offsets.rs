use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Str};

use crate::{
    TopicPartition,
    consumer::{GroupIdentity, Mark},
};

/// How far a group has come in some partitions, to be committed in a transaction.
///
/// [`Consumer::group_offsets`](crate::Consumer::group_offsets) says what a consumer has marked, as the member it is: a
/// coordinator refuses what a member says that has lost its place meanwhile. [`new`](Self::new) is for offsets that are kept
/// by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupOffsets {
    pub(crate) group: Str,
    pub(crate) member: Option<GroupIdentity>,
    pub(crate) marks: BTreeMap<TopicPartition, Mark>,
    /// They are not all that was read: a partition was given up meanwhile.
    pub(crate) is_torn: bool,
}

impl GroupOffsets {
    /// Of a group without members.
    #[must_use]
    pub fn new(group: &str) -> Self {
        Self { group: group.into(), member: None, marks: BTreeMap::new(), is_torn: false }
    }

    /// With everything before an offset of a partition done.
    #[must_use]
    pub fn done(mut self, at: TopicPartition, offset: i64) -> Self {
        self.marks.insert(at, Mark { offset, epoch: -1, metadata: Str::new() });
        self
    }

    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty() && !self.is_torn
    }
}

/// Offsets on their way into a transaction.
#[derive(Debug)]
pub(super) struct Offsets {
    left: GroupOffsets,
}

impl Offsets {
    pub(super) fn new(offsets: GroupOffsets) -> Self {
        Self { left: offsets }
    }

    pub(super) fn group(&self) -> Str {
        self.left.group.clone()
    }

    /// What is not in the transaction yet.
    pub(super) fn left(&self) -> GroupOffsets {
        self.left.clone()
    }

    /// What the coordinator says to each. `None` once all are in; else the code that counts.
    pub(super) fn on_codes(&mut self, codes: &BTreeMap<TopicPartition, ErrorCode>) -> Option<ErrorCode> {
        let code =
            |at: &TopicPartition| codes.get(at).copied().unwrap_or(ErrorCode::COORDINATOR_NOT_AVAILABLE);
        self.left.marks.retain(|at, _| !code(at).is_ok());
        // One that cannot be got over counts more than one that can.
        self.left.marks.keys().map(code).min_by_key(|code| code.is_retriable())
    }
}
