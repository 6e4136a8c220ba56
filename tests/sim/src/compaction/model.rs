//! Everything that was ever appended, and what readers must see of it.

use std::collections::BTreeMap;

/// A record as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Its offset.
    pub offset: i64,
    /// Its key.
    pub key: Vec<u8>,
    /// `None` for a tombstone.
    pub value: Option<String>,
}

/// A batch as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Offset of its first record.
    pub base: i64,
    /// Its records; none for a marker, which takes one offset.
    pub records: Vec<Record>,
    /// Its producer; −1 without one.
    pub producer: i64,
    /// What it has to do with transactions.
    pub role: Role,
}

/// What a batch has to do with transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing.
    Plain,
    /// A part of its producer's.
    InTransaction,
    /// The end of its producer's.
    End {
        /// With effect.
        commit: bool,
    },
}

impl Sent {
    /// Offset of the last record.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.base + (self.records.len() as i64 - 1).max(0)
    }
}

/// When a cleaning first could have met a batch, and when one surely did, with its number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Met {
    /// The earliest time.
    pub perhaps: Option<i64>,
    /// The time, and which cleaning it was.
    pub surely: Option<(i64, u32)>,
}

/// One partition.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// All that were appended.
    pub batches: Vec<Sent>,
    /// The first offset that can be read.
    pub start: i64,
    /// Everything below was acknowledged.
    pub flushed: i64,
    /// The recovery point on disk.
    pub recovery_point: i64,
    /// The cleaner's checkpoint.
    pub cleaned: i64,
    /// No cleaning has touched anything at or behind.
    pub untouched_from: i64,
    /// Cleanings so far.
    pub cleanings: u32,
    /// By the offset of a batch.
    pub met: BTreeMap<i64, Met>,
    /// The clock.
    pub now: i64,
}

impl Model {
    /// The records of `start..end` a reader sees at read_committed when the log ends at `end`, and where that view ends.
    #[must_use]
    pub fn committed(&self, start: i64, end: i64) -> (Vec<Record>, i64) {
        let batches: Vec<&Sent> = self.batches.iter().filter(|batch| batch.last() < end).collect();
        let mut visible = Vec::new();
        let mut open: BTreeMap<i64, Vec<&Sent>> = BTreeMap::new();
        for batch in batches {
            match batch.role {
                Role::Plain => visible.extend(batch.records.iter().cloned()),
                Role::InTransaction => open.entry(batch.producer).or_default().push(batch),
                Role::End { commit } => {
                    let ended = open.remove(&batch.producer).unwrap_or_default();
                    if commit {
                        visible.extend(ended.iter().flat_map(|batch| batch.records.iter().cloned()));
                    }
                }
            }
        }
        let stable = open.values().filter_map(|batches| batches.first()).map(|batch| batch.base).min();
        let stable = stable.unwrap_or(end);
        visible.retain(|record| record.offset >= start && record.offset < stable);
        visible.sort();
        (visible, stable)
    }

    /// The record at an offset.
    #[must_use]
    pub fn record(&self, offset: i64) -> Option<&Record> {
        let at = self.batches.partition_point(|batch| batch.last() < offset);
        self.batches.get(at)?.records.iter().find(|record| record.offset == offset)
    }
}

/// The newest value of each key; keys that were deleted are not there.
#[must_use]
pub(super) fn newest(records: &[Record]) -> BTreeMap<Vec<u8>, (i64, String)> {
    let mut newest = BTreeMap::new();
    for record in records {
        match &record.value {
            Some(value) => drop(newest.insert(record.key.clone(), (record.offset, value.clone()))),
            None => drop(newest.remove(&record.key)),
        }
    }
    newest
}
