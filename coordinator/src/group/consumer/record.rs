use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ottla_assign::Partitions;
use ottla_types::{Str, Uuid};

use super::super::command::Protocol;

/// What the log says about a consumer group. Every variant is one key; `None` is its tombstone.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsumerRecord {
    /// The group's epoch.
    Epoch(Option<GroupEpoch>),
    /// What Kafka before 4.1 noted about the topics. Only its presence counts, and it is only ever deleted.
    PartitionMetadata(bool),
    /// Who a member is and what it wants.
    Member {
        /// Its id.
        member_id: Str,
        /// `None`: it has left.
        value: Option<Arc<MemberMetadata>>,
    },
    /// Up to which epoch the target assignment has been computed.
    TargetEpoch(Option<TargetEpoch>),
    /// What a member is to have.
    Target {
        /// The member.
        member_id: Str,
        /// `None`: it has left.
        value: Option<Arc<Partitions>>,
    },
    /// What a member has.
    Current {
        /// The member.
        member_id: Str,
        /// `None`: it has left.
        value: Option<Arc<CurrentAssignment>>,
    },
    /// What a regular expression stands for.
    Regex {
        /// The expression.
        regex: Str,
        /// `None`: nobody uses it any more.
        value: Option<ResolvedRegex>,
    },
}

/// The epoch of a group: it ascends with every change of members, subscriptions or topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupEpoch {
    /// The epoch.
    pub epoch: i32,
    /// The hash of the subscribed topics it was made for.
    pub metadata_hash: i64,
}

/// The epoch of the target assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TargetEpoch {
    /// The group epoch it was computed for.
    pub epoch: i32,
    /// When, milliseconds since the epoch; 0 when unknown.
    pub timestamp: i64,
}

/// Who a member is and what it wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberMetadata {
    /// Set for static members.
    pub instance_id: Option<Str>,
    /// Where it runs.
    pub rack_id: Option<Str>,
    /// From its last request.
    pub client_id: Str,
    /// From its last request.
    pub client_host: Str,
    /// The topics it names.
    pub topics: BTreeSet<Str>,
    /// A regular expression for more; empty for none.
    pub regex: Option<Str>,
    /// The assignor it prefers.
    pub assignor: Option<Str>,
    /// How long it may take to give partitions up, in milliseconds.
    pub rebalance_timeout_ms: i32,
    /// Set for members that use the classic protocol.
    pub classic: Option<ClassicMetadata>,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            instance_id: None,
            rack_id: None,
            client_id: Str::new(),
            client_host: Str::new(),
            topics: BTreeSet::new(),
            regex: Some(Str::new()),
            assignor: None,
            rebalance_timeout_ms: -1,
            classic: None,
        }
    }
}

/// What is kept of a member that uses the classic protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicMetadata {
    /// Milliseconds.
    pub session_timeout_ms: i32,
    /// What it can do, most wanted first.
    pub protocols: Vec<Protocol>,
}

/// Where a member stands on its way to the target assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// It has what it is to have in its epoch.
    Stable,
    /// It must give partitions up before it gets to the next epoch.
    UnrevokedPartitions,
    /// It waits for partitions others have not given up yet.
    UnreleasedPartitions,
    /// A state of a later release: such a member must join anew.
    Unknown,
}

/// Partitions with the epoch they were assigned in, by topic.
pub type OwnedPartitions = BTreeMap<Uuid, BTreeMap<i32, i32>>;

/// What a member has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentAssignment {
    /// The member's epoch.
    pub epoch: i32,
    /// The one before, for requests whose answer was lost.
    pub previous_epoch: i32,
    /// Where it stands.
    pub state: MemberState,
    /// What it may read.
    pub assigned: OwnedPartitions,
    /// What it must give up and may still have.
    pub revoking: OwnedPartitions,
}

impl Default for CurrentAssignment {
    fn default() -> Self {
        Self {
            epoch: 0,
            previous_epoch: -1,
            state: MemberState::Stable,
            assigned: OwnedPartitions::new(),
            revoking: OwnedPartitions::new(),
        }
    }
}

/// The topics a regular expression stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedRegex {
    /// Their names.
    pub topics: BTreeSet<Str>,
    /// The version of the metadata they were found in.
    pub version: i64,
    /// When, milliseconds since the epoch.
    pub timestamp: i64,
}
