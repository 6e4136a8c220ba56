//! What is done to the partition.

use ottla_testkit::Rng;

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are what the step's own sentence names")]
pub enum Step {
    /// Appends a batch of one of the producers; its keys and values follow from the seed.
    Append { producer: usize, records: usize, seed: u64 },
    /// Ends a producer's transaction, if one is open; its next one may be of another epoch.
    End { producer: usize, commit: bool, bump: bool },
    /// Makes durable what was appended, and says so in a checkpoint.
    Flush,
    /// Begins a segment.
    Roll,
    /// Time passes.
    Wait(i64),
    /// Compacts what may be; with few keys at a time, or all at once.
    Clean { few_keys: bool },
    /// Lets the partition begin so many records later.
    DeleteRecords(i64),
    /// Removes what is older than the retention allows.
    Retention,
    /// A clean stop and a start.
    Restart,
    /// A start without a stop.
    Kill,
}

/// A script from a seed.
#[must_use]
pub fn random(seed: u64, length: usize) -> Vec<Step> {
    let mut rng = Rng::new(seed);
    let retains = rng.one_in(3);
    let mut steps = Vec::with_capacity(length);
    while steps.len() < length {
        let producer = rng.below(super::life::PRODUCERS.len());
        let step = match rng.below(30) {
            0..=12 => Step::Append { producer, records: 1 + rng.below(4), seed: rng.next() },
            13..=16 => Step::End { producer, commit: rng.one_in(2), bump: rng.one_in(4) },
            17 | 18 => Step::Flush,
            19 | 20 => Step::Roll,
            21 | 22 => Step::Wait(rng.below(40) as i64),
            23..=26 => {
                // What was not flushed is not compacted.
                if rng.one_in(2) {
                    steps.push(Step::Flush);
                }
                Step::Clean { few_keys: rng.one_in(3) }
            }
            27 if retains => Step::Retention,
            27 => Step::DeleteRecords(rng.below(12) as i64),
            28 => Step::Restart,
            _ => Step::Kill,
        };
        steps.push(step);
    }
    steps
}
