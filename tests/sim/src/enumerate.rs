//! Crashing a run at every change of the disk, and failing it at every call.

mod crashes;
mod faults;

pub use crashes::{Verdict, crash_everywhere, crash_recovery};
pub use faults::fail_everywhere;

use std::fmt;

use ottla_testkit::Rng;

/// What was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    /// Runs that were crashed or failed.
    pub runs: u64,
    /// Moments at which a run was crashed.
    pub points: u64,
    /// Crashes, each in its own way, that were recovered from and checked.
    pub crashes: u64,
    /// Crashes of a recovery that were recovered from and checked.
    pub second: u64,
    /// Of these, how often a log was refused because unordered loss looks like damage.
    pub refused: u64,
    /// Calls that were made to fail.
    pub faults: u64,
}

impl Figures {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            points: self.points + other.points,
            crashes: self.crashes + other.crashes,
            second: self.second + other.second,
            refused: self.refused + other.refused,
            faults: self.faults + other.faults,
        }
    }
}

impl Figures {
    /// As lines that a proof collects.
    #[allow(clippy::print_stdout, reason = "the figures are the result")]
    pub fn print(&self, name: &str) {
        let all = [
            ("points", self.points),
            ("crashes", self.crashes),
            ("crashes_of_recovery", self.second),
            ("refused", self.refused),
            ("faults", self.faults),
        ];
        for (what, value) in all.into_iter().filter(|(_, value)| *value > 0) {
            println!("figure {name}.{what} {value}");
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs, {} crash points, {} crashes, {} crashes of recovery, {} refused, {} faults",
            self.runs, self.points, self.crashes, self.second, self.refused, self.faults
        )
    }
}

/// How thorough to be.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Seeds of each seeded way to crash, at every moment.
    pub seeds: u64,
    /// The recovery is crashed at every so many moments; 0 for never.
    pub second_every: usize,
    /// Where seeds begin.
    pub first_seed: u64,
}

/// The same numbers everywhere.
#[derive(Debug, Clone)]
pub struct Random(Rng);

impl Random {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Rng::new(seed))
    }

    /// From 0 to `bound`, which is left out.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next() % bound.max(1)
    }
}
