use std::{collections::BTreeMap, sync::Arc};

use ottla_types::{Str, Uuid};

use super::record::{ConsumerRecord, CurrentAssignment, MemberMetadata, MemberState, OwnedPartitions};

/// The epoch with which a member leaves.
pub(in crate::group) const LEAVE_EPOCH: i32 = -1;
/// The epoch with which a static member leaves to come back.
pub(in crate::group) const LEAVE_STATIC_EPOCH: i32 = -2;

/// One member, as it is or as it is about to be.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::group) struct Member {
    pub(super) id: Str,
    pub(super) metadata: Arc<MemberMetadata>,
    pub(super) current: Arc<CurrentAssignment>,
}

impl Member {
    /// One the group does not know yet.
    pub(super) fn new(id: Str) -> Self {
        Self { id, metadata: Arc::default(), current: Arc::default() }
    }

    pub(super) fn epoch(&self) -> i32 {
        self.current.epoch
    }

    pub(super) fn uses_classic_protocol(&self) -> bool {
        self.metadata.classic.is_some()
    }

    pub(super) fn is_reconciled_to(&self, target_epoch: i32) -> bool {
        self.current.state == MemberState::Stable && self.current.epoch == target_epoch
    }

    pub(super) fn metadata_record(&self) -> ConsumerRecord {
        ConsumerRecord::Member { member_id: self.id.clone(), value: Some(Arc::clone(&self.metadata)) }
    }

    pub(super) fn current_record(&self) -> ConsumerRecord {
        ConsumerRecord::Current { member_id: self.id.clone(), value: Some(Arc::clone(&self.current)) }
    }

    /// Tombstones for what is kept of a member.
    pub(super) fn obituary(member_id: &Str) -> [ConsumerRecord; 3] {
        let member_id = || member_id.clone();
        [
            ConsumerRecord::Current { member_id: member_id(), value: None },
            ConsumerRecord::Target { member_id: member_id(), value: None },
            ConsumerRecord::Member { member_id: member_id(), value: None },
        ]
    }
}

impl MemberMetadata {
    /// The regular expression it subscribes with, if any.
    pub(super) fn regex(&self) -> Option<&Str> {
        self.regex.as_ref().filter(|regex| !regex.is_empty())
    }
}

impl CurrentAssignment {
    /// What the member may still read: assigned, or not given up yet.
    pub(super) fn held(&self) -> impl Iterator<Item = (Uuid, i32)> {
        flat(&self.assigned).chain(flat(&self.revoking))
    }

    /// In which epoch the member was given the partition, or the one it must give up.
    pub(super) fn assigned_in(&self, topic: Uuid, partition: i32) -> Option<i32> {
        let of = |owned: &OwnedPartitions| owned.get(&topic)?.get(&partition).copied();
        of(&self.assigned).or_else(|| of(&self.revoking))
    }
}

fn flat(owned: &OwnedPartitions) -> impl Iterator<Item = (Uuid, i32)> {
    let topic = |(topic, partitions): (&Uuid, &BTreeMap<i32, i32>)| {
        let topic = *topic;
        partitions.keys().map(move |partition| (topic, *partition)).collect::<Vec<_>>()
    };
    owned.iter().flat_map(topic)
}
