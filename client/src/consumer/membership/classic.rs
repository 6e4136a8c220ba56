//! A member of a classic group: joins, leads if it is told to, keeps its place with heartbeats, leaves.
//!
//! Two manners. Eager: everything is given up before the member joins again. Cooperative (KIP-429): a member keeps what
//! it has while it joins, gives up what it is not assigned any more, and joins once more so that others get it.

mod answers;
mod leader;
mod reads;
mod requests;

use std::collections::VecDeque;

use bytes::Bytes;
use ottla_assign::{ClassicAssignor, TopicPattern};
use ottla_types::{ErrorCode, Millis, Str};

use super::{
    Action, Answer, Counts, Failure, Identity, Member, Sought, has_moved,
    line::{Free, Line},
    lose,
};
use crate::consumer::partition::Partitions;
use leader::Lead;
use reads::Reads;

/// What a member is told when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) group_id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) topics: Vec<Str>,
    /// Also topics that match.
    pub(crate) pattern: Option<TopicPattern>,
    pub(crate) rack_id: Option<Str>,
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
    reads: Reads,
    phase: Phase,
    line: Line<Kind>,
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
    next_heartbeat: Millis,
    todo: VecDeque<Action>,
}

impl Classic {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            line: Line::new(rules.backoff_ms),
            reads: Reads::new(rules.topics.clone(), rules.pattern.clone()),
            rules,
            phase: Phase::Outside,
            member_id: Str::new(),
            generation: -1,
            assignor: None,
            owned: Partitions::new(),
            remembered: None,
            lead: None,
            assignments: Vec::new(),
            rejoins: false,
            next_heartbeat: Millis(i64::MIN),
            todo: VecDeque::new(),
        }
    }
}

impl Member for Classic {
    fn poll(&mut self, now: Millis) -> Option<Action> {
        if self.wants_to_join() {
            // Topics that come and go are one rebalance for the whole group if everybody looks before joining again.
            self.todo.extend(self.reads.look().map(Action::Count));
            if self.phase == Phase::Stable && self.reads.is_known() {
                self.prepare_to_join();
            }
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
                let (kind, request) = self.next_request(now)?;
                self.line.ask(kind, request)
            }
        }
    }

    fn deadline(&self) -> Option<Millis> {
        match self.phase {
            Phase::Over | Phase::Away => None,
            Phase::Stable | Phase::Revoking(_) | Phase::Counting => self.line.deadline(self.next_heartbeat),
            // What it waits for comes by itself.
            Phase::Outside if self.line.node.is_some() && !self.reads.is_known() => None,
            _ => self.line.deadline(Millis(i64::MIN)),
        }
    }

    fn on_coordinator(&mut self, now: Millis, found: Result<i32, Option<ErrorCode>>) {
        if let Err(failure) = self.line.on_coordinator(now, found) {
            self.fail(failure);
        }
    }

    fn on_answer(&mut self, now: Millis, ticket: u64, answer: Answer) {
        self.take_answer(now, ticket, answer);
    }

    /// To know what there is to read; for the leader's assignment, or to see whether it still fits.
    fn on_counts(&mut self, _now: Millis, asked: &Sought, counts: &Counts) {
        if *asked == Sought::All {
            self.reads.on_all(counts);
        }
        let Some(lead) = &mut self.lead else { return };
        if !asked.covers(lead.topics()) {
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

    fn on_revoked(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Outside) {
            Phase::Revoking(Then::Join) => {
                self.owned.retain(|at| self.rules.is_cooperative() && self.reads.contains(&at.topic));
            }
            // Others wait for what was given up: they get it once this member has joined again.
            Phase::Revoking(Then::Adopt(assigned)) => {
                self.adopt(assigned);
                self.rejoins = true;
            }
            other => self.phase = other,
        }
    }

    fn on_commit_refused(&mut self, now: Millis, epoch: i32, code: ErrorCode) {
        // The group may have come into its next generation already, and the answer to the join tell of it later than the
        // one to the commit: a member that keeps what it has commits while it joins.
        let joins = matches!(self.phase, Phase::Joining | Phase::Outside);
        let is_early = code == ErrorCode::ILLEGAL_GENERATION && joins;
        if has_moved(code) {
            self.line.lose(now);
        } else if epoch == self.generation && !is_early {
            self.on_standing(code);
        }
    }

    fn go_away(&mut self) {
        if !matches!(self.phase, Phase::Leaving { .. } | Phase::Away | Phase::Over) {
            self.lose_all();
            self.say_goodbye(false);
        }
    }

    fn come_back(&mut self) {
        if self.phase == Phase::Away {
            self.phase = Phase::Outside;
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

    /// A leader has to notice when its assignment does not fit any more.
    fn watched(&self) -> Sought {
        self.reads.watched(self.lead.iter().flat_map(Lead::topics).cloned().collect())
    }

    fn identity(&self) -> Option<Identity> {
        (self.generation >= 0).then(|| Identity {
            member_id: self.member_id.clone(),
            epoch: self.generation,
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

impl Classic {
    /// Static members keep their place, and who has no id has none; an answer that is due is not waited for.
    fn say_goodbye(&mut self, for_good: bool) {
        let has_place = !self.member_id.is_empty() && self.rules.instance_id.is_none();
        self.line.hang_up();
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

    fn wants_to_join(&self) -> bool {
        match self.phase {
            Phase::Outside => true,
            Phase::Stable => self.rejoins || self.reads.has_changed(),
            _ => false,
        }
    }

    /// Before it joins, an eager member gives up everything; a cooperative one what it is not subscribed to any more.
    fn prepare_to_join(&mut self) {
        self.rejoins = false;
        let keeps = |topic: &Str| self.rules.is_cooperative() && self.reads.contains(topic);
        let revoked: Partitions = self.owned.iter().filter(|at| !keeps(&at.topic)).cloned().collect();
        if revoked.is_empty() {
            self.phase = Phase::Outside;
        } else {
            self.phase = Phase::Revoking(Then::Join);
            self.todo.push_back(Action::Revoke(revoked));
        }
    }

    fn lose_all(&mut self) {
        lose(&mut self.owned, &mut self.todo);
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
}
