use std::io;

use bytes::Bytes;
use ottla_mutant::mutant;
use ottla_records::{Batch, BatchHeader, ControlRecord, ControlType, HEADER_LEN, validate::AppendBatch};
use ottla_replication::producer::{BatchMeta, Marker};
use ottla_types::Millis;

use super::Log;
use crate::{AbortedTxn, failure};

/// Where a batch now stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Offset of its first record.
    pub base_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// Largest timestamp.
    pub max_timestamp: i64,
}

/// Why a batch is not in the log.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// No room on the disk; nothing was appended, and appends may work again later.
    #[error("no space left in {dir}")]
    Full {
        /// The partition's directory.
        dir: String,
    },
    /// No file can be opened at the moment; nothing was appended, and appends may work again later.
    #[error("too many open files to append in {dir}")]
    NoDescriptors {
        /// The partition's directory.
        dir: String,
    },
    /// The disk has failed and the log takes no more appends.
    #[error("the log in {dir} is offline: {why}")]
    Offline {
        /// The partition's directory.
        dir: String,
        /// What happened.
        why: String,
    },
    /// The batch alone is larger than a segment (RECORD_LIST_TOO_LARGE).
    #[error(
        "Message batch size is {size} bytes in append to partition, which exceeds the maximum configured segment size of {segment_bytes}."
    )]
    LargerThanSegment {
        /// Of the batch.
        size: u64,
        /// `segment.bytes`.
        segment_bytes: u64,
    },
}

impl Log {
    /// Appends a batch at the end: gives it its offsets and the leader's epoch, writes it with one call, and updates
    /// indexes, producers and epochs. The data is in the page cache afterwards; durability is the flusher's business.
    ///
    /// # Errors
    /// Nothing was appended.
    pub fn append(
        &mut self,
        mut batch: AppendBatch,
        leader_epoch: i32,
        now: Millis,
    ) -> Result<Appended, AppendError> {
        if let Some(why) = &self.failed {
            return Err(AppendError::Offline { dir: self.dir.display().to_string(), why: why.clone() });
        }
        batch.header.base_offset = self.next_offset;
        batch.header.partition_leader_epoch = leader_epoch;
        let size = batch.size_in_bytes() as u64;
        if size > self.config.segment_bytes {
            return Err(AppendError::LargerThanSegment { size, segment_bytes: self.config.segment_bytes });
        }
        self.check_room(size)?;
        self.roll_if_needed(&batch.header, now).map_err(|error| self.refuse(&error))?;
        let mut head = [0; HEADER_LEN];
        batch.header.write(&mut head);
        self.write(&[&head, &batch.payload])?;
        self.on_written(&batch.header, &batch.payload, now);
        let header = batch.header;
        Ok(Appended {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            max_timestamp: header.max_timestamp,
        })
    }

    /// Appends batches as a leader wrote them, offsets and epochs included (a follower, or the metadata log's snapshot).
    ///
    /// # Errors
    /// Nothing was appended.
    pub fn append_as_follower(&mut self, batch: &Batch, now: Millis) -> Result<(), AppendError> {
        if let Some(why) = &self.failed {
            return Err(AppendError::Offline { dir: self.dir.display().to_string(), why: why.clone() });
        }
        self.check_room(batch.bytes().len() as u64)?;
        self.roll_if_needed(batch.header(), now).map_err(|error| self.refuse(&error))?;
        self.write(&[batch.bytes()])?;
        let payload = batch.bytes().slice(HEADER_LEN..);
        self.on_written(batch.header(), &payload, now);
        Ok(())
    }

    fn check_room(&self, bytes: u64) -> Result<(), AppendError> {
        match &self.room {
            Some(room) if !room.take(bytes) => Err(AppendError::Full { dir: self.dir.display().to_string() }),
            _ => Ok(()),
        }
    }

