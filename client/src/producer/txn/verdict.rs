use ottla_types::ErrorCode;

use super::action::{Action, Request};

/// What was asked of whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Find,
    FindGroup,
    Init,
    Partitions,
    Group,
    Offsets,
    End,
    Produce,
}

impl Asked {
    pub(super) fn of(action: &Action) -> Self {
        match action {
            Action::Find => Self::Find,
            Action::FindGroup(_) => Self::FindGroup,
            Action::Ask(_, Request::Init(_)) => Self::Init,
            Action::Ask(_, Request::Partitions(..)) => Self::Partitions,
            Action::Ask(_, Request::Group(..)) => Self::Group,
            Action::Ask(_, Request::Offsets(..)) => Self::Offsets,
            Action::Ask(_, Request::End { .. }) => Self::End,
        }
    }
}

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same again, a little later.
    Again,
    /// The same again, at another coordinator.
    Move,
    /// The transaction cannot be committed; below version 2 the next one needs another epoch.
    Abort,
    /// The transaction cannot be committed.
    AbortAsItIs,
    /// Another producer has the transactional id.
    Fenced,
    /// Nothing will help.
    Fatal,
}

/// As Kafka's own client takes the codes.
pub(super) fn judge(asked: Asked, code: ErrorCode) -> Verdict {
    match (asked, code) {
        (Asked::Offsets, ErrorCode::REQUEST_TIMED_OUT)
        | (_, ErrorCode::NOT_COORDINATOR | ErrorCode::COORDINATOR_NOT_AVAILABLE)
            if asked != Asked::Produce =>
        {
            Verdict::Move
        }
        // Who is asked about batches is not the coordinator: what it heard of the epoch may be too late only.
        (Asked::Produce, ErrorCode::INVALID_PRODUCER_EPOCH) => Verdict::Abort,
        (_, ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::PRODUCER_FENCED) => Verdict::Fenced,
        (_, code) if is_final(code) => Verdict::Fatal,
        (Asked::Produce, ErrorCode::CLUSTER_AUTHORIZATION_FAILED | ErrorCode::UNSUPPORTED_VERSION) => {
            Verdict::Fatal
        }
        (Asked::Produce, _) => Verdict::Abort,
        (_, code) if code.is_retriable() => Verdict::Again,
        (Asked::Find | Asked::Init, _) => Verdict::Fatal,
        (_, ErrorCode::INVALID_TXN_STATE) => Verdict::Fatal,
        (_, ErrorCode::UNKNOWN_PRODUCER_ID) => Verdict::Abort,
        (_, ErrorCode::TRANSACTION_ABORTABLE) => Verdict::AbortAsItIs,
        (Asked::Partitions, _) => Verdict::AbortAsItIs,
        (Asked::FindGroup | Asked::Group | Asked::Offsets, ErrorCode::GROUP_AUTHORIZATION_FAILED) => {
            Verdict::AbortAsItIs
        }
        (Asked::Offsets, code) if is_about_member(code) => Verdict::AbortAsItIs,
        _ => Verdict::Fatal,
    }
}

fn is_final(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED | ErrorCode::INVALID_PRODUCER_ID_MAPPING)
}

/// The consumer whose offsets these are has no longer the place in its group it had.
fn is_about_member(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::FENCED_INSTANCE_ID
            | ErrorCode::UNKNOWN_MEMBER_ID
            | ErrorCode::ILLEGAL_GENERATION
            | ErrorCode::STALE_MEMBER_EPOCH
            | ErrorCode::TOPIC_AUTHORIZATION_FAILED
    )
}
