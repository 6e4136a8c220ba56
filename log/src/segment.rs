//! One segment: a file of batches, its two sparse indexes, its aborted transactions.

mod begun;
mod checked;
mod index;
mod reserved;
mod scan;
mod txn_index;

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File};
use ottla_records::BatchHeader;
use parking_lot::Mutex;

pub(crate) use checked::Checked;
pub(crate) use index::{IndexOnDisk, Keys, SparseIndex};
pub(crate) use scan::{Damage, HeaderScan, Scanned, is_anything_sound, stored_header};
pub use txn_index::AbortedTxn;
pub(crate) use txn_index::TxnIndex;

use begun::Begun;
use reserved::Reserved;

use crate::{LogConfig, names};

/// A timestamp and the offset it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaxTimestamp {
    pub(crate) timestamp: i64,
    pub(crate) offset: i64,
}

impl MaxTimestamp {
    pub(crate) const NONE: Self = Self { timestamp: -1, offset: -1 };
}

/// The largest timestamp of a batch with records.
pub(crate) fn time_of(batch: &BatchHeader) -> Option<i64> {
    (batch.record_count > 0).then_some(batch.max_timestamp)
}

#[derive(Debug)]
pub(crate) struct Segment {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    pub(crate) base_offset: i64,
    /// Bytes of whole batches; the file never holds more except after a failed write.
    pub(crate) size: u64,
    pub(crate) max_timestamp: MaxTimestamp,
    /// Timestamp of the first batch, which `segment.ms` counts from; `None` when it holds no record.
    pub(crate) first_timestamp: Option<i64>,
    pub(crate) offsets: SparseIndex,
    pub(crate) times: SparseIndex,
    pub(crate) aborted: TxnIndex,
    /// What of the record file may be sent as it lies there.
    pub(crate) checked: Arc<Checked>,
    bytes_since_index: u64,
    reserved: Reserved,
    begun: Begun,
    file: Mutex<Option<Arc<dyn File>>>,
}

impl Segment {
    /// A segment whose files may or may not exist; nothing is touched.
    pub(crate) fn new(disk: &Arc<dyn Disk>, dir: &Path, base_offset: i64) -> Self {
        let index = |suffix, keys| SparseIndex::new(names::file(dir, base_offset, suffix), keys);
        Self {
            disk: Arc::clone(disk),
            dir: dir.to_owned(),
            base_offset,
            size: 0,
            max_timestamp: MaxTimestamp::NONE,
            first_timestamp: None,
            offsets: index(names::INDEX, Keys::Offsets),
            times: index(names::TIME_INDEX, Keys::Times),
            aborted: TxnIndex::new(names::file(dir, base_offset, names::TXN_INDEX)),
            checked: Arc::default(),
            bytes_since_index: 0,
            reserved: Reserved::default(),
            begun: Begun::default(),
            file: Mutex::new(None),
        }
    }

    /// Asks for blocks in advance where a write of `length` bytes goes beyond those there are.
    pub(crate) fn reserve(&mut self, file: &dyn File, length: u64, config: &LogConfig) {
        self.reserved.grow(file, self.size, length, config);
    }

    /// What of its file the system should begin to write by now, if it is worth a request.
    pub(crate) fn next_piece(&mut self) -> Option<Range<u64>> {
        self.begun.next(self.size)
    }

    /// A flush has begun that covers the whole file.
    pub(crate) fn on_flush_begun(&mut self) {
        self.begun.advance(self.size);
    }

    /// Gives back the blocks that were asked for and are not needed.
    pub(crate) fn release(&mut self) {
        if std::mem::take(&mut self.reserved).is_beyond(self.size)
            && let Err(error) = self.file().and_then(|file| file.set_len(self.size))
        {
            tracing::debug!(path = %self.path().display(), %error, "blocks beyond the end stay");
        }
    }

    /// A segment the cleaner writes, under names of its own until it takes the place of others.
    pub(crate) fn create_cleaned(disk: &Arc<dyn Disk>, dir: &Path, base_offset: i64) -> io::Result<Self> {
        let mut segment = Self::new(disk, dir, base_offset);
        let file = disk.create(&names::ending(&segment.path(), names::BEING_CLEANED))?;
        file.set_len(0)?;
        *segment.file.lock() = Some(file);
        segment.offsets.start_empty();
        segment.times.start_empty();
        segment.aborted.start_empty();
        Ok(segment)
    }

