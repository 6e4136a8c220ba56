use std::ops::Range;

use bytes::Bytes;
use ottla_records::{Batch as View, BatchBuilder, Limits, NewRecord, RecordView, Records};
use ottla_types::Millis;

use super::batches::Rules;

/// What the broker tells a batch that is new from one it has already by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) id: i64,
    pub(crate) epoch: i16,
    /// Of the first record.
    pub(crate) sequence: i32,
}

/// The records of a batch.
#[derive(Debug)]
pub(crate) enum Body {
    /// As they are gathered.
    Gathered(BatchBuilder),
    /// As they were sent before.
    Built(Bytes),
}

/// Where a batch stood in the one it was a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// The index of its first record.
    pub(crate) first: i32,
    /// Its records.
    pub(crate) count: i32,
    /// Records of the whole.
    pub(crate) total: i32,
}

/// Records of one partition that travel together.
#[derive(Debug)]
pub(super) struct Batch<H> {
    pub(super) id: u64,
    /// Where who waits for it is told.
    pub(super) handle: H,
    pub(super) count: i32,
    /// `None` for a batch as it was gathered.
    pub(super) part: Option<Part>,
    /// Bytes it counts for in the buffer.
    pub(super) size: usize,
    /// When its first record came.
    pub(super) opened: Millis,
    /// Takes no more records.
    pub(super) closed: bool,
    /// `None` while it is under way.
    pub(super) body: Option<Body>,
    pub(super) stamp: Option<Stamp>,
    /// How many batches of the partition got a number before it.
    pub(super) numbered: u64,
    /// An earlier try may have been written.
    pub(super) doubtful: bool,
    pub(super) tries: u32,
    /// Not tried again before.
    pub(super) not_before: Millis,
    /// Its time was over while it was under way: who waited has been told.
    pub(super) given_up: bool,
}

impl<H> Batch<H> {
    pub(super) fn is_under_way(&self) -> bool {
        self.body.is_none()
    }
}

impl<H: Clone> Batch<H> {
    /// Leaves the first half of the records here, to be sent at once, and returns the others. `None` where there is nothing
    /// to divide, or nobody waits.
    pub(super) fn split_off(&mut self, now: Millis, rules: &Rules) -> Option<Self> {
        let Some(Body::Built(bytes)) = &self.body else { return None };
        if self.count < 2 || self.given_up {
            return None;
        }
        let records = View::parse(bytes).ok()?.records(&Limits::default()).ok()?;
        let kept = self.count / 2;
        let (mine, theirs) = (0..kept, kept..self.count);
        let whole = self.part.unwrap_or(Part { first: 0, count: self.count, total: self.count });
        let size = self.size / 2;
        let rest = Self {
            id: self.id,
            handle: self.handle.clone(),
            count: self.count - kept,
            part: Some(Part { first: whole.first + kept, count: whole.count - kept, ..whole }),
            size: self.size - size,
            body: Some(Body::Gathered(gathered(&records, theirs, rules)?)),
            stamp: self.stamp.map(|stamp| Stamp { sequence: later(stamp.sequence, kept), ..stamp }),
            numbered: self.numbered + 1,
            not_before: now,
            ..*self
        };
        self.body = Some(Body::Gathered(gathered(&records, mine, rules)?));
        self.part = Some(Part { count: kept, ..whole });
        (self.count, self.size, self.not_before) = (kept, size, now);
        Some(rest)
    }
}

/// Some of the records of a batch, in a new one.
fn gathered(records: &Records, range: Range<i32>, rules: &Rules) -> Option<BatchBuilder> {
    let mut builder = rules.builder();
    for (index, record) in (0_i32..).zip(records.iter()) {
        let record = record.ok()?;
        if range.contains(&index) {
            let headers: Vec<_> = record.headers().collect();
            let RecordView { timestamp, key, value, .. } = record;
            builder.push(&NewRecord { timestamp, key, value, headers: &headers });
        }
    }
    Some(builder)
}

/// The sequence number `count` records later. They begin again at 0 after `i32::MAX`.
pub(super) fn later(sequence: i32, count: i32) -> i32 {
    let next = (i64::from(sequence) + i64::from(count)) % (i64::from(i32::MAX) + 1);
    i32::try_from(next).unwrap_or_default()
}
