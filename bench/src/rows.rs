//! The rows of the table: one file for each family. A row knows what it does on one side, once, and what is wanted of it.

mod catch_up;
mod compaction;
mod connections;
mod consume;
mod flushed;
mod groups;
mod java;
mod latency;
mod memory;
mod offsets;
mod partitions;
mod produce;
mod requests;
mod start;
mod transactions;

use crate::{
    Result,
    sample::Sample,
    servers::{Durability, Side},
    session::{Session, Turn},
    targets::Target,
};

pub(crate) use produce::warm;

type Run = Box<dyn Fn(&mut Session, Turn) -> Result<Sample>>;

/// In which durability modes a row makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modes {
    /// In both; the options say which.
    Either,
    /// In this one only.
    Only(Durability),
}

/// One row.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) what: String,
    /// In the table of targets.
    pub(crate) core: bool,
    pub(crate) modes: Modes,
    pub(crate) sides: &'static [Side],
    /// No more rounds than this: what is looked at is a state, or takes minutes.
    pub(crate) max_rounds: Option<usize>,
    pub(crate) targets: Vec<Target>,
    pub(crate) run: Run,
}

const BROKERS: &[Side] = &[Side::Kafka, Side::Ottla];

impl Row {
    fn new(
        id: &'static str,
        what: impl Into<String>,
        run: impl Fn(&mut Session, Turn) -> Result<Sample> + 'static,
    ) -> Self {
        Self {
            id,
            what: what.into(),
            core: true,
            modes: Modes::Either,
            sides: &Side::ALL,
            max_rounds: None,
            targets: Vec::new(),
            run: Box::new(run),
        }
    }

    fn targets(mut self, targets: impl IntoIterator<Item = Target>) -> Self {
        self.targets.extend(targets);
        self
    }

    fn only(mut self, durability: Durability) -> Self {
        self.modes = Modes::Only(durability);
        self
    }

    /// Without the limit program, which cannot do it.
    fn brokers_only(mut self) -> Self {
        self.sides = BROKERS;
        self
    }

    fn at_most(mut self, rounds: usize) -> Self {
        self.max_rounds = Some(rounds);
        self
    }

    /// Not in the table of targets.
    fn beside(mut self) -> Self {
        self.core = false;
        self
    }
}

/// In the order they are run.
pub(crate) fn all() -> Vec<Row> {
    let families = [
        produce::rows(),
        consume::rows(),
        requests::rows(),
        latency::rows(),
        flushed::rows(),
        catch_up::rows(),
        connections::rows(),
        start::rows(),
        memory::rows(),
        partitions::rows(),
        transactions::rows(),
        groups::rows(),
        offsets::rows(),
        compaction::rows(),
        java::rows(),
    ];
    families.into_iter().flatten().collect()
}

/// Rows that have a name already, and what they wait for.
pub(crate) const LATER: [(&str, &str); 8] = [
    ("replicated-1k", "a cluster of three"),
    ("failover", "a cluster of three"),
    ("recovery", "kill -9 with 1, 5 and 10 GB, and a verifier of what was acknowledged"),
    ("groups-100", "100 members that read, in few processes"),
    ("offset-commits", "1,000 groups in the generator"),
    ("idle-cluster", "a cluster of three"),
    ("connect-streams", "Connect and Streams of our own"),
    ("soak", "an hour with retention and compaction"),
];
