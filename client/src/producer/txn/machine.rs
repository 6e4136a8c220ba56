//! What a transactional producer asks its coordinators, and what their answers make of its transactions.
//!
//! A pure machine: no clock, no network, no batches. One request is under way at a time. It follows Kafka's own client, in
//! both worlds: at `transaction.version` 2 batches and offsets add their partitions themselves and every end raises the
//! epoch (KIP-890); below, partitions and groups are added first, and after a failure InitProducerId raises the epoch
//! (KIP-360). Whoever drives it tells when every batch is settled: nothing is ended before.

mod answers;
mod ends;

use std::collections::{BTreeSet, VecDeque};

use ottla_types::{Millis, Str};

use super::{
    action::{Action, Answer, Request, Who},
    offsets::{GroupOffsets, Offsets},
    outcome::{Ended, Fatal, Trouble},
    verdict::{Asked, Verdict, judge},
};
use crate::producer::batches::{Identity, Undelivered};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Who we are is not known; or the epoch has to be raised.
    Starting,
    Ready,
    Open,
    Ending {
        commit: bool,
    },
    Over(Fatal),
}

/// The options in the machine's units.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) backoff_ms: i64,
    pub(crate) backoff_max_ms: i64,
    /// How long an end may take.
    pub(crate) patience_ms: i64,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Transactions {
    pace: Pace,
    phase: Phase,
    who: Option<Who>,
    coordinator: Option<i32>,
    group_coordinator: Option<(Str, i32)>,
    /// The cluster runs version 2, as of the last look.
    cluster_at_2: bool,
    /// The open transaction is one of version 2.
    at_2: bool,
    /// The coordinator may know of the open transaction.
    started: bool,
    /// It has said so.
    is_sure: bool,
    /// InitProducerId has to raise the epoch after the end.
    raises_epoch: bool,
    trouble: Option<Trouble>,
    /// Partitions that are to be added, those that are being added, and those that are in.
    wanted: BTreeSet<usize>,
    adding: BTreeSet<usize>,
    added: BTreeSet<usize>,
    offsets: VecDeque<Offsets>,
    /// The group was added for the first of the offsets.
    group_added: bool,
    /// Offsets that were taken, and those that are settled.
    offsets_taken: u64,
    offsets_settled: u64,
    under_way: Option<Action>,
    not_before: Millis,
    tries: u32,
    /// Transactions that were begun.
    begun: u64,
    /// What was told of the last transaction that was ended.
    ended: Option<(u64, Ended)>,
    /// Whether the last transaction of which that is known was committed.
    committed: Option<(u64, bool)>,
    /// When whoever wants the end is told that it is not known.
    limit: Option<Millis>,
    /// An end was asked for that may have been done.
    in_doubt: bool,
    /// It is not driven any longer.
    goodbye: Option<Millis>,
}

