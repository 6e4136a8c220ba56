//! A partition of an internal topic as the log of a coordinator.

use std::sync::Arc;

use ottla_coordinator::group::KeyValue;
use ottla_log::Patience;
use ottla_records::{Codec, validate::AppendBatch};
use ottla_types::Millis;

use super::{FetchError, Isolation, Partition, ReadRequest, Waiter};
use crate::coordinator::{Chunk, Envelope, Journal, JournalError, build_batch, parse_batches};

/// Bytes a coordinator reads at once while it loads.
const LOAD_CHUNK: usize = 1 << 20;

/// The log a coordinator lives in.
#[derive(Debug)]
pub(crate) struct PartitionJournal {
    pub(crate) partition: Arc<Partition>,
    /// How its batches are compressed.
    pub(crate) codec: Codec,
}

fn failed(error: impl ToString) -> JournalError {
    JournalError::Failed(error.to_string())
}

impl Journal for PartitionJournal {
    fn name(&self) -> String {
        self.partition.name().to_string()
    }

    fn append(&self, records: &[KeyValue], envelope: Envelope, now: Millis) -> Result<i64, JournalError> {
        let batch = build_batch(records, envelope, now, self.codec).freeze();
        let batch = AppendBatch::trusted(&batch).map_err(failed)?;
        let appended = self.partition.append_trusted(batch).map_err(failed)?;
        Ok(appended.last_offset + 1)
    }

    fn committed(&self) -> i64 {
        self.partition.inspect(|_, leader| leader.high_watermark())
    }

    async fn until_committed(&self, offset: i64) {
        let registration = Waiter::register_for([(Arc::clone(&self.partition), offset)]);
        while self.committed() < offset && self.partition.inspect(|log, _| log.failure().is_none()) {
            registration.moved().await;
        }
    }

    fn bounds(&self) -> (i64, i64) {
        self.partition.inspect(|log, _| (log.log_start(), log.next_offset()))
    }

    async fn read(&self, offset: i64) -> Result<Chunk, JournalError> {
        let request = ReadRequest {
            offset,
            max_bytes: LOAD_CHUNK,
            at_least_one: true,
            isolation: Isolation::LogEnd,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            follower: None,
        };
        let read = self.partition.read(&request, Patience::Disk).map_err(|error| match error {
            FetchError::Deleted => JournalError::NotLeader,
            other => failed(other),
        })?;
        let mut chunk = parse_batches(read.batches.read().map_err(failed)?, offset)?;
        if chunk.next_offset == offset {
            // Nothing follows but a gap that compaction left.
            chunk.next_offset = self.bounds().1;
        }
        Ok(chunk)
    }
}
