//! Who is near what (KIP-881): a member in the rack of a replica reads from that one, and nothing crosses racks.

use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

use super::{ClassicMember, Partition};

/// The racks of the brokers that hold a partition. Those that are not known are left out.
pub type Racks = BTreeMap<Partition, BTreeSet<Str>>;

/// Members and the racks of partitions, where it makes a difference who reads which.
pub(super) struct Nearness<'a> {
    members: &'a [&'a ClassicMember],
    racks: Option<&'a Racks>,
}

impl<'a> Nearness<'a> {
    /// It makes none where no member has a rack that some of the partitions have a replica in, or all of them have replicas
    /// in the same racks.
    pub(super) fn of(
        members: &'a [&'a ClassicMember],
        partitions: impl Iterator<Item = Partition>,
        racks: &'a Racks,
    ) -> Self {
        let theirs: BTreeSet<&Str> = members.iter().filter_map(|member| rack_of(member)).collect();
        if theirs.is_empty() {
            return Self { members, racks: None };
        }
        let (mut all, mut fewest) = (BTreeSet::new(), usize::MAX);
        for partition in partitions {
            let known = racks.get(&partition);
            all.extend(known.into_iter().flatten());
            fewest = fewest.min(known.map_or(0, BTreeSet::len));
        }
        let matters = !theirs.is_disjoint(&all) && fewest < all.len();
        Self { members, racks: matters.then_some(racks) }
    }

    /// Whether it is to be minded at all.
    pub(super) fn matters(&self) -> bool {
        self.racks.is_some()
    }

    /// Whether nothing speaks against a member as the reader of a partition.
    pub(super) fn allows(&self, member: usize, partition: &Partition) -> bool {
        self.racks.is_none_or(|racks| is_near(self.members[member], partition, racks))
    }

    /// Whether a member has a replica of the partition in its own rack.
    pub(super) fn is_local(&self, member: usize, partition: &Partition) -> bool {
        self.racks.is_some() && rack_of(self.members[member]).is_some() && self.allows(member, partition)
    }

    /// How many members have a replica of the partition in their rack.
    pub(super) fn locals(&self, partition: &Partition) -> usize {
        (0..self.members.len()).filter(|member| self.is_local(*member, partition)).count()
    }
}

pub(super) fn rack_of(member: &ClassicMember) -> Option<&Str> {
    member.rack.as_ref().filter(|rack| !rack.is_empty())
}

/// Whether a replica of the partition is in the member's rack. A member that has none is near everything.
pub(super) fn is_near(member: &ClassicMember, partition: &Partition, racks: &Racks) -> bool {
    let holds = |rack: &Str| racks.get(partition).is_some_and(|racks| racks.contains(rack));
    rack_of(member).is_none_or(holds)
}