impl Transactions {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            phase: Phase::Starting,
            who: None,
            coordinator: None,
            group_coordinator: None,
            cluster_at_2: false,
            at_2: false,
            started: false,
            is_sure: false,
            raises_epoch: false,
            trouble: None,
            wanted: BTreeSet::new(),
            adding: BTreeSet::new(),
            added: BTreeSet::new(),
            offsets: VecDeque::new(),
            group_added: false,
            offsets_taken: 0,
            offsets_settled: 0,
            under_way: None,
            not_before: Millis(i64::MIN),
            tries: 0,
            begun: 0,
            ended: None,
            committed: None,
            limit: None,
            in_doubt: false,
            goodbye: None,
        }
    }

    /// Begins a transaction if none is open. Says its number.
    pub(crate) fn begin(&mut self) -> Option<u64> {
        if self.phase != Phase::Ready {
            return None;
        }
        self.phase = Phase::Open;
        self.at_2 = self.cluster_at_2;
        self.begun += 1;
        Some(self.begun)
    }

    /// Whether a transaction is open that can still be committed.
    pub(crate) fn is_open(&self) -> bool {
        self.phase == Phase::Open && self.trouble.is_none()
    }

    /// Why the open transaction cannot be committed.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Why there will be no transaction any more.
    pub(crate) fn fatal(&self) -> Option<Fatal> {
        if let Phase::Over(fatal) = self.phase { Some(fatal) } else { None }
    }

    /// Whether the next transaction can begin.
    pub(crate) fn is_ready(&self) -> bool {
        self.phase == Phase::Ready
    }

    /// Nobody needs it any more: what is open is ended, but not for ever.
    pub(crate) fn close(&mut self, now: Millis) {
        self.goodbye.get_or_insert(now.plus(self.pace.patience_ms));
    }

    /// Whether no transaction is open, nor about to be ended.
    pub(crate) fn is_ended(&self) -> bool {
        matches!(self.phase, Phase::Starting | Phase::Ready | Phase::Over(_))
    }

    /// Whether it need not be driven any more after [`close`](Self::close).
    pub(crate) fn is_done(&self, now: Millis) -> bool {
        self.is_ended() || self.goodbye.is_some_and(|goodbye| now >= goodbye)
    }

    /// Whether batches that were not sent are to be given up; `true` for all of them.
    pub(crate) fn gives_up(&self) -> Option<bool> {
        match self.phase {
            Phase::Over(_) => Some(true),
            Phase::Ending { commit: false } => Some(false),
            _ if self.trouble.is_some() => Some(false),
            _ => None,
        }
    }

    /// As whom batches are sent now.
    pub(crate) fn identity(&self) -> Identity {
        let sends = match self.phase {
            Phase::Open | Phase::Ending { commit: true } => self.trouble.is_none(),
            _ => false,
        };
        match self.who.filter(|_| sends) {
            Some(Who { id, epoch }) => Identity::Transactional { id, epoch, adds_partitions: self.at_2 },
            None => Identity::Wanted,
        }
    }

    /// Whether a batch goes by the version in which it adds its partition itself.
    pub(crate) fn is_at_2(&self) -> bool {
        self.at_2
    }

    /// A record was taken.
    pub(crate) fn on_record(&mut self) {
        // Its batch is what the coordinator hears of first.
        self.started |= self.at_2;
    }

    /// Partitions with records that are not in the transaction. Batches of version 2 add theirs themselves.
    pub(crate) fn want(&mut self, queues: impl IntoIterator<Item = usize>) {
        if self.at_2
            || self.trouble.is_some()
            || !matches!(self.phase, Phase::Open | Phase::Ending { commit: true })
        {
            return;
        }
        for queue in queues {
            if !self.adding.contains(&queue) && !self.added.contains(&queue) {
                self.wanted.insert(queue);
            }
        }
    }

    /// The partitions that are in the transaction.
    pub(crate) fn added(&self) -> &BTreeSet<usize> {
        &self.added
    }

    /// Takes offsets into the open transaction. They are settled once [`offsets_settled`](Self::offsets_settled) says the
    /// number.
    pub(crate) fn take_offsets(&mut self, offsets: GroupOffsets) -> u64 {
        self.offsets_taken += 1;
        if offsets.is_torn {
            self.fail(Trouble::GivenUp, false);
        } else {
            self.offsets.push_back(Offsets::new(offsets));
            self.started |= self.at_2;
        }
        self.offsets_taken
    }

    /// How many offsets that were taken are in the transaction, or will not be.
    pub(crate) fn offsets_settled(&self) -> u64 {
        self.offsets_settled
    }

    /// A batch was not delivered.
    pub(crate) fn on_undelivered(&mut self, why: Undelivered) {
        match why {
            Undelivered::Refused(code) => self.apply(judge(Asked::Produce, code), code),
            Undelivered::TimedOut { .. } => self.fail(Trouble::Undelivered, true),
            Undelivered::Aborted => {}
        }
    }

    /// What is to be asked now. `settled` says that no batch is left.
    pub(crate) fn poll(&mut self, now: Millis, settled: bool) -> Option<Action> {
        if self.under_way.is_some() || now < self.not_before {
            return None;
        }
        let request = self.next(settled)?;
        let action = match &request {
            Request::Offsets(_, offsets, _) => match &self.group_coordinator {
                Some((group, node)) if *group == offsets.group => Action::Ask(*node, request),
                _ => Action::FindGroup(offsets.group.clone()),
            },
            _ => match self.coordinator {
                Some(node) => Action::Ask(node, request),
                None => Action::Find,
            },
        };
        if let Action::Ask(_, Request::Partitions(..) | Request::Group(..)) = &action {
            self.started = true;
        }
        if let Action::Ask(_, Request::Partitions(_, queues)) = &action {
            self.adding.extend(queues);
            self.wanted.clear();
        }
        self.under_way = Some(action.clone());
        Some(action)
    }

    /// The request that comes next, without its coordinator.
    fn next(&mut self, settled: bool) -> Option<Request> {
        match self.phase {
            Phase::Ready | Phase::Over(_) => return None,
            Phase::Starting => return Some(Request::Init(self.who)),
            Phase::Open | Phase::Ending { .. } => {}
        }
        let who = self.who?;
        // What was asked for already is asked for again even when it is to be aborted: it may be in.
        let add: BTreeSet<usize> = self.adding.union(&self.wanted).copied().collect();
        if !add.is_empty() {
            return Some(Request::Partitions(who, add.into_iter().collect()));
        }
        if let Some(first) = self.offsets.front().filter(|_| self.trouble.is_none()) {
            return Some(if self.at_2 || self.group_added {
                Request::Offsets(who, first.left(), self.at_2)
            } else {
                Request::Group(who, first.group())
            });
        }
        let Phase::Ending { commit } = self.phase else { return None };
        if !settled {
            return None;
        }
        if !self.started {
            self.finish();
            return self.next(settled);
        }
        Some(Request::End { who, commit, new_epoch: self.at_2 })
    }

    /// When to ask again without anything else happening.
    pub(crate) fn deadline(&self, now: Millis) -> Option<Millis> {
        let waits = self.under_way.is_none() && self.not_before > now;
        let limits = [self.limit, self.goodbye].into_iter().flatten().filter(|limit| *limit > now);
        limits.chain(waits.then_some(self.not_before)).min()
    }
}

#[cfg(test)]
mod tests;
