//! Making appends durable: what has to be synced is collected under the log's lock and synced without it.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File, write_atomic};
use ottla_mutant::mutant;

use super::Log;
use crate::{checkpoint, failure, names};

/// What a flush has to make durable.
#[derive(Debug, Default)]
pub struct FlushWork {
    /// Files with new content.
    pub files: Vec<Arc<dyn File>>,
    /// More of them, which nobody keeps open until then.
    pub closed_files: Vec<PathBuf>,
    /// Small files to be replaced.
    pub rewrites: Vec<(PathBuf, Vec<u8>)>,
    /// Directories with new names.
    pub dirs: Vec<PathBuf>,
    /// Offset below which everything is durable afterwards.
    pub end: i64,
    /// How often the log had been truncated.
    pub truncations: u64,
}

/// What a flush has made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flushed {
    /// Everything below, if the log was not truncated meanwhile.
    pub end: i64,
    /// See [`FlushWork::truncations`].
    pub truncations: u64,
    /// The small files too. Without room for them a restart finds what they say in the records, so it must scan those.
    pub rewritten: bool,
}

/// Written bytes that no flush waits for: the system may begin to take them to the disk.
#[derive(Debug)]
pub struct Piece {
    /// Where they stand.
    pub file: Arc<dyn File>,
    /// Which bytes of it.
    pub range: Range<u64>,
}

/// Why a flush was none.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// No descriptor was to be had: nothing is lost, and the same flush may be tried again.
    #[error("the flush has to wait: {0}")]
    Postponed(io::Error),
    /// What is durable is unknown, and a second sync would not tell: the kernel has marked the lost pages clean.
    #[error("{0}")]
    Failed(io::Error),
}

impl FlushWork {
    /// Syncs it all.
    ///
    /// # Errors
    /// The disk fails, or there is no file descriptor.
    pub fn run(&self, disk: &dyn Disk) -> Result<Flushed, FlushError> {
        let files = if mutant!("flush_without_sync") { &[][..] } else { &self.files[..] };
        files.iter().try_for_each(|file| file.sync()).map_err(FlushError::Failed)?;
        for path in &self.closed_files {
            disk.open(path).map_err(not_opened)?.sync().map_err(FlushError::Failed)?;
        }
        let dirs = if mutant!("flush_without_dir_sync") { &[][..] } else { &self.dirs[..] };
        dirs.iter().try_for_each(|dir| disk.sync_dir(dir)).map_err(not_opened)?;
        let rewritten =
            self.rewrites.iter().try_for_each(|(path, content)| write_atomic(disk, path, content));
        let done = |rewritten| Flushed { end: self.end, truncations: self.truncations, rewritten };
        match rewritten {
            Ok(()) => Ok(done(true)),
            Err(error) if failure::passes(&error) => Ok(done(false)),
            Err(error) => Err(FlushError::Failed(error)),
        }
    }
}

/// Of something that is opened and then synced: without a descriptor nothing was synced yet.
fn not_opened(error: io::Error) -> FlushError {
    let later = failure::is_no_descriptor(&error);
    if later { FlushError::Postponed(error) } else { FlushError::Failed(error) }
}

impl Log {
    /// What a flush has to sync so that everything up to the returned offset is durable. One flush at a time:
    /// the next begins after [`on_flushed`](Self::on_flushed).
    pub fn start_flush(&mut self) -> FlushWork {
        let mut work = FlushWork {
            files: std::mem::take(&mut self.unflushed),
            closed_files: std::mem::take(&mut self.unflushed_closed),
            rewrites: Vec::new(),
            dirs: std::mem::take(&mut self.unflushed_above),
            end: self.next_offset,
            truncations: self.truncations,
        };
        if std::mem::take(&mut self.unflushed_names) {
            work.dirs.push(self.dir.clone());
        }
        if std::mem::take(&mut self.epochs_dirty) {
            let path = self.dir.join(names::LEADER_EPOCHS);
            work.rewrites.push((path, checkpoint::epochs_text(self.epochs.entries()).into_bytes()));
        }
        self.rolled = false;
        self.active_mut().on_flush_begun();
        work
    }

