//! Assignors: which member of a group reads which partition.
//!
//! [`ClassicAssignor`] has those a member applies that leads a classic group; the rest is those of the consumer group
//! protocol (KIP-848), which the coordinator applies. [`TopicPattern`] says which topics a member means that names them by a
//! regular expression.
//!
//! Pure functions of the group: [`assign`] is given every member with what it is subscribed to and what it was assigned
//! last, and says what each is to have next. [`Assignor::Uniform`] spreads partitions evenly and moves as few as it can;
//! [`Assignor::Range`] gives every member a contiguous part of each topic, so that equally partitioned topics meet.
//!
//! The results are those of Kafka 4.3's assignors. Where Kafka goes by the order of a hash table, the order here is that of
//! member ids and topic ids. Only the classic assignors look at racks: Kafka's server-side ones have not since 4.0.
//! What is deliberately not here: epochs, revocation, who may have a partition already. That is the group coordinator's.
#![forbid(unsafe_code)]

mod classic;
mod pattern;
mod range;
mod uniform;

pub use classic::{Assignment, ClassicAssignor, ClassicMember, Partition, Racks};
pub use pattern::{InvalidPattern, TopicPattern};

use std::collections::{BTreeMap, BTreeSet};

use ottla_types::{Str, Uuid};

/// Partitions by topic. A topic without partitions is left out.
pub type Partitions = BTreeMap<Uuid, BTreeSet<i32>>;

/// How partitions are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assignor {
    /// Evenly, and sticky: what a member has it keeps where that is even enough.
    Uniform,
    /// Contiguous parts of every topic, members in order of their ids.
    Range,
}

impl Assignor {
    /// All of them, Kafka's default first.
    pub const ALL: [Self; 2] = [Self::Uniform, Self::Range];

    /// The name clients and settings use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// The assignor of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assignor| assignor.name() == name)
    }
}

/// Whether all members are subscribed to the same topics; the coordinator knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionType {
    /// They are.
    Homogeneous,
    /// They need not be.
    Heterogeneous,
}

/// One member of the group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscriber {
    /// Its id.
    pub member_id: Str,
    /// Its instance id if it is static: it then comes before dynamic members, and keeps its part over restarts.
    pub instance_id: Option<Str>,
    /// The topics it wants to read.
    pub topics: BTreeSet<Uuid>,
    /// What it was assigned last.
    pub assigned: Partitions,
}

/// Why there is no assignment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// The subscriptions and the partition counts do not belong together.
    #[error("Members are subscribed to topic {0} which doesn't exist in the topic metadata.")]
    UnknownTopic(Uuid),
    /// A partition was assigned twice before: the group's state is broken.
    #[error("Partitions were left unassigned")]
    LeftOver,
}

/// The next assignment, one entry for each member, in their order, which must be that of their ids. `partition_counts`
/// has every topic somebody is subscribed to.
///
/// # Errors
/// As [`AssignError`] says.
pub fn assign(
    assignor: Assignor,
    subscription_type: SubscriptionType,
    members: &[Subscriber],
    partition_counts: &BTreeMap<Uuid, i32>,
) -> Result<Vec<Partitions>, AssignError> {
    let subscribed = members.iter().flat_map(|member| &member.topics);
    if let Some(unknown) = subscribed.into_iter().find(|topic| !partition_counts.contains_key(*topic)) {
        return Err(AssignError::UnknownTopic(*unknown));
    }
    match assignor {
        Assignor::Uniform => uniform::assign(subscription_type, members, partition_counts),
        Assignor::Range => Ok(range::assign(members, partition_counts)),
    }
}
