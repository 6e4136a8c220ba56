//! Assignors of the classic protocol: the leader of a group says who reads what (Kafka's ConsumerPartitionAssignor).
//!
//! Pure functions of what the members said when they joined. Topics go by name here. All but round robin look at racks.

mod racks;
mod range;
mod round_robin;
mod sticky;

use std::collections::{BTreeMap, BTreeSet};

use ottla_types::Str;

pub use racks::Racks;

/// A partition: topic and index.
pub type Partition = (Str, i32);

/// What each member is to read, by its id.
pub type Assignment = BTreeMap<Str, Vec<Partition>>;

/// How partitions are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassicAssignor {
    /// Contiguous parts of every topic, so that equally partitioned topics meet.
    Range,
    /// All partitions of all topics one after the other.
    RoundRobin,
    /// Evenly; what a member had it keeps where that is even enough.
    Sticky,
    /// The same, for members that keep what they have while the group rebalances.
    CooperativeSticky,
}

impl ClassicAssignor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Range, Self::RoundRobin, Self::Sticky, Self::CooperativeSticky];

    /// The name members agree on.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
            Self::Sticky => "sticky",
            Self::CooperativeSticky => "cooperative-sticky",
        }
    }

    /// The assignor of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }

    /// Whether members keep what they have while the group rebalances, and give up only what another one gets (KIP-429).
    #[must_use]
    pub const fn is_cooperative(self) -> bool {
        matches!(self, Self::CooperativeSticky)
    }

    /// Whether it goes by what members had in the last generation.
    #[must_use]
    pub const fn is_sticky(self) -> bool {
        matches!(self, Self::Sticky | Self::CooperativeSticky)
    }

    /// What each member is to read. `counts` has the partitions of every topic that exists; `racks` are minded where members
    /// have racks too.
    #[must_use]
    pub fn assign(self, members: &[ClassicMember], counts: &BTreeMap<Str, i32>, racks: &Racks) -> Assignment {
        match self {
            Self::Range => range::assign(members, counts, racks),
            Self::RoundRobin => round_robin::assign(members, counts),
            Self::Sticky | Self::CooperativeSticky => {
                sticky::assign(members, counts, racks, self.is_cooperative())
            }
        }
    }
}

/// One member as it joined.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassicMember {
    /// Its id.
    pub member_id: Str,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Str>,
    /// What it wants to read.
    pub topics: BTreeSet<Str>,
    /// What it has, or had last.
    pub owned: Vec<Partition>,
    /// The generation it has it from; `None` where it does not say.
    pub generation: Option<i32>,
    /// `client.rack`: where it is.
    pub rack: Option<Str>,
}

/// Members in the order in which they are served: static ones by instance id, then the others by member id.
fn in_order(members: &[ClassicMember]) -> Vec<&ClassicMember> {
    let mut order: Vec<_> = members.iter().collect();
    order.sort_by_key(|member| {
        let id = member.instance_id.as_ref().unwrap_or(&member.member_id);
        (member.instance_id.is_none(), id, &member.member_id)
    });
    order
}

/// An entry for every member, nothing in it.
fn nothing(members: &[ClassicMember]) -> Assignment {
    members.iter().map(|member| (member.member_id.clone(), Vec::new())).collect()
}
