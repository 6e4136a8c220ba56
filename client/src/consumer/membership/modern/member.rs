//! What the driver of a member asks of it and tells it.

use std::collections::BTreeSet;

use ottla_types::{ErrorCode, Millis};

use super::{JOIN_EPOCH, Modern, Phase, Sent};
use crate::consumer::membership::{
    Action, Answer, Counts, Failure, Identity, Member, Sought, has_moved, line::Free,
};
#[cfg(test)]
use crate::consumer::partition::Partitions;

impl Member for Modern {
    fn poll(&mut self, now: Millis) -> Option<Action> {
        if self.phase == Phase::In && self.todo.is_empty() {
            self.reconcile(now);
        }
        if let Some(action) = self.todo.pop_front() {
            return Some(action);
        }
        if matches!(self.phase, Phase::Over | Phase::Away) {
            return None;
        }
        match self.line.is_free(now) {
            Free::No => None,
            Free::Find => Some(Action::FindCoordinator),
            Free::Yes => {
                let (sent, request) = self.next_request(now)?;
                self.line.ask(sent, request)
            }
        }
    }

    fn deadline(&self) -> Option<Millis> {
        match self.phase {
            Phase::Over | Phase::Away => None,
            Phase::In if self.told.is_some() && !self.has_news() => {
                let asks = !self.asks_names && self.revoking.is_none() && !self.nameless().is_empty();
                let names = asks.then_some(self.next_names);
                self.line.deadline(self.next_heartbeat).into_iter().chain(names).min()
            }
            _ => self.line.deadline(Millis(i64::MIN)),
        }
    }

    fn on_coordinator(&mut self, now: Millis, found: Result<i32, Option<ErrorCode>>) {
        if let Err(failure) = self.line.on_coordinator(now, found) {
            self.fail(failure);
        }
    }

    fn on_answer(&mut self, now: Millis, ticket: u64, answer: Answer) {
        match (self.line.answered(ticket), answer) {
            (None, _) => {}
            (Some(Sent::Goodbye), _) => {
                let for_good = self.phase == Phase::Leaving { for_good: true };
                self.phase = if for_good { Phase::Over } else { Phase::Away };
            }
            (Some(Sent::Heartbeat(said)), Answer::Modern(response)) => self.on_heartbeat(now, said, response),
            (Some(_), Answer::Unsupported) => self.fail(Failure::Unsupported),
            (Some(_), _) => {
                self.told = None;
                self.line.lose(now);
            }
        }
    }

    fn on_counts(&mut self, now: Millis, _asked: &Sought, counts: &Counts) {
        for (topic, counted) in counts {
            self.names.insert(counted.id, topic.clone());
            self.ids.insert(topic.clone(), counted.id);
        }
        if std::mem::take(&mut self.asks_names) {
            self.next_names = now.plus(self.rules.backoff_ms);
        }
    }

    fn on_revoked(&mut self) {
        if let Some(revoked) = self.revoking.take() {
            self.owned.retain(|at| !revoked.contains(at));
        }
    }

    fn on_commit_refused(&mut self, now: Millis, epoch: i32, code: ErrorCode) {
        let is_fenced = matches!(code, ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH);
        if has_moved(code) {
            self.line.lose(now);
        } else if is_fenced && epoch == self.epoch {
            self.start_over();
        }
    }

    fn go_away(&mut self) {
        if self.phase == Phase::In {
            self.lose_all();
            self.say_goodbye(false);
        }
    }

    fn come_back(&mut self) {
        if self.phase == Phase::Away {
            self.phase = Phase::In;
        }
    }

    fn leave(&mut self) {
        match self.phase {
            Phase::Over => {}
            Phase::Away => self.phase = Phase::Over,
            _ => {
                self.owned.clear();
                self.say_goodbye(true);
            }
        }
    }

    /// The coordinator watches the topics.
    fn watched(&self) -> Sought {
        Sought::Topics(BTreeSet::new())
    }

    fn identity(&self) -> Option<Identity> {
        (self.epoch > JOIN_EPOCH).then(|| Identity {
            member_id: self.member_id.clone(),
            epoch: self.epoch,
            instance_id: self.rules.instance_id.clone(),
        })
    }

    fn coordinator(&self) -> Option<i32> {
        self.line.node
    }

    fn is_over(&self) -> bool {
        self.phase == Phase::Over && self.todo.is_empty()
    }

    #[cfg(test)]
    fn owned(&self) -> &Partitions {
        &self.owned
    }
}
