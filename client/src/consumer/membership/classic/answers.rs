use ottla_assign::ClassicAssignor;
use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::messages::{join_group_response::JoinGroupResponse, sync_group_response::SyncGroupResponse};

use super::{
    super::{Action, Answer, Failure, Sought, has_moved, protocol},
    Classic, Kind, Lead, Phase, Then,
};
use crate::consumer::partition::Partitions;

impl Classic {
    pub(super) fn take_answer(&mut self, now: Millis, ticket: u64, answer: Answer) {
        let Some(kind) = self.line.answered(ticket) else { return };
        match (kind, answer) {
            (Kind::Leave, _) => self.on_left(),
            (_, Answer::Unsupported) => self.fail(Failure::Unsupported),
            (Kind::Join, Answer::Join(response)) => self.on_joined(now, response),
            // The place may have been lost meanwhile: a commit tells of it too.
            (Kind::Sync, Answer::Sync(_)) if self.phase != Phase::Syncing => {}
            (Kind::Sync, Answer::Sync(response)) => self.on_synced(now, &response),
            (Kind::Heartbeat, Answer::Heartbeat(_)) if self.generation < 0 => {}
            (Kind::Heartbeat, Answer::Heartbeat(code)) => self.on_heartbeat(now, code),
            // Lost, or an answer to something else: whether the request was served is not known.
            (_, _) => {
                self.line.lose(now);
                self.try_again();
            }
        }
    }

    fn on_left(&mut self) {
        let for_good = self.phase == Phase::Leaving { for_good: true };
        self.member_id = Str::new();
        self.phase = if for_good { Phase::Over } else { Phase::Away };
    }

    /// A join or a sync came to nothing: everything begins with a join.
    fn try_again(&mut self) {
        if matches!(self.phase, Phase::Joining | Phase::Syncing) {
            self.phase = Phase::Outside;
        }
    }

    fn on_joined(&mut self, now: Millis, response: JoinGroupResponse) {
        match response.error_code {
            ErrorCode::NONE => self.take_place(now, response),
            // The id comes first, so that a join whose answer is lost leaves no member behind.
            ErrorCode::MEMBER_ID_REQUIRED => {
                self.member_id = Str::from(response.member_id.to_string());
                self.phase = Phase::Outside;
            }
            ErrorCode::UNKNOWN_MEMBER_ID => self.start_over(false),
            ErrorCode::ILLEGAL_GENERATION => self.start_over(true),
            code => self.on_trouble(now, code),
        }
    }

    fn take_place(&mut self, now: Millis, response: JoinGroupResponse) {
        let name = response.protocol_name.unwrap_or_default();
        let chosen = ClassicAssignor::by_name(&name).filter(|of| self.rules.assignors.contains(of));
        let Some(assignor) = chosen else {
            return self.fail(Failure::Protocol("the group uses an assignor that was not offered"));
        };
        self.assignor = Some(assignor);
        self.member_id = Str::from(response.member_id.to_string());
        self.generation = response.generation_id;
        self.next_heartbeat = now.plus(self.rules.heartbeat_interval_ms);
        self.assignments.clear();
        self.lead = None;
        self.rejoins = false;
        self.reads.on_joined();
        self.phase = Phase::Syncing;
        if response.leader != response.member_id {
            return;
        }
        match Lead::new(assignor, response.members) {
            Ok(lead) => {
                if !response.skip_assignment {
                    self.todo.push_back(Action::Count(Sought::Topics(lead.topics().cloned().collect())));
                    self.phase = Phase::Counting;
                }
                self.lead = Some(lead);
            }
            Err(_) => {
                self.fail(Failure::Protocol("a member of the group does not describe itself as a consumer"))
            }
        }
    }

    fn on_synced(&mut self, now: Millis, response: &SyncGroupResponse) {
        match response.error_code {
            ErrorCode::NONE => match protocol::assigned(&response.assignment) {
                Ok(assigned) => self.reconcile(assigned),
                Err(_) => self.fail(Failure::Protocol("the leader's assignment cannot be read")),
            },
            ErrorCode::REBALANCE_IN_PROGRESS => self.phase = Phase::Outside,
            ErrorCode::UNKNOWN_MEMBER_ID => self.start_over(false),
            ErrorCode::ILLEGAL_GENERATION => self.start_over(true),
            code => self.on_trouble(now, code),
        }
    }

    /// From what it has to what it is to have.
    fn reconcile(&mut self, assigned: Partitions) {
        if assigned.iter().any(|at| !self.reads.wants(&at.topic)) {
            // Made for a subscription it had before.
            self.phase = Phase::Outside;
            return;
        }
        let revoked: Partitions = self.owned.difference(&assigned).cloned().collect();
        if revoked.is_empty() {
            return self.adopt(assigned);
        }
        self.todo.push_back(Action::Revoke(revoked));
        self.phase = Phase::Revoking(Then::Adopt(assigned));
    }

    fn on_heartbeat(&mut self, now: Millis, code: ErrorCode) {
        if has_moved(code) {
            self.line.lose(now);
        } else {
            self.on_standing(code);
        }
    }

    /// What the coordinator thinks of the member's place.
    pub(super) fn on_standing(&mut self, code: ErrorCode) {
        match code {
            ErrorCode::REBALANCE_IN_PROGRESS => self.rejoins = true,
            ErrorCode::UNKNOWN_MEMBER_ID => self.start_over(false),
            ErrorCode::ILLEGAL_GENERATION => self.start_over(true),
            ErrorCode::FENCED_INSTANCE_ID | ErrorCode::GROUP_AUTHORIZATION_FAILED => {
                self.fail(Failure::Refused(code));
            }
            // Loading, or something that passes: the next heartbeat tells.
            _ => {}
        }
    }

    /// A join or a sync was refused.
    fn on_trouble(&mut self, now: Millis, code: ErrorCode) {
        if has_moved(code) {
            self.line.lose(now);
        } else if !code.is_retriable() && code != ErrorCode::REBALANCE_IN_PROGRESS {
            return self.fail(Failure::Refused(code));
        }
        self.line.pause(now);
        self.phase = Phase::Outside;
    }
}
