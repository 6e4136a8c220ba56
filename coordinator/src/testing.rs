//! The rig every machine is tested in: commands go in, records are replayed as the shell would, and after every step
//! live state == replay(log) == replay(compacted log).

use crate::{Effects, Machine, Ticket};
use ottla_types::Millis;
use std::{collections::HashMap, fmt::Debug, hash::Hash};

/// What the rig must know about a machine beyond [`Machine`].
pub trait Replayable: Machine {
    /// A comparable picture of the durable state, and only of that.
    type State: PartialEq + Debug;
    /// What the log cleaner compacts by.
    type Key: Eq + Hash + Clone;

    /// The durable state now.
    fn durable_state(&self) -> Self::State;

    /// The compaction key of a record; `None` for records compaction never drops (control records, or every record of
    /// a log that is not compacted).
    fn compaction_key(record: &Self::Record) -> Option<Self::Key>;

    /// Whether the record deletes its key.
    fn is_tombstone(record: &Self::Record) -> bool;
}

/// One machine, its log, and the answers it gave.
pub struct Rig<M: Replayable, F: Fn() -> M> {
    fresh: F,
    /// The machine under test.
    pub live: M,
    /// Everything it has written.
    pub log: Vec<M::Record>,
    /// Answers not yet taken with [`take`](Rig::take).
    pub replies: HashMap<Ticket, M::Reply>,
    next_ticket: u64,
}

impl<M: Replayable, F: Fn() -> M> Rig<M, F> {
    /// A rig around an empty, loaded machine; `fresh` makes an empty one each time it is called.
    pub fn new(fresh: F, now: Millis) -> Self {
        let live = fresh();
        let mut rig = Self { fresh, live, log: Vec::new(), replies: HashMap::new(), next_ticket: 0 };
        let effects = rig.live.loaded(now);
        rig.apply(effects);
        rig
    }

    /// Sends a command; its answer, now or later, lies in `replies` under the ticket.
    pub fn submit(&mut self, now: Millis, command: M::Command) -> Ticket {
        self.next_ticket += 1;
        let ticket = Ticket(self.next_ticket);
        let effects = self.live.step(now, ticket, command);
        self.apply(effects);
        ticket
    }

    /// Sends a command that must be answered at once.
    ///
    /// # Panics
    /// When the machine keeps the caller waiting.
    pub fn ask(&mut self, now: Millis, command: M::Command) -> M::Reply {
        let ticket = self.submit(now, command);
        self.take(ticket).expect("answered at once")
    }

    /// The answer for `ticket`, once.
    pub fn take(&mut self, ticket: Ticket) -> Option<M::Reply> {
        self.replies.remove(&ticket)
    }

    /// Lets virtual time pass: ticks at every deadline up to and including `until`.
    ///
    /// # Panics
    /// When the machine asks for a tick again and again without time passing.
    pub fn run_until(&mut self, until: Millis) {
        let (mut last, mut repeats) = (Millis(i64::MIN), 0);
        while let Some(due) = self.live.deadline().filter(|due| *due <= until) {
            repeats = if due == last { repeats + 1 } else { 0 };
            assert!(repeats < 1000, "the machine asks for ticks at {due:?} forever");
            last = due;
            let effects = self.live.tick(due);
            self.apply(effects);
        }
    }

    /// Stops the machine and loads a new one from the log. Whoever waited gets no answer.
    pub fn restart(&mut self, now: Millis) {
        self.live = self.load(&self.log);
        let effects = self.live.loaded(now);
        self.apply(effects);
    }

    /// Live == replay(log) == replay(compacted log), for a log compacted wholly, up to its middle, and with its
    /// tombstones dropped.
    ///
    /// # Panics
    /// When any of them differs.
    pub fn assert_replay_equal(&self) {
        let live = self.live.durable_state();
        assert_eq!(live, self.load(&self.log).durable_state(), "replay(log) differs from live");
        let half = self.log.len() / 2;
        let mut partly = compact::<M>(&self.log[..half], false);
        partly.extend_from_slice(&self.log[half..]);
        let variants = [
            ("log", compact::<M>(&self.log, false)),
            ("log without tombstones", compact::<M>(&self.log, true)),
            ("first half", partly),
        ];
        for (what, log) in variants {
            assert_eq!(live, self.load(&log).durable_state(), "replay(compacted {what}) differs from live");
        }
    }

    fn load(&self, log: &[M::Record]) -> M {
        let mut machine = (self.fresh)();
        for record in log {
            machine.replay(record);
        }
        machine
    }

    fn apply(&mut self, effects: Effects<M>) {
        for record in &effects.records {
            self.live.replay(record);
        }
        self.log.extend(effects.records);
        for (ticket, reply) in effects.replies {
            assert!(self.replies.insert(ticket, reply).is_none(), "{ticket:?} was answered twice");
        }
    }
}

/// Keeps the last record of every key, in log order; `drop_tombstones` also drops what is left of deleted keys.
pub fn compact<M: Replayable>(log: &[M::Record], drop_tombstones: bool) -> Vec<M::Record> {
    let mut last = HashMap::new();
    for (at, record) in log.iter().enumerate() {
        if let Some(key) = M::compaction_key(record) {
            last.insert(key, at);
        }
    }
    let survives = |(at, record): &(usize, &M::Record)| match M::compaction_key(record) {
        None => true,
        Some(key) => last.get(&key) == Some(at) && !(drop_tombstones && M::is_tombstone(record)),
    };
    log.iter().enumerate().filter(survives).map(|(_, record)| record.clone()).collect()
}

/// A small deterministic source of choices for random tests (SplitMix64). Print the seed when a test fails.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}
