//! Random producers, zombies among them, clocks, restarts and half-written markers. After every step the log is a legal
//! path, replay is equal, and no transaction is torn.

use super::*;
use crate::testing::Dice;
use std::collections::BTreeMap;

const IDS: [&str; 3] = ["a", "b", "c"];

/// What one process believes to be.
#[derive(Clone, Default)]
struct Client {
    id: &'static str,
    producer: Option<Producer>,
    /// Partitions the coordinator has said yes to since the last end.
    added: BTreeSet<i32>,
    /// The request it may send once more.
    last_end: Option<(Producer, bool)>,
}

/// What the partitions saw of one transaction.
#[derive(Default)]
struct Ending {
    commit: bool,
    wanted: BTreeSet<i32>,
    written: BTreeSet<i32>,
}

struct World<F: Fn() -> Transactions> {
    bench: Bench<F>,
    dice: Dice,
    version: i16,
    clients: Vec<Client>,
    /// How much of the log was checked.
    checked: usize,
    states: BTreeMap<Str, Transaction>,
    endings: BTreeMap<Str, Ending>,
    commits: u32,
}

impl<F: Fn() -> Transactions> World<F> {
    fn pick(&mut self) -> usize {
        usize::try_from(self.dice.below(self.clients.len() as u64)).unwrap()
    }

    fn init(&mut self, at: usize) {
        let Client { id, producer, .. } = self.clients[at].clone();
        let answer = match producer.filter(|_| self.dice.one_in(2)) {
            Some(before) => self.bench.recover(id, before),
            None => self.bench.init(id),
        };
        match answer {
            Ok(now) => self.clients[at] = Client { id, producer: Some(now), ..Client::default() },
            Err(ErrorCode::CONCURRENT_TRANSACTIONS) => self.clients[at].added.clear(),
            Err(ErrorCode::PRODUCER_FENCED) => self.clients[at].producer = None,
            Err(other) => panic!("{other}"),
        }
    }

    fn add(&mut self, at: usize) {
        let Client { id, producer: Some(producer), .. } = self.clients[at].clone() else { return };
        let index = i32::try_from(self.dice.below(4)).unwrap();
        if self.bench.add(id, producer, index, self.version).is_ok() {
            self.clients[at].added.insert(index);
            assert!(self.bench.stands(id).partitions["t"].contains(&index));
            assert_eq!(self.bench.stands(id).producer, producer, "one effective producer");
        }
    }

    fn end(&mut self, at: usize) {
        let client = self.clients[at].clone();
        let Some(producer) = client.producer else { return };
        let commit = self.dice.one_in(2);
        let before = self.bench.stands(client.id);
        if let Ok(next) = self.bench.end(client.id, producer, commit, self.version) {
            let open = before.state == State::Ongoing;
            if open {
                assert_eq!(before.producer, producer, "one effective producer");
                let held = before.partitions.get("t").cloned().unwrap_or_default();
                assert!(client.added.is_subset(&held), "what was added is in the transaction");
            }
            if self.version == 2 {
                assert_ne!(next, producer, "an epoch per transaction");
                self.clients[at].producer = Some(next);
            }
            self.commits += u32::from(commit && open);
            self.clients[at].last_end = Some((producer, commit));
            self.clients[at].added.clear();
        }
    }

    /// A request the network delivers once more. It must not touch a transaction begun since.
    fn late_end(&mut self, at: usize) {
        let Client { id, last_end: Some((producer, commit)), .. } = self.clients[at].clone() else { return };
        let before = self.bench.stands(id);
        let answer = self.bench.end(id, producer, commit, self.version);
        if self.version == 2 {
            assert_eq!(self.bench.stands(id), before, "a late end changes nothing: {answer:?}");
        } else if self.bench.stands(id) != before {
            // One epoch for all transactions: it ends another one than was meant. That is why there is version 2.
            self.clients[at].added.clear();
        }
    }

    fn work(&mut self) {
        let Some(work) = self.bench.work() else { return };
        if work.needs_producer_id {
            let id = self.bench.fresh_id();
            self.bench.ask(Command::SupplyProducerId(id));
        }
        for markers in work.markers {
            if self.dice.one_in(8) {
                // The process dies with the markers half written.
                self.bench.pass(1);
                self.restart();
                return;
            }
            let all: BTreeSet<i32> = markers.partitions.values().flatten().copied().collect();
            let written: BTreeSet<i32> = all.into_iter().filter(|_| !self.dice.one_in(3)).collect();
            let ending = self.endings.get_mut(&markers.transactional_id).expect("decided before");
            assert_eq!(ending.commit, markers.commit);
            ending.written.extend(&written);
            self.bench.written(&markers, Partitions::from([(text("t"), written)]));
            self.check();
        }
    }

