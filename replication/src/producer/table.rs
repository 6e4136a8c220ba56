use std::collections::HashMap;

use ottla_mutant::mutant;
use ottla_types::Millis;

use super::entry::{Batch, Entry};
use super::transactions::Transactions;
use super::{BatchMeta, CompletedTxn, Marker, ProducerInfo, Refused, Verdict, sequence};

/// The producers of one partition, as of [`end_offset`](Self::end_offset).
///
/// The durable part equals what a replay of the log gives; only when a producer was last heard of is volatile.
#[derive(Debug, Clone, Default)]
pub struct ProducerTable {
    pub(super) producers: HashMap<i64, Entry>,
    pub(super) transactions: Transactions,
    pub(super) end_offset: i64,
}

impl ProducerTable {
    /// The table of an empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decides about a batch a client sent. Changes nothing.
    ///
    /// A producer this partition does not know (new, expired, or its records were all deleted) may begin at any sequence,
    /// as in Kafka: what it had written before cannot be a duplicate of anything that is still remembered.
    ///
    /// # Errors
    /// Says why the batch must not be appended.
    pub fn check(&self, batch: &BatchMeta) -> Result<Verdict, Refused> {
        let Some(entry) = self.producers.get(&batch.producer_id) else { return Ok(Verdict::Append) };
        let producer_id = batch.producer_id;
        if batch.producer_epoch < entry.epoch {
            let (epoch, current_epoch) = (batch.producer_epoch, entry.epoch);
            return Err(Refused::InvalidProducerEpoch { producer_id, epoch, current_epoch });
        }
        if batch.base_sequence < 0 {
            // A coordinator's own: it knows what it has written.
        } else if batch.producer_epoch > entry.epoch {
            if batch.base_sequence != 0 {
                let (sequence, current_sequence) = (batch.base_sequence, -1);
                return Err(Refused::OutOfOrderSequence { producer_id, sequence, current_sequence });
            }
        } else {
            if let Some(outcome) = entry.find(batch) {
                return Ok(Verdict::Duplicate(outcome));
            }
            let current_sequence = entry.last_sequence();
            if batch.base_sequence != sequence::next(current_sequence) {
                let sequence = batch.base_sequence;
                return Err(Refused::OutOfOrderSequence { producer_id, sequence, current_sequence });
            }
        }
        if entry.txn_first_offset.is_some() && !batch.transactional {
            return Err(Refused::TransactionOpen { producer_id });
        }
        Ok(Verdict::Append)
    }

    /// Notes that `batch` now stands in the log at `base_offset`: after an append, on a follower, and at recovery.
    ///
    /// Checks nothing, since what is in the log is the truth. `now` is the clock, at recovery too.
    pub fn on_appended(&mut self, batch: &BatchMeta, base_offset: i64, now: Millis) {
        let last_offset = base_offset + i64::from(batch.last_offset_delta);
        self.advance_to(last_offset + 1);
        let entry =
            self.producers.entry(batch.producer_id).or_insert_with(|| Entry::new(batch.producer_epoch, now));
        entry.seen = now;
        entry.set_epoch(batch.producer_epoch);
        entry.push(Batch {
            last_sequence: batch.last_sequence(),
            offset_delta: batch.last_offset_delta,
            last_offset,
            timestamp: batch.max_timestamp,
        });
        if batch.transactional && entry.txn_first_offset.is_none() {
            entry.txn_first_offset = Some(base_offset);
            self.transactions.begin(base_offset, batch.producer_id);
        }
    }

    /// Decides about a marker a transaction coordinator sent. Changes nothing.
    ///
    /// From transaction version 2 on a marker carries the epoch after its transaction's (KIP-1228): one with the epoch the
    /// partition knows already is the marker before, sent again. It may be written again while nothing is open
    /// (KAFKA-19999), but must not end the transaction that has begun since.
    ///
    /// # Errors
    /// Says why the marker must not be appended.
    pub fn check_marker(&self, marker: &Marker, transaction_version: i16) -> Result<(), Refused> {
        let Some(entry) = self.producers.get(&marker.producer_id) else { return Ok(()) };
        let producer_id = marker.producer_id;
        let is_late = transaction_version >= 2
            && marker.producer_epoch == entry.epoch
            && entry.epoch != i16::MAX
            && entry.txn_first_offset.is_some()
            && !mutant!("late_marker_ends_the_next_transaction");
        if marker.producer_epoch < entry.epoch || is_late {
            let (epoch, current_epoch) = (marker.producer_epoch, entry.epoch);
            return Err(Refused::InvalidProducerEpoch { producer_id, epoch, current_epoch });
        }
        if marker.coordinator_epoch < entry.coordinator_epoch && !mutant!("marker_of_a_zombie_accepted") {
            let (epoch, current_epoch) = (marker.coordinator_epoch, entry.coordinator_epoch);
            return Err(Refused::CoordinatorFenced { producer_id, epoch, current_epoch });
        }
        Ok(())
    }

