//! What must not be in a history, a file each. The names and meanings are those of Jepsen's Kafka workload, with some of
//! our own: `phantom`, `read-above-hw`, `offset-regression`.
//!
//! Anomalies of transactions (`precommitted-read`, `torn-txn`, `G1c`) join when there are transactions: an operation has
//! room for many sends and polls already.

mod duplicate;
mod g1a;
mod inconsistent_offsets;
mod lost_write;
mod nonmonotonic_send;
mod offset_regression;
mod phantom;
mod poll_order;
mod read_above_hw;
mod unseen;

use std::fmt;

use crate::{Analysis, Finding};

/// What must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Anomaly {
    /// An offset has had two values.
    InconsistentOffsets,
    /// A value stands at two offsets.
    Duplicate,
    /// An acknowledged value is missing before one that was read.
    LostWrite,
    /// An acknowledged value was read by nobody.
    Unseen,
    /// A value was read though its writer was told that it failed.
    G1a,
    /// A value was read that nobody ever sent.
    Phantom,
    /// A poll leaves records out.
    IntPollSkip,
    /// A poll goes back.
    IntNonmonotonicPoll,
    /// Between two polls of a consumer records are left out.
    PollSkip,
    /// A poll goes back behind the one before.
    NonmonotonicPoll,
    /// The sends of one operation stand in another order.
    IntNonmonotonicSend,
    /// The sends of one producer stand in another order.
    NonmonotonicSend,
    /// A record was read that is not in the final log.
    ReadAboveHw,
    /// A group's committed offset went back by itself.
    OffsetRegression,
}

impl Anomaly {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::InconsistentOffsets,
        Self::Duplicate,
        Self::LostWrite,
        Self::Unseen,
        Self::G1a,
        Self::Phantom,
        Self::IntPollSkip,
        Self::IntNonmonotonicPoll,
        Self::PollSkip,
        Self::NonmonotonicPoll,
        Self::IntNonmonotonicSend,
        Self::NonmonotonicSend,
        Self::ReadAboveHw,
        Self::OffsetRegression,
    ];

    /// Its name, as everybody who checks Kafka calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InconsistentOffsets => "inconsistent-offsets",
            Self::Duplicate => "duplicate",
            Self::LostWrite => "lost-write",
            Self::Unseen => "unseen",
            Self::G1a => "G1a",
            Self::Phantom => "phantom",
            Self::IntPollSkip => "int-poll-skip",
            Self::IntNonmonotonicPoll => "int-nonmonotonic-poll",
            Self::PollSkip => "poll-skip",
            Self::NonmonotonicPoll => "nonmonotonic-poll",
            Self::IntNonmonotonicSend => "int-nonmonotonic-send",
            Self::NonmonotonicSend => "nonmonotonic-send",
            Self::ReadAboveHw => "read-above-hw",
            Self::OffsetRegression => "offset-regression",
        }
    }
}

impl fmt::Display for Anomaly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that is wrong with a history.
#[must_use]
pub fn find_all(analysis: &Analysis<'_>) -> Vec<Finding> {
    let all = [
        inconsistent_offsets::find,
        duplicate::find,
        lost_write::find,
        unseen::find,
        g1a::find,
        phantom::find,
        poll_order::find,
        nonmonotonic_send::find,
        read_above_hw::find,
        offset_regression::find,
    ];
    all.into_iter().flat_map(|find| find(analysis)).collect()
}
