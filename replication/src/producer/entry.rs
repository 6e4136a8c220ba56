use ottla_mutant::mutant;
use ottla_types::Millis;

use super::{BatchMeta, Outcome, sequence};

/// How many batches of a producer are remembered: what a client may have in flight and still keep in order.
pub const MAX_BATCHES: usize = 5;

/// One remembered batch. Its base follows from the delta, as in Kafka's snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Batch {
    pub(super) last_sequence: i32,
    pub(super) offset_delta: i32,
    pub(super) last_offset: i64,
    pub(super) timestamp: i64,
}

impl Batch {
    pub(super) fn outcome(&self) -> Outcome {
        Outcome {
            base_offset: self.last_offset - i64::from(self.offset_delta),
            last_offset: self.last_offset,
            timestamp: self.timestamp,
        }
    }

    fn base_sequence(&self) -> i32 {
        sequence::retreat(self.last_sequence, self.offset_delta)
    }
}

/// What the partition knows of one producer. Fixed size, so that a hundred thousand of them stay cheap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) epoch: i16,
    /// −1 until a marker was seen.
    pub(super) coordinator_epoch: i32,
    pub(super) txn_first_offset: Option<i64>,
    pub(super) last_timestamp: i64,
    /// When this partition last heard of the producer; rules expiry, because batch timestamps are the client's.
    pub(super) seen: Millis,
    batches: [Batch; MAX_BATCHES],
    len: u8,
}

impl Entry {
    pub(super) fn new(epoch: i16, seen: Millis) -> Self {
        Self {
            epoch,
            coordinator_epoch: -1,
            txn_first_offset: None,
            last_timestamp: -1,
            seen,
            batches: [Batch::default(); MAX_BATCHES],
            len: 0,
        }
    }

    /// Oldest first.
    pub(super) fn batches(&self) -> &[Batch] {
        &self.batches[..usize::from(self.len)]
    }

    pub(super) fn last_sequence(&self) -> i32 {
        self.batches().last().map_or(-1, |batch| batch.last_sequence)
    }

    pub(super) fn find(&self, batch: &BatchMeta) -> Option<Outcome> {
        let (first, last) = (batch.base_sequence, batch.last_sequence());
        let same = |known: &&Batch| known.base_sequence() == first && known.last_sequence == last;
        let newest = usize::from(mutant!("duplicates_but_the_newest"));
        self.batches().iter().rev().skip(newest).find(same).map(Batch::outcome)
    }

    /// Sequences begin at 0 again in a new epoch, so the batches of the old one must not be found any more.
    pub(super) fn set_epoch(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.len = 0;
        }
    }

    pub(super) fn push(&mut self, batch: Batch) {
        let len = usize::from(self.len);
        if len == MAX_BATCHES {
            self.batches.copy_within(1.., 0);
            self.batches[MAX_BATCHES - 1] = batch;
        } else {
            self.batches[len] = batch;
            self.len += 1;
        }
        self.last_timestamp = batch.timestamp;
    }
}

/// One producer as DescribeProducers shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProducerInfo {
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// The last sequence appended, −1 if none of this epoch.
    pub last_sequence: i32,
    /// The timestamp of the last batch or marker, −1 if none.
    pub last_timestamp: i64,
    /// The epoch of the coordinator that wrote the last marker, −1 if none.
    pub coordinator_epoch: i32,
    /// Where the open transaction begins.
    pub txn_start_offset: Option<i64>,
}
