use ottla_types::Millis;

use super::sequence;

/// What the table needs to know of a data batch with a producer id, from its 61-byte header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchMeta {
    /// Not negative: batches without a producer id are never shown to the table.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// Sequence of the first record; −1 only in batches the broker itself wrote.
    pub base_sequence: i32,
    /// Offset (and sequence) of the last record relative to the first.
    pub last_offset_delta: i32,
    /// The batch's max timestamp, −1 if it has none.
    pub max_timestamp: i64,
    /// Whether the batch belongs to a transaction.
    pub transactional: bool,
}

impl BatchMeta {
    /// Sequence of the last record.
    #[must_use]
    pub fn last_sequence(&self) -> i32 {
        sequence::advance(self.base_sequence, self.last_offset_delta)
    }
}

/// A control batch that ends a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Whose transaction.
    pub producer_id: i64,
    /// The epoch the coordinator wrote: with transaction version 2 one above the transaction's.
    pub producer_epoch: i16,
    /// The epoch of the coordinator that decided.
    pub coordinator_epoch: i32,
    /// True for commit, false for abort.
    pub commit: bool,
    /// The marker's timestamp.
    pub timestamp: Millis,
}

/// Where a batch stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Offset of the batch's first record.
    pub base_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// The batch's max timestamp, which for a topic with LogAppendTime is when it was appended.
    pub timestamp: i64,
}

/// What to do with a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Append it.
    Append,
    /// It is one of the last five batches, sent again: append nothing, answer success with where it stands.
    Duplicate(Outcome),
}
