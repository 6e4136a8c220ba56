//! What is done to a directory.

use crate::batches::Kind;

/// One step; partitions by their place among [`partitions`](super::partitions).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are what the step's own sentence names")]
pub enum Step {
    /// Appends a batch of so many records.
    Append { at: usize, records: usize, kind: Kind },
    /// Makes durable what was appended.
    Flush(usize),
    /// Appends while a flush is under way, which covers only what was there before.
    AppendUnderFlush(usize),
    /// Truncates and appends while a flush is under way.
    TruncateUnderFlush(usize),
    /// Begins a segment.
    Roll(usize),
    /// Removes segments that are older than the retention allows.
    Retention(usize),
    /// Lets the partition begin so many records later, as DeleteRecords does.
    DeleteRecords { at: usize, records: i64 },
    /// Cuts so many records off the end.
    Truncate { at: usize, records: i64 },
    /// The leader's epoch is another one.
    NewEpoch(usize),
    /// Writes the checkpoints of the directory.
    Checkpoint,
    /// A clean stop and a start.
    Restart,
    /// A start without a stop, as after a killed process.
    Kill,
}

/// Everything once, in an order that makes sense.
#[must_use]
pub fn tour() -> Vec<Step> {
    use Step::*;
    let append = |at, records, kind| Append { at, records, kind };
    let mut steps = vec![
        append(0, 1, Kind::Plain),
        Flush(0),
        append(1, 3, Kind::Idempotent),
        append(0, 2, Kind::Idempotent),
        Flush(1),
        append(0, 2, Kind::Transactional),
        AppendUnderFlush(0),
        append(1, 40, Kind::Plain),
        append(0, 1, Kind::Abort),
        Flush(0),
        Checkpoint,
        append(1, 2, Kind::Idempotent),
        NewEpoch(0),
    ];
    for _ in 0..6 {
        steps.extend([append(0, 3, Kind::Idempotent), append(0, 1, Kind::Plain), AppendUnderFlush(1)]);
    }
    // The finished segments are trusted after this checkpoint, and the next one speaks of less than was appended.
    steps.extend([Flush(0), Roll(0), append(0, 2, Kind::Transactional), Flush(0), Checkpoint]);
    steps.extend([AppendUnderFlush(0), Checkpoint, Kill]);
    steps.extend([append(0, 1, Kind::Abort), Flush(0), DeleteRecords { at: 0, records: 5 }]);
    steps.extend([append(1, 2, Kind::Idempotent), Truncate { at: 1, records: 4 }, Flush(1)]);
    steps.extend([append(1, 1, Kind::Idempotent), TruncateUnderFlush(1), Flush(1), Checkpoint, Restart]);
    steps.extend([Retention(0), append(0, 4, Kind::Idempotent), Flush(0), NewEpoch(1)]);
    steps.extend([append(1, 2, Kind::Plain), append(1, 1, Kind::Idempotent), Flush(1)]);
    steps.extend([Truncate { at: 1, records: 3 }, append(1, 1, Kind::Plain), Flush(1), NewEpoch(1)]);
    steps.extend([append(1, 1, Kind::Plain), DeleteRecords { at: 1, records: 30 }, Restart, Flush(1)]);
    steps
}

/// A script from a seed.
#[must_use]
pub fn random(seed: u64, length: usize) -> Vec<Step> {
    let mut random = crate::enumerate::Random::new(seed);
    let mut steps = Vec::with_capacity(length);
    while steps.len() < length {
        let at = random.below(2) as usize;
        let kind = match random.below(6) {
            0 => Kind::Transactional,
            1 => Kind::Abort,
            2 => Kind::Plain,
            _ => Kind::Idempotent,
        };
        let records = 1 + random.below(4) as usize;
        steps.push(match random.below(24) {
            0..=8 => Step::Append { at, records, kind },
            9..=12 => Step::Flush(at),
            13 | 14 => Step::AppendUnderFlush(at),
            15 => Step::TruncateUnderFlush(at),
            16 => Step::Roll(at),
            17 => Step::Retention(at),
            18 => Step::DeleteRecords { at, records: random.below(9) as i64 },
            19 => Step::Truncate { at, records: random.below(6) as i64 },
            20 => Step::NewEpoch(at),
            21 => Step::Checkpoint,
            22 => Step::Restart,
            _ => Step::Kill,
        });
    }
    steps
}
