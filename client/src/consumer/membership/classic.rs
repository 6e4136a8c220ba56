//! A member of a classic group: joins, leads if it is told to, keeps its place with heartbeats, leaves.
//!
//! Two manners. Eager: everything is given up before the member joins again. Cooperative (KIP-429): a member keeps what
//! it has while it joins, gives up what it is not assigned any more, and joins once more so that others get it.

mod answers;
mod leader;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use ottla_assign::ClassicAssignor;
use ottla_types::{ErrorCode, Millis, Str};

use super::{Action, Failure, Identity, has_moved};
use crate::consumer::partition::Partitions;
use leader::Lead;

/// What a member is told when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) group_id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) topics: Vec<Str>,
    /// Most wanted first.
    pub(crate) assignors: Vec<ClassicAssignor>,
    pub(crate) session_timeout_ms: i32,
    /// How long it may take to give partitions up.
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) heartbeat_interval_ms: i64,
    pub(crate) backoff_ms: i64,
}

impl Rules {
    /// Whether everybody who can be in the group keeps what it has while it joins.
    fn is_cooperative(&self) -> bool {
        self.assignors.iter().all(|assignor| assignor.is_cooperative())
    }
}

/// Where the member stands.
#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// It joins as soon as it can.
    Outside,
    /// It gives partitions up first.
    Revoking(Then),
    Joining,
    /// It leads, and finds out how many partitions there are.
    Counting,
    /// It has joined and wants its assignment.
    Syncing,
    Stable,
    /// It says goodbye: for good, or until it is wanted again.
    Leaving {
        for_good: bool,
    },
    /// Nobody takes its records.
    Away,
    /// It has left or failed.
    Over,
}

