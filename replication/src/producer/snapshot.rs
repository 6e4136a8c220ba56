use std::collections::HashMap;

use ottla_types::Millis;

use super::entry::{Batch, Entry};
use super::table::ProducerTable;

/// One line of a `.snapshot` file, field for field Kafka's `ProducerSnapshot` entry.
///
/// Kafka writes one line per producer, with its last batch only, and so forgets the four before it at every restart.
/// Ottla writes one line per remembered batch, oldest first: Kafka's reader takes the last line of a producer and so
/// sees what it expects, ours takes them all, and a resend after a restart is still answered with its own offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotEntry {
    /// The producer.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i16,
    /// Last sequence of the batch; −1 when the producer has no batch in this epoch.
    pub last_sequence: i32,
    /// Last offset of the batch, −1 without one.
    pub last_offset: i64,
    /// Last offset minus first offset of the batch.
    pub offset_delta: i32,
    /// Max timestamp of the batch; without one, of what was last seen of the producer.
    pub timestamp: i64,
    /// Epoch of the coordinator that wrote the last marker, −1 if none.
    pub coordinator_epoch: i32,
    /// Where the open transaction begins, −1 if none is open.
    pub current_txn_first_offset: i64,
}

impl ProducerTable {
    /// The lines of a snapshot at [`end_offset`](Self::end_offset), by producer id, batches oldest first.
    #[must_use]
    pub fn snapshot_entries(&self) -> Vec<SnapshotEntry> {
        let mut ids: Vec<_> = self.producers.keys().copied().collect();
        ids.sort_unstable();
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            lines.extend(lines_of(id, &self.producers[&id]));
        }
        lines
    }

    /// Replaces the state with that of a snapshot taken at `end_offset`.
    ///
    /// No producer is dropped for its age here: its timestamps are the client's and say nothing about when it was last
    /// heard of, so every one lives for one more expiration time from `now`.
    pub fn load(&mut self, entries: &[SnapshotEntry], end_offset: i64, now: Millis) {
        self.clear();
        self.end_offset = end_offset;
        let mut loaded: HashMap<i64, Entry> = HashMap::with_capacity(entries.len());
        for line in entries {
            let entry =
                loaded.entry(line.producer_id).or_insert_with(|| Entry::new(line.producer_epoch, now));
            entry.set_epoch(line.producer_epoch);
            entry.coordinator_epoch = line.coordinator_epoch;
            entry.txn_first_offset =
                (line.current_txn_first_offset >= 0).then_some(line.current_txn_first_offset);
            if line.last_sequence >= 0 || line.last_offset >= 0 {
                entry.push(Batch {
                    last_sequence: line.last_sequence,
                    offset_delta: line.offset_delta,
                    last_offset: line.last_offset,
                    timestamp: line.timestamp,
                });
            }
            entry.last_timestamp = line.timestamp;
        }
        for (id, entry) in &loaded {
            if let Some(first_offset) = entry.txn_first_offset {
                self.transactions.begin(first_offset, *id);
            }
        }
        self.producers = loaded;
    }
}

fn lines_of(producer_id: i64, entry: &Entry) -> impl Iterator<Item = SnapshotEntry> {
    const NO_BATCH: Batch = Batch { last_sequence: -1, offset_delta: 0, last_offset: -1, timestamp: -1 };
    let batches = if entry.batches().is_empty() { &[NO_BATCH] } else { entry.batches() };
    let newest = batches.len() - 1;
    batches.iter().enumerate().map(move |(at, batch)| SnapshotEntry {
        producer_id,
        producer_epoch: entry.epoch,
        last_sequence: batch.last_sequence,
        last_offset: batch.last_offset,
        offset_delta: batch.offset_delta,
        // The last line carries the producer's own timestamp: a marker may be younger than the last batch.
        timestamp: if at == newest { entry.last_timestamp } else { batch.timestamp },
        coordinator_epoch: entry.coordinator_epoch,
        current_txn_first_offset: entry.txn_first_offset.unwrap_or(-1),
    })
}
