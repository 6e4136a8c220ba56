//! Real clients at work on a real broker that is killed, stopped, cut off from power and filled up.
//!
//! [`Episode`] is a load with its histories and their check; [`scenario`] holds the faults, a file each. Everything
//! random comes from one seed ([`Dice`]), which is printed: the same seed gives the same faults at the same moments after
//! the same events, though not the same interleaving, because clients and kernel are real.

mod bulk;
mod dice;
mod episode;
mod figures;
mod loop_disk;
mod power_cut;
pub mod scenario;
mod totals;
mod worker;

pub use dice::Dice;
pub use episode::{Episode, Load};
pub use figures::Figures;
pub use loop_disk::{Filesystem, LoopDisk};
pub use totals::Totals;
pub use worker::{Language, Program, Worker};

/// How a broker is to treat what it acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Flushed before it is acknowledged, the default.
    Synced,
    /// Acknowledged once it is in the page cache, as Kafka does.
    PageCache,
}

impl Mode {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Synced, Self::PageCache];

    /// For figures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Synced => "synced",
            Self::PageCache => "page_cache",
        }
    }

    /// What stands in server.properties.
    #[must_use]
    pub const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Synced => &[],
            Self::PageCache => &[("log.flush.interval.messages", "9223372036854775807")],
        }
    }
}

/// What happens, for those who watch a long run.
#[allow(clippy::print_stderr, reason = "the course of a long run; figures go to the output")]
pub(crate) fn say(what: impl std::fmt::Display) {
    eprintln!("{what}");
}