/// What comes after partitions are given up.
#[derive(Debug, Clone, PartialEq)]
enum Then {
    Join,
    /// The new assignment holds.
    Adopt(Partitions),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Join,
    Sync,
    Heartbeat,
    Leave,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Classic {
    rules: Rules,
    phase: Phase,
    coordinator: Option<i32>,
    finding: bool,
    member_id: Str,
    /// −1 for none.
    generation: i32,
    assignor: Option<ClassicAssignor>,
    owned: Partitions,
    /// What it had in the last generation, and which that was: sticky assignors go by it.
    remembered: Option<(Partitions, i32)>,
    lead: Option<Lead>,
    /// What the leader sends along.
    assignments: Vec<(Str, Bytes)>,
    rejoins: bool,
    under_way: Option<(u64, Kind)>,
    tickets: u64,
    /// Nothing is tried before.
    not_before: Millis,
    next_heartbeat: Millis,
    todo: VecDeque<Action>,
}

impl Classic {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            phase: Phase::Outside,
            coordinator: None,
            finding: false,
            member_id: Str::new(),
            generation: -1,
            assignor: None,
            owned: Partitions::new(),
            remembered: None,
            lead: None,
            assignments: Vec::new(),
            rejoins: false,
            under_way: None,
            tickets: 0,
            not_before: Millis(i64::MIN),
            next_heartbeat: Millis(i64::MIN),
            todo: VecDeque::new(),
        }
    }

    /// What it has.
    #[cfg(test)]
    pub(crate) fn owned(&self) -> &Partitions {
        &self.owned
    }

    /// As whom to commit; `None` while it is no member.
    pub(crate) fn identity(&self) -> Option<Identity> {
        (self.generation >= 0).then(|| Identity {
            member_id: self.member_id.clone(),
            epoch: self.generation,
            instance_id: self.rules.instance_id.clone(),
        })
    }

    /// The coordinator, as far as it is known.
    pub(crate) fn coordinator(&self) -> Option<i32> {
        self.coordinator
    }

    /// Whether it has left or failed.
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over && self.todo.is_empty()
    }

    /// What it wants done next; to be asked until there is nothing.
    pub(crate) fn poll(&mut self, now: Millis) -> Option<Action> {
        if self.phase == Phase::Stable && self.rejoins {
            self.prepare_to_join();
        }
        if let Some(action) = self.todo.pop_front() {
            return Some(action);
        }
        if matches!(self.phase, Phase::Over | Phase::Away) || now < self.not_before {
            return None;
        }
        let Some(node) = self.coordinator else {
            let asks = !std::mem::replace(&mut self.finding, true);
            return asks.then_some(Action::FindCoordinator);
        };
        if self.under_way.is_some() {
            return None;
        }
        let (kind, request) = self.next_request(now)?;
        self.tickets += 1;
        self.under_way = Some((self.tickets, kind));
        Some(Action::Ask { ticket: self.tickets, node, request: Box::new(request) })
    }

    /// When to ask again without anything else happening.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        let waits_for_coordinator = self.coordinator.is_none() && self.finding;
        if waits_for_coordinator || self.under_way.is_some() {
            return None;
        }
        match self.phase {
            Phase::Over | Phase::Away => None,
            Phase::Stable | Phase::Revoking(_) | Phase::Counting if self.coordinator.is_some() => {
                Some(self.next_heartbeat.max(self.not_before))
            }
            _ => Some(self.not_before),
        }
    }

    /// The coordinator was looked for.
    pub(crate) fn on_coordinator(&mut self, now: Millis, found: Result<i32, Option<ErrorCode>>) {
        self.finding = false;
        match found {
            Ok(node) => self.coordinator = Some(node),
            Err(Some(code)) if !code.is_retriable() && !has_moved(code) => {
                self.fail(Failure::Refused(code));
            }
            Err(_) => self.pause(now),
        }
    }

    /// The partitions of topics were counted: for the leader's assignment, or to see whether it still fits. Of the topics
    /// that were `asked` for those without a count do not exist.
    pub(crate) fn on_counts(&mut self, asked: &BTreeSet<Str>, counts: &BTreeMap<Str, i32>) {
        let Some(lead) = &mut self.lead else { return };
        if !lead.topics().all(|topic| asked.contains(topic)) {
            // Of an earlier generation: another answer comes.
            return;
        }
        let relevant = lead.relevant(counts);
        match self.phase {
            Phase::Counting => match lead.assign(relevant) {
                Ok(assignments) => {
                    self.assignments = assignments;
                    self.phase = Phase::Syncing;
                }
                Err(failure) => self.fail(failure),
            },
            _ => self.rejoins |= lead.has_changed(relevant),
        }
    }

    /// The topics a leader has to watch.
    pub(crate) fn watched(&self) -> BTreeSet<Str> {
        self.lead.iter().flat_map(Lead::topics).cloned().collect()
    }

    /// What was to be given up is.
    pub(crate) fn on_revoked(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Outside) {
            Phase::Revoking(Then::Join) => {
                self.owned.retain(|at| self.rules.is_cooperative() && self.rules.topics.contains(&at.topic));
            }
            // Others wait for what was given up: they get it once this member has joined again.
            Phase::Revoking(Then::Adopt(assigned)) => {
                self.adopt(assigned);
                self.rejoins = true;
            }
            other => self.phase = other,
        }
    }

    /// A commit as this identity was refused with what concerns the membership.
    pub(crate) fn on_commit_refused(&mut self, epoch: i32, code: ErrorCode) {
        if has_moved(code) {
            self.coordinator = None;
        } else if epoch == self.generation {
            self.on_standing(code);
        }
    }

    /// Whoever takes the records does not: the group gets the partitions.
    pub(crate) fn go_away(&mut self) {
        if !matches!(self.phase, Phase::Leaving { .. } | Phase::Away | Phase::Over) {
            self.lose_all();
            self.say_goodbye(false);
        }
    }

    /// Somebody takes records again.
    pub(crate) fn come_back(&mut self) {
        match &mut self.phase {
            Phase::Away => self.phase = Phase::Outside,
            Phase::Leaving { for_good: false } => {}
            _ => {}
        }
    }

    /// Leaves for good. What it has should have been given up before.
    pub(crate) fn leave(&mut self) {
        match self.phase {
            Phase::Over => {}
            Phase::Away => self.phase = Phase::Over,
            _ => {
                self.owned.clear();
                self.say_goodbye(true);
            }
        }
    }

    /// Static members keep their place, and who has no id has none; an answer that is due is not waited for.
    fn say_goodbye(&mut self, for_good: bool) {
        let has_place = !self.member_id.is_empty() && self.rules.instance_id.is_none();
        self.under_way = None;
        self.phase = match (has_place, for_good) {
            (true, _) => Phase::Leaving { for_good },
            (false, true) => Phase::Over,
            (false, false) => Phase::Away,
        };
        self.generation = -1;
    }

    fn adopt(&mut self, assigned: Partitions) {
        let added: Partitions = assigned.difference(&self.owned).cloned().collect();
        self.remembered = Some((assigned.clone(), self.generation));
        self.owned = assigned;
        self.phase = Phase::Stable;
        if !added.is_empty() {
            self.todo.push_back(Action::Assign(added));
        }
    }

    /// Before it joins, an eager member gives up everything; a cooperative one what it is not subscribed to any more.
    fn prepare_to_join(&mut self) {
        self.rejoins = false;
        let topics = &self.rules.topics;
        let keeps = |topic: &Str| self.rules.is_cooperative() && topics.contains(topic);
        let revoked: Partitions = self.owned.iter().filter(|at| !keeps(&at.topic)).cloned().collect();
        if revoked.is_empty() {
            self.phase = Phase::Outside;
        } else {
            self.phase = Phase::Revoking(Then::Join);
            self.todo.push_back(Action::Revoke(revoked));
        }
    }

    fn lose_all(&mut self) {
        let lost = std::mem::take(&mut self.owned);
        // What was about to be assigned never was, what was about to be revoked is lost.
        self.todo.retain(|action| !matches!(action, Action::Assign(_) | Action::Revoke(_)));
        if !lost.is_empty() {
            self.todo.push_back(Action::Lose(lost));
        }
    }

    /// The place is lost; it joins again, with its id where that may still be known.
    fn start_over(&mut self, keeps_id: bool) {
        self.lose_all();
        self.generation = -1;
        self.rejoins = false;
        self.phase = Phase::Outside;
        if !keeps_id {
            self.member_id = Str::new();
        }
    }

    fn fail(&mut self, failure: Failure) {
        self.lose_all();
        self.generation = -1;
        self.phase = Phase::Over;
        self.todo.push_back(Action::Fail(failure));
    }

    fn pause(&mut self, now: Millis) {
        self.not_before = now.plus(self.rules.backoff_ms);
    }
}
