//! Being a member of a group, as machines without a clock or a network.
//!
//! A machine says what it wants done ([`Action`]) and is told what came of it. At most one request to the coordinator is
//! under way; an answer to any other is ignored, so repeated and late answers do no harm. What is deliberately not here:
//! connections, committed offsets, and how partitions are read.

pub(crate) mod classic;
#[cfg(test)]
pub(crate) mod coordinator;
pub(crate) mod protocol;

use std::collections::BTreeSet;

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    heartbeat_request::HeartbeatRequest, join_group_request::JoinGroupRequest,
    join_group_response::JoinGroupResponse, leave_group_request::LeaveGroupRequest,
    sync_group_request::SyncGroupRequest, sync_group_response::SyncGroupResponse,
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
    /// Find out how many partitions these topics have.
    Count(BTreeSet<Str>),
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
}

/// What the coordinator says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Join(JoinGroupResponse),
    Sync(SyncGroupResponse),
    Heartbeat(ErrorCode),
    Leave,
    /// None came: the request may have been served all the same.
    Lost,
    /// The broker serves no version of the request that can say what has to be said.
    Unsupported,
}

/// Why a member cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The coordinator refuses for good.
    Refused(ErrorCode),
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