    fn refuse(&mut self, error: &io::Error) -> AppendError {
        let dir = self.dir.display().to_string();
        if failure::is_full(error) {
            if let Some(room) = &self.room {
                room.refused();
            }
            return AppendError::Full { dir };
        }
        if failure::is_no_descriptor(error) {
            return AppendError::NoDescriptors { dir };
        }
        self.fail(error.to_string());
        AppendError::Offline { dir, why: error.to_string() }
    }

    /// One write at the end of the active segment. After a failure the half-written bytes are cut off again; if that
    /// fails too the log goes offline, because more data behind them would be lost (KAFKA-10778).
    fn write(&mut self, parts: &[&[u8]]) -> Result<(), AppendError> {
        let end = self.active().size;
        let file = self.active().file().map_err(|error| self.refuse(&error))?;
        let written = parts.iter().map(|part| part.len() as u64).sum();
        if self.room.as_ref().is_some_and(|room| room.is_ample()) {
            let config = self.config;
            self.active_mut().reserve(&*file, written, &config);
        }
        if let Err(error) = file.write_at(parts, end) {
            if let Err(second) = if mutant!("half_write_kept") { Ok(()) } else { file.set_len(end) } {
                self.fail(format!("{error}; and cutting the half-written batch failed: {second}"));
            }
            return Err(self.refuse(&error));
        }
        self.active().checked.add(end..end + written);
        self.must_sync(file);
        Ok(())
    }

    /// What follows from a batch that stands in the log: indexes, epochs, producers.
    pub(super) fn on_written(&mut self, header: &BatchHeader, payload: &Bytes, now: Millis) {
        let config = self.config;
        self.active_mut().on_appended(header, &config);
        self.next_offset = header.next_offset();
        self.epochs_dirty |= self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        if let Some(aborted) = self.on_producer(header, payload, now) {
            self.index_of(header.base_offset).push(aborted);
        }
        self.producers.advance_to(self.next_offset);
    }

    fn index_of(&self, offset: i64) -> &crate::segment::TxnIndex {
        let segment = self.segments.range(..=offset).next_back();
        &segment.map_or_else(|| self.active(), |(_, segment)| segment).aborted
    }

    /// Tells the producer table; answers the aborted transaction a marker ended.
    pub(super) fn on_producer(
        &mut self,
        header: &BatchHeader,
        payload: &Bytes,
        now: Millis,
    ) -> Option<AbortedTxn> {
        if !header.has_producer() {
            return None;
        }
        if !header.is_control() {
            let meta = batch_meta(header);
            self.producers.on_appended(&meta, header.base_offset, now);
            return None;
        }
        let marker = marker(header, payload)?;
        let completed = self.producers.on_marker(&marker, header.base_offset, now)?;
        (completed.aborted && !mutant!("aborted_not_indexed")).then_some(AbortedTxn {
            producer_id: completed.producer_id,
            first_offset: completed.first_offset,
            last_offset: completed.last_offset,
            last_stable_offset: completed.last_stable_offset,
        })
    }
}

/// What the table of producers needs to know of a batch of data.
#[must_use]
pub fn batch_meta(header: &BatchHeader) -> BatchMeta {
    BatchMeta {
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        base_sequence: header.base_sequence,
        last_offset_delta: header.last_offset_delta,
        max_timestamp: header.max_timestamp,
        transactional: header.is_transactional(),
    }
}

/// The marker in a control batch of a producer.
fn marker(header: &BatchHeader, payload: &Bytes) -> Option<Marker> {
    let mut bytes = vec![0; HEADER_LEN];
    header.write(&mut bytes);
    bytes.extend_from_slice(payload);
    let batch = Batch::parse(&bytes.into()).ok()?;
    let record = ControlRecord::all(&batch).ok()?.into_iter().next()?;
    let commit = match record.kind {
        ControlType::Commit => true,
        ControlType::Abort => false,
        _ => return None,
    };
    let coordinator_epoch = record.value.get(2..6)?;
    Some(Marker {
        producer_id: header.producer_id,
        producer_epoch: header.producer_epoch,
        coordinator_epoch: i32::from_be_bytes(coordinator_epoch.try_into().ok()?),
        commit,
        timestamp: Millis(header.max_timestamp),
    })
}