    /// The flush that [`start_flush`](Self::start_flush) began is done.
    pub fn on_flushed(&mut self, flushed: Flushed) {
        // A truncation has flushed what it left.
        if flushed.truncations == self.truncations || mutant!("flush_ignores_truncation") {
            self.flushed = self.flushed.max(flushed.end.min(self.next_offset));
        }
        if flushed.rewritten {
            // Finished segments' indexes and snapshots were synced along, so a restart need not look below again.
            self.recovery_point = self.recovery_point.max(self.flushed);
            if mutant!("recovery_point_ahead") {
                self.recovery_point = self.next_offset;
            }
        } else {
            self.epochs_dirty = true;
        }
    }

    /// The flush that [`start_flush`](Self::start_flush) began could not be done yet: the next one does it all.
    pub fn on_flush_postponed(&mut self, work: FlushWork) {
        work.files.into_iter().for_each(|file| self.must_sync(file));
        self.unflushed_closed.extend(work.closed_files);
        self.epochs_dirty |= !work.rewrites.is_empty();
        for dir in work.dirs {
            if dir == self.dir { self.unflushed_names = true } else { self.unflushed_above.push(dir) }
        }
    }

    /// Whether there is something to flush.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.flushed < self.next_offset || !self.unflushed.is_empty()
    }

    /// Whether a flush should come soon whatever `flush.messages` says: a segment was finished, and until it is on the
    /// disk a restart would scan it.
    #[must_use]
    pub const fn wants_flush(&self) -> bool {
        self.rolled
    }

    /// What was written since the last flush began and the last piece was taken, once it is some megabytes.
    pub fn next_piece(&mut self) -> Option<Piece> {
        let range = self.active_mut().next_piece()?;
        let file = self.active().file().ok()?;
        Some(Piece { file, range })
    }

    /// Everything to disk, on the caller's thread.
    ///
    /// # Errors
    /// As the disk says; then nothing may be appended any more, unless it only lacks descriptors.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Some(why) = &self.failed {
            return Err(io::Error::other(why.clone()));
        }
        let work = self.start_flush();
        match work.run(&*self.disk) {
            Ok(flushed) => {
                self.on_flushed(flushed);
                Ok(())
            }
            Err(FlushError::Postponed(error)) => {
                self.on_flush_postponed(work);
                Err(error)
            }
            Err(FlushError::Failed(error)) => {
                self.fail(format!("flush failed: {error}"));
                Err(error)
            }
        }
    }

    /// A clean stop: producer snapshot, indexes and records durable, so that the next open scans nothing. A log that
    /// was not touched since its clean open costs nothing.
    ///
    /// # Errors
    /// As the disk says.
    pub fn close(&mut self) -> io::Result<()> {
        if let Some(why) = &self.failed {
            return Err(io::Error::other(why.clone()));
        }
        if self.modified {
            let snapshot = self.write_snapshot()?;
            if self.active().size == 0 {
                self.active().write_empty_indexes()?;
            }
            let files = self.active_mut().finish()?;
            self.active_mut().release();
            self.unflushed.extend(snapshot.into_iter().chain(files));
            self.unflushed_names = true;
            self.flush()?;
            if self.epochs_dirty {
                return Err(io::Error::other("there was no room for the leader epochs"));
            }
            self.modified = false;
        }
        self.recovery_point = self.next_offset;
        self.close_files();
        Ok(())
    }

    /// The next flush covers this file too.
    pub(super) fn must_sync(&mut self, file: Arc<dyn File>) {
        self.modified = true;
        if !self.unflushed.iter().any(|known| Arc::ptr_eq(known, &file)) {
            self.unflushed.push(file);
        }
    }

    /// The next flush covers this file and the names in the directory above too. It is opened for that: a partition
    /// that nobody writes to keeps no descriptor.
    pub(crate) fn flush_also(&mut self, file: PathBuf, above: &Path) {
        self.modified = true;
        self.unflushed_closed.push(file);
        self.unflushed_above.push(above.to_owned());
    }

    /// What is known of producers at the end, for the next open; not durable yet.
    pub(super) fn write_snapshot(&self) -> io::Result<Option<Arc<dyn File>>> {
        if self.producers.is_empty() && self.segments.len() == 1 && self.active().size == 0 {
            return Ok(None);
        }
        let path = names::file(&self.dir, self.next_offset, names::SNAPSHOT);
        let mut entries = self.producers.snapshot_entries();
        if mutant!("producers_not_in_snapshots") {
            entries.clear();
        }
        crate::snapshot::write(&*self.disk, &path, &entries).map(Some)
    }
}
