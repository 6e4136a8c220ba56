//! Random lives of a transactional producer against Ottla's own coordinator, behind a network that loses answers and a
//! coordinator that crashes, and partitions whose markers come late.

mod cluster;

use std::collections::{BTreeMap, BTreeSet};

use ottla_testkit::Rng;
use ottla_types::{ErrorCode, Millis};

use super::{Action, Ended, Fatal, Pace, Phase, Transactions};
use crate::{
    GroupOffsets, TopicPartition,
    producer::batches::{Identity, Undelivered},
};
use cluster::{Cluster, Fate, OFFSETS};

const PARTITIONS: usize = 3;
const PACE: Pace = Pace { backoff_ms: 10, backoff_max_ms: 100, patience_ms: 2000 };

/// What was put into a transaction.
#[derive(Default)]
struct Content {
    /// Records, and offsets, that the cluster has or will have.
    whole: BTreeSet<(i32, u32)>,
    /// Some of it was not delivered.
    failed: bool,
    wants_commit: bool,
}

struct Life {
    dice: Rng,
    now: Millis,
    machine: Transactions,
    cluster: Cluster,
    under_way: Option<Action>,
    unsent: Vec<(usize, u32)>,
    open: Option<u64>,
    rounds: BTreeMap<u64, Content>,
    ends: BTreeMap<u64, Ended>,
    /// Whether they were committed, of those of which it came to be known.
    committed: BTreeMap<u64, bool>,
    next: u32,
    healthy: bool,
}

impl Life {
    fn new(seed: u64, version: i16) -> Self {
        let now = Millis(1000);
        Self {
            dice: Rng::new(seed),
            now,
            machine: Transactions::new(PACE),
            cluster: Cluster::new(now, version),
            under_way: None,
            unsent: Vec::new(),
            open: None,
            rounds: BTreeMap::new(),
            ends: BTreeMap::new(),
            committed: BTreeMap::new(),
            next: 0,
            healthy: false,
        }
    }

    fn step(&mut self) {
        match self.dice.below(16) {
            0 => self.begin(),
            1..=3 => self.record(),
            4 if self.dice.one_in(3) => self.offsets(),
            5 if self.dice.one_in(2) => self.end(),
            6 => self.now = self.now.plus(self.dice.below(60) as i64),
            7 if self.dice.one_in(60) => self.now = self.now.plus(2500),
            8 => self.cluster.write_markers(self.now),
            9 if self.dice.one_in(20) && !self.raises_epoch() => self.cluster.restart(self.now),
            10 | 11 => self.send(),
            _ => self.answer(),
        }
        self.poll();
    }

    /// A coordinator that crashes after raising an epoch does not know the request again, Kafka's neither.
    fn raises_epoch(&self) -> bool {
        self.machine.phase == Phase::Starting && self.machine.who.is_some()
    }

    fn begin(&mut self) {
        if let Some(number) = self.machine.begin() {
            assert_eq!(self.open, None);
            self.open = Some(number);
            self.rounds.insert(number, Content::default());
        }
    }

    fn record(&mut self) {
        let Some(open) = self.open.filter(|_| self.machine.is_open()) else { return };
        let queue = self.dice.below(PARTITIONS);
        self.next += 1;
        self.machine.on_record();
        self.unsent.push((queue, self.next));
        self.rounds.get_mut(&open).expect("it has begun").whole.insert((queue as i32, self.next));
    }

    fn offsets(&mut self) {
        let Some(open) = self.open.filter(|_| self.machine.is_open()) else { return };
        self.next += 1;
        let at = TopicPartition::new("read", 0);
        self.machine.take_offsets(GroupOffsets::new("g").done(at, i64::from(self.next)));
        self.rounds.get_mut(&open).expect("it has begun").whole.insert((OFFSETS, self.next));
    }

    fn end(&mut self) {
        let commit = !self.dice.one_in(3);
        self.end_with(commit);
    }

    fn end_with(&mut self, commit: bool) {
        let Some(open) = self.open.take() else { return };
        self.rounds.get_mut(&open).expect("it has begun").wants_commit = commit;
        self.machine.end(self.now, commit);
    }

    /// A batch goes, if it may.
    fn send(&mut self) {
        let Identity::Transactional { id, epoch, adds_partitions } = self.machine.identity() else { return };
        let may_go = |queue: &usize| adds_partitions || self.machine.added().contains(queue);
        let Some(at) = self.unsent.iter().position(|(queue, _)| may_go(queue)) else { return };
        let (queue, value) = self.unsent[at];
        let fails = !self.healthy && self.dice.one_in(60);
        let code = if fails {
            ErrorCode::MESSAGE_TOO_LARGE
        } else {
            self.cluster.produce(self.now, (id, epoch), adds_partitions, queue as i32, value)
        };
        if code.is_ok() {
            // Its answer may get lost; it is sent again, and known again.
            if self.healthy || !self.dice.one_in(5) {
                self.unsent.remove(at);
            }
        } else if code != ErrorCode::CONCURRENT_TRANSACTIONS {
            self.unsent.remove(at);
            self.machine.on_undelivered(Undelivered::Refused(code));
            self.rounds.values_mut().next_back().expect("one has begun").failed = true;
        }
    }

