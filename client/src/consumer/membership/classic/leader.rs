use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_assign::{ClassicAssignor, ClassicMember};
use ottla_types::Str;
use ottla_wire::{DecodeError, messages::join_group_response::JoinGroupResponseMember};

use super::{
    super::{Counts, protocol},
    Failure,
};

/// What the leader of a generation knows.
#[derive(Debug)]
pub(super) struct Lead {
    assignor: ClassicAssignor,
    members: Vec<ClassicMember>,
    /// The partitions the assignment was made for; `None` while it is not made.
    counted: Option<BTreeMap<Str, i32>>,
}

impl Lead {
    pub(super) fn new(
        assignor: ClassicAssignor,
        members: Vec<JoinGroupResponseMember>,
    ) -> Result<Self, DecodeError> {
        let read = |member: JoinGroupResponseMember| {
            protocol::member(assignor, member.member_id, member.group_instance_id, member.metadata)
        };
        Ok(Self {
            assignor,
            members: members.into_iter().map(read).collect::<Result<_, _>>()?,
            counted: None,
        })
    }

    pub(super) fn topics(&self) -> impl Iterator<Item = &Str> {
        let topics: BTreeSet<&Str> = self.members.iter().flat_map(|member| &member.topics).collect();
        topics.into_iter()
    }

    /// What of these counts concerns the group.
    pub(super) fn relevant(&self, counts: &Counts) -> BTreeMap<Str, i32> {
        let count = |topic: &Str| Some((topic.clone(), counts.get(topic)?.partitions));
        self.topics().filter_map(count).collect()
    }

    /// What each member is told.
    pub(super) fn assign(&mut self, counts: BTreeMap<Str, i32>) -> Result<Vec<(Str, Bytes)>, Failure> {
        let assignment = self.assignor.assign(&self.members, &counts);
        self.counted = Some(counts);
        let told =
            |(member, partitions): (Str, Vec<(Str, i32)>)| Ok((member, protocol::assignment(&partitions)?));
        let told: Result<_, ottla_wire::EncodeError> = assignment.into_iter().map(told).collect();
        told.map_err(|_| Failure::Protocol("the assignment is too large for SyncGroup"))
    }

    /// Whether the assignment does not fit these counts any more. A leader that came back into a generation it did not
    /// assign takes the first counts as those it was made for.
    pub(super) fn has_changed(&mut self, counts: BTreeMap<Str, i32>) -> bool {
        match &self.counted {
            Some(counted) => *counted != counts,
            None => {
                self.counted = Some(counts);
                false
            }
        }
    }
}
