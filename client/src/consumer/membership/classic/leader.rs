use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use ottla_assign::{ClassicAssignor, ClassicMember, Racks};
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
    /// What the assignment was made for; `None` while it is not made.
    counted: Option<Partitions>,
}

/// The partitions there are, and the racks of their replicas where members have racks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partitions {
    counts: BTreeMap<Str, i32>,
    racks: Racks,
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
    pub(super) fn relevant(&self, counts: &Counts) -> Partitions {
        let has_racks = self.members.iter().any(|member| member.rack.is_some());
        let mut relevant = Partitions { counts: BTreeMap::new(), racks: Racks::new() };
        for (topic, counted) in self.topics().filter_map(|topic| counts.get_key_value(topic)) {
            relevant.counts.insert(topic.clone(), counted.partitions);
            let racks = (0..).zip(&counted.racks).filter(|_| has_racks);
            relevant.racks.extend(racks.map(|(index, racks)| ((topic.clone(), index), racks.clone())));
        }
        relevant
    }

    /// What each member is told.
    pub(super) fn assign(&mut self, of: Partitions) -> Result<Vec<(Str, Bytes)>, Failure> {
        let assignment = self.assignor.assign(&self.members, &of.counts, &of.racks);
        self.counted = Some(of);
        let told =
            |(member, partitions): (Str, Vec<(Str, i32)>)| Ok((member, protocol::assignment(&partitions)?));
        let told: Result<_, ottla_wire::EncodeError> = assignment.into_iter().map(told).collect();
        told.map_err(|_| Failure::Protocol("the assignment is too large for SyncGroup"))
    }

    /// Whether the assignment does not fit these partitions any more. A leader that came back into a generation it did not
    /// assign takes the first ones as those it was made for.
    pub(super) fn has_changed(&mut self, now: Partitions) -> bool {
        match &self.counted {
            Some(counted) => *counted != now,
            None => {
                self.counted = Some(now);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ottla_types::Uuid;

    use super::*;
    use crate::consumer::membership::Counted;

    fn member(id: &'static str, rack: Option<&'static str>) -> JoinGroupResponseMember {
        let (topics, rack) = ([Str::from_static("t")], rack.map(Str::from_static));
        let none = crate::consumer::partition::Partitions::new();
        let metadata = protocol::subscription(&topics, &none, -1, rack.as_ref(), None).expect("bytes");
        JoinGroupResponseMember { member_id: Str::from_static(id), group_instance_id: None, metadata }
    }

    fn counts(racks: [&'static str; 2]) -> Counts {
        let racks = racks.into_iter().map(|rack| [Str::from_static(rack)].into()).collect();
        let counted = Counted { id: Uuid::ONE, partitions: 2, racks, internal: false };
        [(Str::from_static("t"), counted)].into()
    }

    fn first_partition(assigned: &[(Str, Bytes)], member: &str) -> i32 {
        let (_, bytes) = assigned.iter().find(|(id, _)| *id == member).expect("everybody gets something");
        protocol::assigned(bytes).expect("partitions").first().expect("one at least").partition
    }

    #[test]
    fn members_get_what_is_in_their_rack() {
        for assignor in [ClassicAssignor::Range, ClassicAssignor::Sticky, ClassicAssignor::CooperativeSticky]
        {
            let members = vec![member("a", Some("east")), member("b", Some("west"))];
            let mut lead = Lead::new(assignor, members).expect("members");
            let near = lead.relevant(&counts(["west", "east"]));
            let assigned = lead.assign(near).expect("an assignment");
            assert_eq!((first_partition(&assigned, "a"), first_partition(&assigned, "b")), (1, 0));
            // Replicas that move to other racks are a reason to share anew.
            let same = lead.relevant(&counts(["west", "east"]));
            assert!(!lead.has_changed(same));
            let moved = lead.relevant(&counts(["east", "west"]));
            assert!(lead.has_changed(moved));
        }
    }

    #[test]
    fn racks_are_nothing_to_members_without() {
        let members = vec![member("a", None), member("b", None)];
        let mut lead = Lead::new(ClassicAssignor::Range, members).expect("members");
        let here = lead.relevant(&counts(["west", "east"]));
        let assigned = lead.assign(here).expect("an assignment");
        assert_eq!((first_partition(&assigned, "a"), first_partition(&assigned, "b")), (0, 1));
        let moved = lead.relevant(&counts(["east", "west"]));
        assert!(!lead.has_changed(moved));
    }
}
