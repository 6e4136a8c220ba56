//! Being a member of a group, as machines without a clock or a network.
//!
//! A machine says what it wants done ([`Action`]) and is told what came of it. At most one request to the coordinator is
//! under way; an answer to any other is ignored, so repeated and late answers do no harm. What is deliberately not here:
//! connections, committed offsets, and how partitions are read.

pub(crate) mod classic;
#[cfg(test)]
mod coordinator;
mod line;
pub(crate) mod modern;
pub(crate) mod protocol;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest,
    consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse, heartbeat_request::HeartbeatRequest,
    join_group_request::JoinGroupRequest, join_group_response::JoinGroupResponse,
    leave_group_request::LeaveGroupRequest, sync_group_request::SyncGroupRequest,
    sync_group_response::SyncGroupResponse,
};

use super::partition::Partitions;

/// What a machine wants done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    /// Find the coordinator.
    FindCoordinator,
    /// Ask it, and tell the answer with the ticket.
    Ask {
        /// Comes back with the answer.
        ticket: u64,
        /// The coordinator.
        node: i32,
        /// What to ask.
        request: Box<Request>,
    },
    /// Find out how many partitions these topics have, and their names and ids.
    Count(Sought),
    /// Give these up: stop handing out their records and commit, then say so.
    Revoke(Partitions),
    /// These are somebody else's already: stop at once, a commit would be refused.
    Lose(Partitions),
    /// These are ours from now on.
    Assign(Partitions),
    /// It is over: nothing more comes.
    Fail(Failure),
}

/// A request to the coordinator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    Join(JoinGroupRequest),
    Sync(SyncGroupRequest),
    Heartbeat(HeartbeatRequest),
    Leave(LeaveGroupRequest),
    Modern(ConsumerGroupHeartbeatRequest),
}

/// What the coordinator says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(ErrorCode),
    Leave,
    Modern(ConsumerGroupHeartbeatResponse),
    /// None came: the request may have been served all the same.
    Lost,
    /// The broker serves no version of the request that can say what has to be said.
    Unsupported,
}

/// Topics that somebody wants to know about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    Topics(BTreeSet<Str>),
    Ids(BTreeSet<Uuid>),
    /// All there are.
    All,
}

impl Sought {
    /// Whether whoever has looked for these has also seen some topics, as far as they are there.
    fn covers<'a>(&self, mut topics: impl Iterator<Item = &'a Str>) -> bool {
        match self {
            Self::Topics(names) => topics.all(|topic| names.contains(topic)),
            Self::Ids(_) => topics.next().is_none(),
            Self::All => true,
        }
    }

    /// The same and some topics by name.
    pub(crate) fn and(self, names: BTreeSet<Str>) -> Self {
        match self {
            Self::Topics(of) => Self::Topics(of.into_iter().chain(names).collect()),
            Self::Ids(_) | Self::All => Self::All,
        }
    }

    /// How many topics are looked for; those that are not there may come.
    pub(crate) fn misses(&self, found: usize) -> bool {
        match self {
            Self::Topics(names) => found < names.len(),
            Self::Ids(ids) => found < ids.len(),
            Self::All => false,
        }
    }
}

/// What is known of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) id: Uuid,
    pub(crate) partitions: i32,
    /// The racks of the replicas of each partition; empty where no broker has one.
    pub(crate) racks: Vec<BTreeSet<Str>>,
    /// Kafka's own.
    pub(crate) internal: bool,
}

/// Topics that were asked about: those that are not there are missing.
pub(crate) type Counts = BTreeMap<Str, Counted>;

/// The place is lost, and all partitions with it: what was about to be assigned never was, what was about to be revoked is
/// somebody else's.
fn lose(owned: &mut Partitions, todo: &mut VecDeque<Action>) {
    let lost = std::mem::take(owned);
    todo.retain(|action| !matches!(action, Action::Assign(_) | Action::Revoke(_)));
    if !lost.is_empty() {
        todo.push_back(Action::Lose(lost));
    }
}

/// A member of a group.
pub(crate) trait Member: std::fmt::Debug + Send {
    /// What it wants done next; to be asked until there is nothing.
    fn poll(&mut self, now: Millis) -> Option<Action>;

    /// When to ask again without anything else happening.
    fn deadline(&self) -> Option<Millis>;

    /// The coordinator was looked for; with the code where a broker said why it was not found.
    fn on_coordinator(&mut self, now: Millis, found: Result<i32, Option<ErrorCode>>);

    /// What came of a request.
    fn on_answer(&mut self, now: Millis, ticket: u64, answer: Answer);

    /// Topics were looked at, because the member asked for it or because it was time.
    fn on_counts(&mut self, now: Millis, asked: &Sought, counts: &Counts);

    /// What was to be given up is.
    fn on_revoked(&mut self);

    /// A commit as this member in this epoch was refused with what concerns the membership.
    fn on_commit_refused(&mut self, now: Millis, epoch: i32, code: ErrorCode);

    /// Whoever takes the records does not: the group gets the partitions.
    fn go_away(&mut self);

    /// Somebody takes records again.
    fn come_back(&mut self);

    /// Leaves for good. What it has should have been given up before.
    fn leave(&mut self);

    /// The topics that are to be looked at from time to time.
    fn watched(&self) -> Sought;

    /// As whom to commit; `None` while it is no member.
    fn identity(&self) -> Option<Identity>;

    /// The coordinator, as far as it is known.
    fn coordinator(&self) -> Option<i32>;

    /// Whether it has left or failed.
    fn is_over(&self) -> bool;

    /// What it has.
    #[cfg(test)]
    fn owned(&self) -> &Partitions;
}

/// Why a member cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The coordinator refuses for good.
    Refused(ErrorCode),
    /// The coordinator cannot read the regular expression, and says why.
    Pattern(String),
    /// The broker is too old.
    Unsupported,
    /// What the others of the group say makes no sense.
    Protocol(&'static str),
}

/// As whom offsets are committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) member_id: Str,
    /// Generation, or member epoch.
    pub(crate) epoch: i32,
    pub(crate) instance_id: Option<Str>,
}

/// Whether the coordinator is another broker now, or none for the moment.
pub(crate) fn has_moved(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE)
}