    /// Writes the indexes of a segment the cleaner has written. Answers all of its files, which must be synced.
    pub(crate) fn write_cleaned_indexes(&mut self) -> io::Result<Vec<Arc<dyn File>>> {
        self.index_max_timestamp();
        let ending = |path: &Path| names::ending(path, names::BEING_CLEANED);
        let mut files = vec![self.file()?];
        files.extend(self.offsets.write_to(&*self.disk, &ending(self.offsets.path()))?);
        files.extend(self.times.write_to(&*self.disk, &ending(self.times.path()))?);
        files.extend(self.aborted.write_to(&*self.disk, &ending(self.aborted.path()))?);
        self.forget_indexes();
        self.aborted.forget();
        Ok(files)
    }

    /// Every path that may belong to it, the record file first.
    pub(crate) fn all_paths(&self) -> [PathBuf; 4] {
        let others = [self.offsets.path(), self.times.path(), self.aborted.path()];
        let [offsets, times, aborted] = others.map(Path::to_owned);
        [self.path(), offsets, times, aborted]
    }

    /// A new, empty segment with its record file.
    pub(crate) fn create(disk: &Arc<dyn Disk>, dir: &Path, base_offset: i64) -> io::Result<Self> {
        let mut segment = Self::new(disk, dir, base_offset);
        let file = disk.create(&segment.path())?;
        if let Err(error) = file.set_len(0) {
            // An empty file must not stand where the segment before will go on.
            let _ = disk.remove_file(&segment.path());
            return Err(error);
        }
        *segment.file.lock() = Some(file);
        segment.offsets.start_empty();
        segment.times.start_empty();
        Ok(segment)
    }

    pub(crate) fn path(&self) -> PathBuf {
        names::file(&self.dir, self.base_offset, names::LOG)
    }

    /// The record file, opened on first use.
    pub(crate) fn file(&self) -> io::Result<Arc<dyn File>> {
        let mut slot = self.file.lock();
        if let Some(file) = &*slot {
            return Ok(Arc::clone(file));
        }
        let path = self.path();
        if !self.disk.exists(&path) {
            // Somebody took it away: an empty file in its place would look like a segment.
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is gone", path.display())));
        }
        let file = self.disk.create(&path)?;
        *slot = Some(Arc::clone(&file));
        Ok(file)
    }

    /// Gives the handle back; the next use opens it again.
    pub(crate) fn close_file(&self) {
        *self.file.lock() = None;
    }

    /// Offset relative to the base, as indexes hold it.
    pub(crate) fn relative(&self, offset: i64) -> Option<u32> {
        let relative = offset.checked_sub(self.base_offset)?;
        i32::try_from(relative).ok().and_then(|relative| u32::try_from(relative).ok())
    }

    /// Whether a batch may still be appended, or a new segment must begin.
    pub(crate) fn is_full(&self, batch: &BatchHeader, last_offset: i64, config: &LogConfig) -> bool {
        let size = batch.size_in_bytes() as u64;
        let index_full = (self.offsets.memory_len() + 1) * 8 > config.segment_index_bytes
            || (self.times.memory_len() + 1) * 12 > config.segment_index_bytes;
        self.size > 0
            && (self.size + size > config.segment_bytes || index_full || self.relative(last_offset).is_none())
    }

    /// Notes a batch that has been written at the end.
    pub(crate) fn on_appended(&mut self, batch: &BatchHeader, config: &LogConfig) {
        let position = self.size;
        // A batch the cleaner has emptied has no time: nobody finds a record there.
        if self.first_timestamp.is_none() {
            self.first_timestamp = time_of(batch);
        }
        if time_of(batch).is_some_and(|time| time > self.max_timestamp.timestamp) {
            self.max_timestamp = MaxTimestamp { timestamp: batch.max_timestamp, offset: batch.last_offset() };
        }
        if self.bytes_since_index > config.index_interval_bytes {
            self.index_batch(batch.last_offset(), position);
            self.bytes_since_index = 0;
        }
        self.size += batch.size_in_bytes() as u64;
        self.bytes_since_index += batch.size_in_bytes() as u64;
    }

