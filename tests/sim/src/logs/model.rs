//! What a directory must hold.

use std::collections::BTreeMap;

use ottla_log::TopicPartition;
use ottla_replication::{
    epochs::EpochCache,
    producer::{BatchMeta, Marker, ProducerTable},
};
use ottla_types::Millis;

use crate::batches::{Kind, Sent};

/// One partition.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// The first offset that can be read.
    pub start: i64,
    /// One past the last.
    pub end: i64,
    /// Everything below was acknowledged.
    pub flushed: i64,
    /// All that were appended and not truncated since, deleted ones too.
    pub batches: Vec<Sent>,
}

/// All partitions, after some step.
pub type Model = BTreeMap<TopicPartition, Part>;

impl Part {
    /// The value at an offset.
    #[must_use]
    pub fn value(&self, offset: i64) -> Option<&str> {
        let batch = self.batches.iter().find(|batch| batch.base <= offset && offset <= batch.last())?;
        Some(&batch.values[(offset - batch.base) as usize])
    }

    /// A batch stands at the end.
    pub fn append(&mut self, batch: Sent) {
        self.end = batch.last() + 1;
        self.batches.push(batch);
    }

    /// Everything from `offset` on is gone, whole batches.
    pub fn truncate(&mut self, offset: i64) {
        self.batches.retain(|batch| batch.last() < offset);
        self.end = self.batches.last().map_or(self.start, |batch| batch.last() + 1).max(self.start);
        self.flushed = self.flushed.min(self.end);
    }

    /// What is known of producers at `end`, from everything there ever was.
    #[must_use]
    pub fn producers(&self, end: i64) -> ProducerTable {
        self.producers_from(i64::MIN, end)
    }

    /// What is known of producers at `end` from batches that begin at `start` or behind it.
    #[must_use]
    pub fn producers_from(&self, start: i64, end: i64) -> ProducerTable {
        let mut table = ProducerTable::new();
        for batch in self.batches.iter().filter(|batch| batch.base >= start && batch.last() < end) {
            let (producer_id, base_sequence) = batch.producer;
            let meta = BatchMeta {
                producer_id,
                producer_epoch: 0,
                base_sequence,
                last_offset_delta: batch.values.len() as i32 - 1,
                max_timestamp: batch.timestamp,
                transactional: batch.kind == Kind::Transactional,
            };
            let marker = Marker {
                producer_id,
                producer_epoch: 0,
                coordinator_epoch: 0,
                commit: false,
                timestamp: Millis(batch.timestamp),
            };
            match batch.kind {
                Kind::Plain => {}
                Kind::Idempotent | Kind::Transactional => table.on_appended(&meta, batch.base, Millis(1)),
                Kind::Abort => {
                    let _ = table.on_marker(&marker, batch.base, Millis(1));
                }
            }
        }
        table
    }

    /// The leader epochs of `start..end`.
    #[must_use]
    pub fn epochs(&self, start: i64, end: i64) -> EpochCache {
        let mut epochs = EpochCache::new();
        for batch in self.batches.iter().filter(|batch| batch.last() < end) {
            epochs.assign(batch.epoch, batch.base);
        }
        epochs.truncate_from_start(start);
        epochs
    }

    /// Producer, first offset and marker of the transactions aborted in `start..end`.
    #[must_use]
    pub fn aborted(&self, start: i64, end: i64) -> Vec<(i64, i64, i64)> {
        let mut open: BTreeMap<i64, i64> = BTreeMap::new();
        let mut aborted = Vec::new();
        for batch in &self.batches {
            match batch.kind {
                Kind::Transactional => {
                    open.entry(batch.producer.0).or_insert(batch.base);
                }
                Kind::Abort => {
                    if let Some(first) = open.remove(&batch.producer.0)
                        && (start..end).contains(&batch.base)
                    {
                        aborted.push((batch.producer.0, first, batch.base));
                    }
                }
                Kind::Plain | Kind::Idempotent => {}
            }
        }
        aborted
    }
}