    fn poll(&mut self) {
        self.machine.expire(self.now);
        if self.machine.gives_up().is_some() {
            self.unsent.clear();
        }
        if !self.machine.is_at_2() {
            let waits: Vec<usize> = self.unsent.iter().map(|(queue, _)| *queue).collect();
            self.machine.want(waits);
        }
        if let Some(action) = self.machine.poll(self.now, self.unsent.is_empty()) {
            assert_eq!(self.under_way, None, "one request at a time");
            self.under_way = Some(action);
        }
        if let Some(last) = self.rounds.keys().next_back().copied()
            && let Some(ended) = self.machine.ended(last)
        {
            let known = *self.ends.entry(last).or_insert(ended);
            assert_eq!(known, ended, "nobody is told twice");
            self.learn_whether_committed(last, ended);
        }
    }

    /// What is not known yet when somebody is told may be known later.
    fn learn_whether_committed(&mut self, number: u64, ended: Ended) {
        let Some(committed) = self.machine.was_committed() else {
            // Of a failed commit the abort may still be under way.
            return assert!(matches!(ended, Ended::InDoubt | Ended::Failed(_)), "{number}: {ended:?}");
        };
        assert_eq!(committed, *self.committed.entry(number).or_insert(committed), "it never changes");
        match ended {
            Ended::Committed => assert!(committed, "{number}"),
            Ended::Aborted | Ended::Failed(_) | Ended::Over(_) => assert!(!committed, "{number}: {ended:?}"),
            Ended::InDoubt => {}
        }
    }

    /// The request that is under way comes to its end.
    fn answer(&mut self) {
        let Some(action) = self.under_way.take() else { return };
        let fate = match self.dice.below(12) {
            _ if self.healthy => Fate::Answered,
            0 => Fate::Unheard,
            1 => Fate::Unsaid,
            2 => Fate::Elsewhere,
            _ => Fate::Answered,
        };
        let answer = self.cluster.answer(self.now, &action, fate);
        self.machine.on_answer(self.now, answer);
    }

    /// Everything works again, until the machine is at rest.
    fn rest(&mut self) {
        self.healthy = true;
        self.end();
        for _ in 0..500 {
            self.poll();
            if self.under_way.is_none() && (self.machine.is_ready() || self.machine.fatal().is_some()) {
                self.cluster.write_markers(self.now);
                return;
            }
            self.send();
            self.answer();
            self.cluster.write_markers(self.now);
            let next = self.machine.deadline(self.now);
            self.now = next.unwrap_or(self.now).max(self.now).plus(1).min(self.now.plus(100));
        }
        panic!("it never ends: {:?}", self.machine);
    }

    fn check(&self) {
        for (number, content) in &self.rounds {
            let (committed, lost): (Vec<_>, Vec<_>) =
                content.whole.iter().copied().partition(|at| self.cluster.has(at));
            let ended = self.ends.get(number).expect("every transaction ends");
            let whole = lost.is_empty();
            assert!(committed.is_empty() || whole, "{number} {ended:?}: {committed:?} without {lost:?}");
            match ended {
                Ended::Committed => assert!(whole && content.wants_commit, "{number}: {lost:?} are lost"),
                Ended::Aborted => {
                    assert!(committed.is_empty() && !content.wants_commit, "{number}: {committed:?}")
                }
                Ended::Failed(_) | Ended::Over(_) => assert!(committed.is_empty(), "{number}: {committed:?}"),
                Ended::InDoubt => {}
            }
            match self.committed.get(number) {
                Some(true) => assert!(whole && content.wants_commit, "{number}: {lost:?} are lost"),
                Some(false) => assert!(committed.is_empty(), "{number}: {committed:?}"),
                // Whoever is fenced before an answer comes never knows.
                None => assert!(*ended == Ended::InDoubt && self.machine.fatal().is_some(), "{number}"),
            }
        }
    }
}

fn live(seed: u64, version: i16) -> Life {
    let mut life = Life::new(seed, version);
    (0..600).for_each(|_| life.step());
    life.rest();
    life
}

fn lives(version: i16) {
    let (mut committed, mut failed) = (0, 0);
    for seed in 0..300 {
        let caught = std::panic::catch_unwind(|| {
            let life = live(seed, version);
            life.check();
            assert_eq!(life.machine.fatal(), None, "nobody else has the id");
            let ends = |of: fn(&Ended) -> bool| life.ends.values().filter(|ended| of(ended)).count();
            (ends(|ended| *ended == Ended::Committed), ends(|ended| matches!(ended, Ended::Failed(_))))
        });
        let (of_this, failed_of_this) = caught.unwrap_or_else(|_| panic!("seed {seed}"));
        committed += of_this;
        failed += failed_of_this;
    }
    assert!(committed > 1000 && failed > 50, "{committed} committed, {failed} failed");
}

#[test]
fn at_version_2_a_transaction_is_whole_or_not_there() {
    lives(2);
}

#[test]
fn below_version_2_a_transaction_is_whole_or_not_there() {
    lives(1);
    lives(0);
}

#[test]
fn who_is_fenced_is_over_and_says_what_it_does_not_know() {
    for seed in 0..300 {
        let caught = std::panic::catch_unwind(|| {
            let mut life = Life::new(seed, 1 + (seed % 2) as i16);
            (0..300).for_each(|_| life.step());
            while life.machine.who.is_none() {
                life.step();
            }
            life.cluster.fence(life.now);
            (0..300).for_each(|_| life.step());
            life.rest();
            life.begin();
            life.record();
            life.end_with(true);
            life.rest();
            life.check();
            assert_eq!(life.machine.fatal(), Some(Fatal::Fenced));
        });
        assert!(caught.is_ok(), "seed {seed}");
    }
}
