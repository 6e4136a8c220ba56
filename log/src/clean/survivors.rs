//! What compaction keeps. Pure: batches come in, batches go out.
//!
//! A record goes when a newer one of its key was seen, or when it is a tombstone whose time is over. Of aborted
//! transactions nothing stays. A marker goes once nothing of its transaction is left and its time is over: until then a
//! reader who is in the middle of the transaction needs it. What time that is stands in the batch itself (KIP-534).
//! The last batch of each producer stays, if need be without records: it says which sequence comes next. So does the last
//! batch of a segment: it says how far the segment reaches.

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use ottla_mutant::mutant;
use ottla_records::{Batch, BatchError, BatchHeader, Limits, RecordView, with_records, without_records};
use ottla_types::Millis;

use super::{OffsetMap, Transactions};

/// What the log knows of a producer's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastRecord {
    /// Of its data; `None` when only markers are known.
    pub(crate) last_offset: Option<i64>,
    pub(crate) epoch: i16,
}

/// What becomes of the batches of a log, in order.
#[derive(Debug)]
pub(crate) struct Survivors<'a> {
    pub(crate) map: &'a OffsetMap,
    pub(crate) producers: &'a HashMap<i64, Vec<LastRecord>>,
    pub(crate) now: Millis,
    pub(crate) delete_retention_ms: i64,
    pub(crate) transactions: Transactions,
}

/// What is left of a batch.
#[derive(Debug)]
pub(crate) struct Left {
    /// `None` when it goes as a whole.
    pub(crate) batch: Option<Bytes>,
    /// Records there were, and are.
    pub(crate) records: (u64, u64),
}

impl Survivors<'_> {
    /// Passes a batch; `is_last` when it is the last of its segment.
    ///
    /// # Errors
    /// The batch makes no sense.
    pub(crate) fn of(&mut self, batch: &Batch, is_last: bool) -> Result<Left, BatchError> {
        let header = batch.header();
        let (discard, idle_marker) = if header.is_control() {
            let idle = self.transactions.on_control(batch)?;
            let due = header.delete_horizon().is_some_and(|horizon| horizon <= self.now.0);
            (idle && (due || mutant!("marker_removed_early")), idle)
        } else {
            (self.transactions.on_data(batch), false)
        };
        let stays = is_last || self.is_last_of_producer(header);
        if discard {
            let count = u64::try_from(header.record_count).unwrap_or_default();
            return Ok(Left { batch: stays.then(|| empty(header)), records: (count, 0) });
        }
        let records = batch.records(&Limits::default())?;
        let (mut all, mut kept) = (0, Vec::new());
        for record in records.iter() {
            let record = record?;
            all += 1;
            if header.is_control() || self.keeps(header, &record) {
                kept.push(record);
            }
        }
        let counts = (all, kept.len() as u64);
        if kept.is_empty() {
            return Ok(Left { batch: stays.then(|| empty(header)), records: counts });
        }
        let has_tombstones = !header.is_control() && kept.iter().any(|record| record.value.is_none());
        let new_horizon = (has_tombstones || idle_marker) && header.delete_horizon().is_none();
        if counts.0 == counts.1 && !new_horizon {
            return Ok(Left { batch: Some(batch.bytes().clone()), records: counts });
        }
        let horizon = match header.delete_horizon() {
            None if new_horizon => Some(self.now.0.saturating_add(self.delete_retention_ms)),
            known => known,
        };
        let rewritten = with_records(header, &kept, horizon)?.freeze();
        Ok(Left { batch: Some(rewritten), records: counts })
    }

    fn keeps(&self, header: &BatchHeader, record: &RecordView<'_>) -> bool {
        if record.offset > self.map.latest() {
            return true;
        }
        // Without a key it stands for nothing in a compacted log.
        let Some(key) = record.key else { return false };
        let is_newest = self.map.newest(key).is_none_or(|newest| record.offset >= newest);
        let due = header.delete_horizon().is_some_and(|horizon| horizon <= self.now.0)
            || mutant!("tombstone_removed_early");
        is_newest && (record.value.is_some() || !due)
    }

    fn is_last_of_producer(&self, header: &BatchHeader) -> bool {
        if !header.has_producer() || mutant!("last_sequence_removed") {
            return false;
        }
        let is_last = |known: &LastRecord| match known.last_offset {
            Some(last) => header.last_offset() == last,
            None => header.is_control() && header.producer_epoch == known.epoch,
        };
        self.producers.get(&header.producer_id).is_some_and(|known| known.iter().any(is_last))
    }
}

fn empty(header: &BatchHeader) -> Bytes {
    BytesMut::freeze(without_records(header))
}
