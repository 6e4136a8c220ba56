use bytes::Bytes;
use ottla_records::BatchBuilder;
use ottla_types::Millis;

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

/// Records of one partition that travel together.
#[derive(Debug)]
pub(super) struct Batch<H> {
    pub(super) id: u64,
    /// Where who waits for it is told.
    pub(super) handle: H,
    pub(super) count: i32,
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

/// The sequence number `count` records later. They begin again at 0 after `i32::MAX`.
pub(super) fn later(sequence: i32, count: i32) -> i32 {
    let next = (i64::from(sequence) + i64::from(count)) % (i64::from(i32::MAX) + 1);
    i32::try_from(next).unwrap_or_default()
}
