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

/// Segments that are cleaned, grow small, and are joined: with transactions in and across them.
#[must_use]
pub fn tour() -> Vec<Step> {
    let append = |producer, seed| Step::Append { producer, records: 3, seed };
    let mut steps = Vec::new();
    for round in 0..2 {
        steps.extend([append(0, round), append(1, round + 10), append(3, round + 20), Step::Roll]);
        steps.extend([append(4, round + 30), append(1, round + 40), append(0, round + 50)]);
        steps.push(Step::End { producer: 3, commit: round % 2 == 0, bump: round == 2 });
        steps.extend([Step::Roll, append(3, round + 60), append(0, round + 70)]);
        steps.push(Step::End { producer: 4, commit: round % 2 == 1, bump: false });
        steps.push(Step::End { producer: 3, commit: false, bump: false });
        steps.extend([Step::Roll, Step::Flush, Step::Clean { few_keys: round == 1 }, Step::Wait(30)]);
    }
    steps.push(Step::Clean { few_keys: false });
    steps
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