    fn restart(&mut self) {
        self.bench.restart();
        self.check();
    }

    fn act(&mut self) {
        let at = self.pick();
        match self.dice.below(16) {
            0 | 1 if self.clients[at].producer.is_none() || self.dice.one_in(4) => self.init(at),
            2..=5 => self.add(at),
            6..=8 => self.end(at),
            9 => self.late_end(at),
            10..=12 => self.work(),
            13 => {
                let wait = [1, 100, 5_000, 30_000, 61_000][usize::try_from(self.dice.below(5)).unwrap()];
                self.bench.pass(wait);
            }
            14 if self.dice.one_in(4) => {
                self.bench.pass(1);
                self.restart();
            }
            15 if self.dice.one_in(6) => {
                let id = self.clients[at].id;
                let known = self.bench.rig.live.durable().get(id);
                if known.is_some_and(|at| matches!(at.state, State::Empty)) {
                    self.check();
                    self.bench.age(id, i16::MAX - 1);
                    self.states.insert(text(id), self.bench.stands(id));
                    self.checked = self.bench.rig.log.len();
                    for client in self.clients.iter_mut().filter(|client| client.id == id) {
                        client.producer = None;
                    }
                }
            }
            _ => {}
        }
    }

    /// `txn_state_path`, `marker_once`, and no torn transaction, by the records written since the last look.
    fn check(&mut self) {
        for record in &self.bench.rig.log[self.checked..] {
            let Record::Transaction { transactional_id: id, value: Some(value), .. } = record else {
                continue;
            };
            assert!(value.producer.epoch >= 0);
            if let Some(before) = self.states.get(id) {
                assert!(value.state.may_follow(before.state), "{:?} after {:?}", value.state, before.state);
                let goes_on =
                    value.producer.id != before.producer.id || value.producer.epoch >= before.producer.epoch;
                assert!(goes_on, "epochs never go back");
            }
            let held = value.partitions.get("t").cloned().unwrap_or_default();
            match value.state {
                State::PrepareCommit | State::PrepareAbort => {
                    let commit = value.state == State::PrepareCommit;
                    let ending = Ending { commit, wanted: held, written: BTreeSet::new() };
                    self.endings.insert(id.clone(), ending);
                }
                State::CompleteCommit | State::CompleteAbort => {
                    let ending = self.endings.remove(id).expect("completed once");
                    assert_eq!(ending.commit, value.state == State::CompleteCommit);
                    assert!(ending.wanted.is_subset(&ending.written), "completed with markers missing");
                }
                _ => {}
            }
            self.states.insert(id.clone(), value.clone());
        }
        self.checked = self.bench.rig.log.len();
    }

    /// Nothing hangs: after the timeout and some patience every transaction has ended.
    fn settle(&mut self) {
        for _ in 0..200 {
            self.bench.pass(2_000);
            self.check();
            self.work();
            self.check();
        }
        for (id, at) in self.bench.rig.live.durable().iter() {
            assert!(at.state.is_idle(), "{id} is {:?}", at.state);
        }
    }
}

/// Returns how many transactions were committed.
fn run(seed: u64, steps: usize) -> u32 {
    let version = if seed.is_multiple_of(3) { 0 } else { 2 };
    let clients =
        (0..6).map(|at| Client { id: IDS[at % IDS.len()], ..Client::default() }).collect::<Vec<_>>();
    let mut world = World {
        bench: bench_with(Settings {
            transaction_version: if version == 0 { 1 } else { 2 },
            ..Settings::default()
        }),
        dice: Dice(seed),
        version,
        clients,
        checked: 0,
        states: BTreeMap::new(),
        endings: BTreeMap::new(),
        commits: 0,
    };
    for _ in 0..steps {
        world.act();
        world.check();
    }
    world.settle();
    world.commits
}

#[test]
fn invariants_hold_for_random_producers() {
    let mut commits = 0;
    for seed in 0..60 {
        let outcome = std::panic::catch_unwind(|| run(seed, 200));
        commits += outcome.unwrap_or_else(|_| panic!("seed {seed} fails"));
    }
    assert!(commits > 100, "the walk gets somewhere: {commits} commits");
}