    /// Notes that `marker` stands in the log at `offset`, and returns the transaction it ended.
    ///
    /// `None` when the producer had nothing in this partition: such a marker holds back nobody and belongs in no index.
    pub fn on_marker(&mut self, marker: &Marker, offset: i64, now: Millis) -> Option<CompletedTxn> {
        self.advance_to(offset + 1);
        let entry = self
            .producers
            .entry(marker.producer_id)
            .or_insert_with(|| Entry::new(marker.producer_epoch, now));
        entry.seen = now;
        entry.set_epoch(marker.producer_epoch);
        entry.coordinator_epoch = marker.coordinator_epoch;
        entry.last_timestamp = marker.timestamp.0;
        let first_offset = entry.txn_first_offset.take()?;
        let last_stable_offset = self.transactions.first_open_except(first_offset).unwrap_or(offset + 1);
        self.transactions.complete(first_offset, offset);
        Some(CompletedTxn {
            producer_id: marker.producer_id,
            first_offset,
            last_offset: offset,
            aborted: !marker.commit,
            last_stable_offset,
        })
    }

    /// The high watermark is now `offset`: transactions whose marker is below it no longer hold back readers.
    pub fn on_high_watermark(&mut self, offset: i64) {
        self.transactions.forget_below(offset);
    }

    /// The log now starts at `offset`. Producers stay: forgetting one that still runs would let a duplicate in
    /// (KAFKA-7190). Only their age ends them.
    pub fn on_log_start(&mut self, offset: i64) {
        self.transactions.forget_below(offset);
        self.advance_to(offset);
    }

    /// Whether a transaction of the producer is open here in this epoch.
    #[must_use]
    pub fn has_open_transaction(&self, producer_id: i64, epoch: i16) -> bool {
        let entry = self.producers.get(&producer_id);
        entry.is_some_and(|entry| entry.txn_first_offset.is_some() && entry.epoch == epoch)
    }

    /// Whether the last batch of an open transaction is older than `longer_than_ms`: its coordinator should have aborted
    /// it. `now` is the time in records' timestamps.
    #[must_use]
    pub fn has_late_transaction(&self, now: Millis, longer_than_ms: i64) -> bool {
        let open = self.producers.values().filter(|entry| entry.txn_first_offset.is_some());
        open.map(|entry| entry.last_timestamp).any(|last| last > 0 && now.0 - last > longer_than_ms)
    }

    /// Whether batches of the producer are remembered.
    #[must_use]
    pub fn has_batches(&self, producer_id: i64) -> bool {
        self.producers.get(&producer_id).is_some_and(|entry| !entry.batches().is_empty())
    }

    /// The offset below which nothing undecided stands: the last stable offset is the smaller of this and the high
    /// watermark. `None` when no transaction is open.
    #[must_use]
    pub fn first_unstable_offset(&self) -> Option<i64> {
        self.transactions.first_unstable()
    }

    /// The first offset of the oldest transaction without a marker: compaction must not pass it.
    #[must_use]
    pub fn first_open_offset(&self) -> Option<i64> {
        self.transactions.first_open()
    }

    /// One past the last offset this state has seen.
    #[must_use]
    pub fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// Says that everything below `offset` has been seen, also batches without a producer id.
    pub fn advance_to(&mut self, offset: i64) {
        self.end_offset = self.end_offset.max(offset);
    }

    /// Forgets everything: the log was emptied, or is about to be replayed from its first batch.
    pub fn clear(&mut self) {
        self.producers.clear();
        self.transactions.clear();
        self.end_offset = 0;
    }

    /// Forgets producers not heard of for `expiration_ms` (`producer.id.expiration.ms`), except those with an open
    /// transaction; returns how many.
    pub fn expire(&mut self, now: Millis, expiration_ms: i64) -> usize {
        let before = self.producers.len();
        self.producers
            .retain(|_, entry| entry.txn_first_offset.is_some() || now.since(entry.seen) < expiration_ms);
        before - self.producers.len()
    }

    /// When [`expire`](Self::expire) would next forget somebody.
    #[must_use]
    pub fn deadline(&self, expiration_ms: i64) -> Option<Millis> {
        let idle = self.producers.values().filter(|entry| entry.txn_first_offset.is_none());
        idle.map(|entry| entry.seen).min().map(|seen| seen.plus(expiration_ms))
    }

    /// How many producers are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.producers.len()
    }

    /// True when no producer is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.producers.is_empty()
    }

    /// What DescribeProducers answers, by producer id.
    #[must_use]
    pub fn describe(&self) -> Vec<ProducerInfo> {
        let mut producers: Vec<_> = self
            .producers
            .iter()
            .map(|(id, entry)| ProducerInfo {
                producer_id: *id,
                producer_epoch: entry.epoch,
                last_sequence: entry.last_sequence(),
                last_timestamp: entry.last_timestamp,
                coordinator_epoch: entry.coordinator_epoch,
                txn_start_offset: entry.txn_first_offset,
            })
            .collect();
        producers.sort_unstable_by_key(|producer| producer.producer_id);
        producers
    }
}
