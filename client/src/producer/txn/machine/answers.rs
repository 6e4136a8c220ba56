//! What the answers of coordinators make of a transaction.

use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Millis};

use super::{Action, Answer, Fatal, Phase, Request, Transactions, ends::is_end};
use crate::{
    TopicPartition,
    producer::txn::verdict::{Asked, Verdict, judge},
};

/// How long to wait while the transaction before is being completed (Java's value).
const AFTER_ANOTHER_MS: i64 = 20;

impl Transactions {
    /// What came of the action that is under way.
    pub(crate) fn on_answer(&mut self, now: Millis, answer: Answer) {
        let Some(action) = self.under_way.take() else { return };
        match (action, answer) {
            (_, Answer::Unsupported) => self.over(Fatal::Unsupported),
            (action, Answer::Lost) => {
                self.in_doubt |= is_end(&action);
                self.lose_coordinator(&action);
                self.again(now, &action, None);
            }
            (action, Answer::Refused(code)) => self.on_refused(now, &action, code),
            (_, Answer::Found(node, at_2)) => {
                self.coordinator = Some(node);
                // The first transaction of version 2 begins with an epoch no batch of before has (KIP-890).
                self.raises_epoch |= at_2 && !self.cluster_at_2 && self.who.is_some();
                self.cluster_at_2 = at_2;
                self.tries = 0;
            }
            (Action::FindGroup(group), Answer::FoundGroup(node)) => {
                self.group_coordinator = Some((group, node));
                self.tries = 0;
            }
            (_, Answer::Init(who)) => {
                self.tries = 0;
                self.who = Some(who);
                self.raises_epoch = false;
                self.phase = Phase::Ready;
            }
            (action, Answer::Partitions(codes)) => self.on_partitions(now, &action, &codes),
            (_, Answer::Group) => {
                self.tries = 0;
                self.is_sure = true;
                self.group_added = true;
            }
            (action, Answer::Offsets(codes)) => self.on_offsets(now, &action, &codes),
            (_, Answer::Ended(who)) => {
                self.tries = 0;
                self.who = who.or(self.who);
                self.finish();
            }
            (_, Answer::FoundGroup(_)) => {}
        }
    }

    fn on_refused(&mut self, now: Millis, action: &Action, code: ErrorCode) {
        let verdict = judge(Asked::of(action), code);
        self.in_doubt |= is_end(action) && code == ErrorCode::CONCURRENT_TRANSACTIONS;
        let aborts = self.phase == (Phase::Ending { commit: false });
        match verdict {
            Verdict::Move | Verdict::Again => {
                if verdict == Verdict::Move {
                    self.lose_coordinator(action);
                }
                self.again(now, action, Some(code));
            }
            // Its end was refused, or what would have begun it never arrived: the next epoch keeps away what may still come.
            Verdict::Abort | Verdict::Fatal
                if is_end(action) && aborts && (verdict == Verdict::Abort || self.is_not_there(code)) =>
            {
                self.raises_epoch = true;
                self.finish();
            }
            verdict => self.apply(verdict, code),
        }
    }

    /// Whether the coordinator can have said that because nothing was added to the transaction.
    fn is_not_there(&self, code: ErrorCode) -> bool {
        code == ErrorCode::INVALID_TXN_STATE && !self.at_2 && !self.is_sure
    }

    fn on_partitions(&mut self, now: Millis, action: &Action, codes: &BTreeMap<usize, ErrorCode>) {
        let Action::Ask(_, Request::Partitions(_, queues)) = action else { return };
        let code_of = |queue: &usize| codes.get(queue).copied().unwrap_or(ErrorCode::UNKNOWN_SERVER_ERROR);
        // Of partitions that were refused one by one the others were not looked at: the first word that is one counts.
        let refused = queues.iter().map(code_of).filter(|code| *code != ErrorCode::NONE);
        let Some(code) = refused.min_by_key(|code| *code == ErrorCode::OPERATION_NOT_ATTEMPTED) else {
            self.tries = 0;
            self.is_sure = true;
            self.adding.clear();
            return self.added.extend(queues);
        };
        if matches!(judge(Asked::Partitions, code), Verdict::Abort | Verdict::AbortAsItIs) {
            self.adding.clear();
        }
        self.on_refused(now, action, code);
    }

    fn on_offsets(&mut self, now: Millis, action: &Action, codes: &BTreeMap<TopicPartition, ErrorCode>) {
        let Some(first) = self.offsets.front_mut() else { return };
        match first.on_codes(codes) {
            None => {
                self.tries = 0;
                self.settle_offsets();
            }
            Some(code) => self.on_refused(now, action, code),
        }
    }

    fn settle_offsets(&mut self) {
        self.offsets.pop_front();
        self.group_added = false;
        self.offsets_settled += 1;
    }

    fn lose_coordinator(&mut self, action: &Action) {
        match action {
            Action::FindGroup(_) | Action::Ask(_, Request::Offsets(..)) => self.group_coordinator = None,
            Action::Find | Action::Ask(..) => self.coordinator = None,
        }
    }

    fn again(&mut self, now: Millis, action: &Action, code: Option<ErrorCode>) {
        let pause =
            self.pace.backoff_ms.saturating_mul(1 << self.tries.min(20)).min(self.pace.backoff_max_ms);
        let adds = matches!(
            action,
            Action::Ask(_, Request::Partitions(..) | Request::Group(..) | Request::Offsets(..))
        );
        let is_first = adds && self.added.is_empty() && code == Some(ErrorCode::CONCURRENT_TRANSACTIONS);
        self.not_before = now.plus(if is_first { pause.min(AFTER_ANOTHER_MS) } else { pause });
        self.tries += u32::from(!is_first);
    }
}
