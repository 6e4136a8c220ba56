use super::{
    dir::MetadataDir,
    journal::{JournalError, MetadataLog},
    open::OpenError,
};
use bytes::{Bytes, BytesMut};
use ottla_disk::{Disk, write_atomic};
use ottla_log::{AppendError, Ended, FlushError, Log, LogConfig, OpenLog, ReadLimits};
use ottla_mutant::mutant;
use ottla_records::validate::AppendBatch;
use ottla_types::{Millis, Uuid};
use parking_lot::Mutex;
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Bytes read at a time while loading.
const READ_BYTES: usize = 1 << 20;
/// How often, and how long between, a flush is tried that finds no file descriptor.
const FLUSH_TRIES: u32 = 200;
const FLUSH_PAUSE: Duration = Duration::from_millis(50);
const PARTITION_METADATA: &str = "partition.metadata";

/// When a segment of the metadata log is full.
#[derive(Debug, Clone, Copy)]
pub struct SegmentLimits {
    /// `metadata.log.segment.bytes`.
    pub bytes: u64,
    /// `metadata.log.segment.ms`.
    pub ms: i64,
}

/// The metadata log in segments on a disk.
pub struct SegmentedLog {
    disk: Arc<dyn Disk>,
    log: Mutex<Log>,
    clock: fn() -> Millis,
}

fn failed(error: impl std::fmt::Display) -> JournalError {
    JournalError::Failed(error.to_string())
}

impl SegmentedLog {
    /// Opens `__cluster_metadata-0`. The whole log is scanned, whatever the last stop was: it is short, and everything
    /// else rests on it.
    ///
    /// # Errors
    /// The disk fails, or the log is damaged elsewhere than at its end.
    pub fn open(
        disk: &Arc<dyn Disk>,
        dir: &MetadataDir,
        segments: &SegmentLimits,
        clock: fn() -> Millis,
    ) -> Result<Arc<Self>, OpenError> {
        dir.create()?;
        let path = dir.topic_dir();
        let log_start = dir.snapshots()?.first().map_or(0, |oldest| oldest.end_offset);
        let config = LogConfig {
            segment_bytes: segments.bytes,
            segment_ms: segments.ms,
            delete: false,
            ..LogConfig::default()
        };
        let open = OpenLog {
            dir: path.clone(),
            config,
            log_start,
            recovery_point: 0,
            ended: Ended::Killed,
            now: clock(),
        };
        let log = Log::open(disk, &open).map_err(failed)?;
        let file = path.join(PARTITION_METADATA);
        if !disk.exists(&file) {
            let content = format!("version: 0\ntopic_id: {}", Uuid::ONE);
            write_atomic(&**disk, &file, content.as_bytes()).map_err(failed)?;
        }
        Ok(Arc::new(Self { disk: Arc::clone(disk), log: Mutex::new(log), clock }))
    }
}

impl MetadataLog for SegmentedLog {
    fn bounds(&self) -> (i64, i64) {
        let log = self.log.lock();
        (log.log_start(), log.next_offset())
    }

    fn size(&self) -> u64 {
        self.log.lock().size()
    }

    fn last_epoch(&self) -> i32 {
        self.log.lock().epochs().latest_epoch().unwrap_or(0)
    }

    fn read(&self, offset: i64) -> Result<Bytes, JournalError> {
        let log = self.log.lock();
        let limits = ReadLimits { below: log.next_offset(), max_bytes: READ_BYTES, at_least_one: true };
        log.read(offset, limits).map(|read| read.records).map_err(failed)
    }

    fn append(&self, batch: BytesMut, epoch: i32) -> Result<i64, JournalError> {
        let batch = AppendBatch::trusted(&batch.freeze()).map_err(failed)?;
        let appended = self.log.lock().append(batch, epoch, (self.clock)()).map_err(|error| match error {
            AppendError::Full { .. } | AppendError::NoDescriptors { .. } => {
                JournalError::NoRoom(error.to_string())
            }
            _ => failed(error),
        })?;
        Ok(appended.last_offset + 1)
    }

    /// Syncs without holding the log, so that appends go on meanwhile.
    fn flush(&self) -> Result<(), JournalError> {
        let mut tries = 0;
        loop {
            let work = {
                let mut log = self.log.lock();
                // After a failed sync the lost pages are clean: another one would succeed and mean nothing.
                if let Some(failure) = log.failure().filter(|_| !mutant!("metadata_sync_tried_again")) {
                    return Err(failed(failure));
                }
                log.start_flush()
            };
            let error = match work.run(&*self.disk) {
                Ok(flushed) => {
                    self.log.lock().on_flushed(flushed);
                    return Ok(());
                }
                Err(error) => error,
            };
            tries += 1;
            let mut log = self.log.lock();
            match error {
                FlushError::Postponed(_) if tries < FLUSH_TRIES => log.on_flush_postponed(work),
                error => {
                    log.fail(error.to_string());
                    return Err(failed(error));
                }
            }
            drop(log);
            std::thread::sleep(FLUSH_PAUSE);
        }
    }

    fn start_at(&self, offset: i64) -> Result<(), JournalError> {
        let mut log = self.log.lock();
        if log.next_offset() < offset {
            return log.truncate_fully(offset, (self.clock)()).map_err(failed);
        }
        let removed: Vec<PathBuf> = log.advance_log_start(offset).map_err(failed)?;
        removed.iter().try_for_each(|path| self.disk.remove_file(path)).map_err(failed)
    }
}