    fn index_batch(&mut self, last_offset: i64, position: u64) {
        if let Some((relative, position)) = self.relative(last_offset).zip(u32::try_from(position).ok()) {
            self.offsets.push(i64::from(relative), position);
        }
        self.index_max_timestamp();
    }

    fn index_max_timestamp(&mut self) {
        let MaxTimestamp { timestamp, offset } = self.max_timestamp;
        if let Some(relative) = self.relative(offset).filter(|_| timestamp >= 0) {
            self.times.push(timestamp, relative);
        }
    }

    /// Whether the cleaner has left nothing in it but what it says of offsets and producers.
    pub(crate) fn holds_no_records(&self) -> bool {
        self.size > 0 && self.first_timestamp.is_none() && self.max_timestamp == MaxTimestamp::NONE
    }

    /// No more appends: writes the indexes, and lets go of what a reader can find in the files. Answers the files
    /// that must be synced.
    pub(crate) fn finish(&mut self) -> io::Result<Vec<Arc<dyn File>>> {
        let files = self.write_indexes()?;
        self.forget_indexes();
        Ok(files)
    }

    /// Makes the index files of a segment without records. Kafka takes a segment that lacks them for damaged, and one
    /// whose files are full of zeros, as it leaves them when it is killed, for full.
    pub(crate) fn write_empty_indexes(&self) -> io::Result<()> {
        [self.offsets.path(), self.times.path()].into_iter().try_for_each(|path| {
            let file = self.disk.create(path)?;
            if file.is_empty()? { Ok(()) } else { file.set_len(0) }
        })
    }

    /// Writes the indexes, whose entries stay in memory. Answers the files that must be synced.
    pub(crate) fn write_indexes(&mut self) -> io::Result<Vec<Arc<dyn File>>> {
        if self.size == 0 {
            return Ok(Vec::new());
        }
        self.index_max_timestamp();
        let mut files = Vec::new();
        files.extend(self.offsets.write(&*self.disk)?);
        files.extend(self.times.write(&*self.disk)?);
        files.extend(self.aborted.write(&*self.disk)?);
        Ok(files)
    }

    /// From now on the indexes are searched on disk.
    pub(crate) fn forget_indexes(&mut self) {
        self.offsets.forget();
        self.times.forget();
    }

    /// Removes the segment's files, those of indexes first: records without an index are a segment, the other way
    /// round they are leftovers.
    pub(crate) fn remove(&self) -> io::Result<()> {
        self.close_file();
        self.paths().iter().rev().try_for_each(|path| self.disk.remove_file(path))
    }

    /// Where to begin looking for `offset`: the position of a batch at or before it.
    pub(crate) fn position_before(&self, offset: i64) -> io::Result<u64> {
        let relative = offset.saturating_sub(self.base_offset);
        Ok(self.offsets.floor(&*self.disk, relative)?.map_or(0, |(_, position)| u64::from(position)))
    }

    /// An offset at or before the first record with a timestamp of at least `timestamp`.
    pub(crate) fn offset_before_time(&self, timestamp: i64) -> io::Result<i64> {
        let before = self.times.floor(&*self.disk, timestamp.saturating_sub(1))?;
        Ok(before.map_or(self.base_offset, |(_, relative)| self.base_offset + i64::from(relative)))
    }

    /// Headers from a position on.
    pub(crate) fn headers(&self, from: u64) -> io::Result<HeaderScan> {
        Ok(HeaderScan::new(self.file()?, from, self.size))
    }

    /// All paths that belong to the segment and exist.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.all_paths().into_iter().filter(|path| self.disk.exists(path)).collect()
    }

    /// Starts reading or rebuilding from nothing.
    pub(crate) fn reset_indexes(&mut self) {
        self.checked.clear();
        self.reserved = Reserved::default();
        self.begun = Begun::default();
        self.size = 0;
        self.max_timestamp = MaxTimestamp::NONE;
        self.first_timestamp = None;
        self.bytes_since_index = 0;
        self.offsets.start_empty();
        self.times.start_empty();
    }
}
