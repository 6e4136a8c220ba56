//! Compaction: segments are written again without what nobody needs, and take the place of the old ones.
//!
//! The log is asked for a [`Cleaning`] under its lock ([`Log::plan_cleaning`](crate::Log::plan_cleaning)), which then
//! runs without it for as long as it takes: it reads what is dirty into a map of keys, and writes one group of segments
//! after the other again. Each new segment is handed to the log, which puts it in the place of the old ones, provided
//! that those still stand ([`Log::replace`](crate::Log::replace)). Readers go on with the files they have open. Where to
//! start: [`Cleaning::run`]; what stays is decided in `survivors.rs`.

mod group;
mod offset_map;
mod survivors;
mod transactions;

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use ottla_disk::Disk;
use ottla_mutant::mutant;
use ottla_records::{BatchError, BatchHeader};
use ottla_types::Millis;

use crate::{
    AbortedTxn, LogConfig, Room, failure,
    segment::{Checked, HeaderScan, Scanned, Segment},
};
pub(crate) use group::Extent;
use group::groups;
pub(crate) use offset_map::OffsetMap;
pub(crate) use survivors::LastRecord;
use survivors::Survivors;
pub(crate) use transactions::Transactions;

/// Why a cleaning ended early. What was replaced until then stays so.
#[derive(Debug, thiserror::Error)]
pub enum CleanError {
    /// Whoever runs it wants it to stop.
    #[error("the cleaning was stopped")]
    Stopped,
    /// The log was truncated, shortened or taken away meanwhile.
    #[error("the log was changed while it was cleaned")]
    Changed,
    /// Later it may work: no room, or no descriptor.
    #[error("the cleaning has to wait: {0}")]
    Later(io::Error),
    /// It would fail again: the disk fails, or what it holds makes no sense.
    #[error("{0}")]
    Failed(io::Error),
}

impl From<io::Error> for CleanError {
    fn from(error: io::Error) -> Self {
        if failure::passes(&error) { Self::Later(error) } else { Self::Failed(error) }
    }
}

fn damaged(why: impl Into<BatchError>) -> CleanError {
    CleanError::Failed(io::Error::new(io::ErrorKind::InvalidData, why.into()))
}

/// What a cleaner may use.
#[derive(Debug, Clone, Copy)]
pub struct CleanerMemory {
    /// Bytes for the newest offset of each key.
    pub map_bytes: usize,
    /// The share of them that is filled.
    pub load_factor: f64,
    /// Bytes read, and written, at once, unless a batch is larger.
    pub io_bytes: usize,
}

/// What a cleaning has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleaningDone {
    /// Everything below was cleaned.
    pub end: i64,
    /// Keys in the dirty part.
    pub keys: usize,
    /// Bytes the map took.
    pub map_bytes: usize,
    /// Bytes of the segments before.
    pub bytes_before: u64,
    /// And after.
    pub bytes_after: u64,
    /// Records there were in them before.
    pub records_before: u64,
    /// And after.
    pub records_after: u64,
}

impl CleaningDone {
    /// What each key takes of [`CleanerMemory::map_bytes`].
    pub const BYTES_PER_KEY: usize = OffsetMap::BYTES_PER_KEY;
}

/// A segment that is to be cleaned.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) extent: Extent,
    pub(crate) path: PathBuf,
    /// The same as long as it is the same segment.
    pub(crate) identity: Arc<Checked>,
}

/// A cleaning that is decided.
#[derive(Debug)]
pub struct Cleaning {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dir: PathBuf,
    pub(crate) config: LogConfig,
    pub(crate) room: Option<Arc<Room>>,
    /// All that may be cleaned, from the log's first on.
    pub(crate) sources: Vec<Source>,
    pub(crate) first_dirty: i64,
    pub(crate) truncations: u64,
    /// All transactions of the sources that were aborted.
    pub(crate) aborted: Vec<AbortedTxn>,
    pub(crate) producers: HashMap<i64, Vec<LastRecord>>,
    pub(crate) now: Millis,
}

/// A cleaned segment, durable under a name of its own, that is to take the place of others.
#[derive(Debug)]
pub struct Cleaned {
    pub(crate) segment: Segment,
    pub(crate) sources: Vec<Source>,
    pub(crate) truncations: u64,
}

/// Called with the bytes read or written since the last call; may wait. False ends the cleaning.
pub type Pace<'a> = dyn FnMut(u64) -> bool + 'a;
/// Called with each cleaned segment: hands it to [`Log::replace`](crate::Log::replace).
pub type Replace<'a> = dyn FnMut(Cleaned) -> Result<(), CleanError> + 'a;

impl Cleaning {
    /// Cleans.
    ///
    /// # Errors
    /// Says whether it makes sense to try again. What was replaced until then stays so.
    pub fn run(
        &self,
        memory: &CleanerMemory,
        pace: &mut Pace<'_>,
        replace: &mut Replace<'_>,
    ) -> Result<CleaningDone, CleanError> {
        let map = self.map(memory, pace)?;
        let end = map.latest() + 1;
        let mut done =
            CleaningDone { end, keys: map.len(), map_bytes: map.size_in_bytes(), ..Default::default() };
        let cleaned = self.sources.partition_point(|source| source.extent.base < end);
        let sources = &self.sources[..cleaned];
        let extents: Vec<Extent> = sources.iter().map(|source| source.extent).collect();
        let mut survivors = Survivors {
            map: &map,
            producers: &self.producers,
            now: self.now,
            delete_retention_ms: self.config.delete_retention_ms,
            transactions: Transactions::default(),
        };
        for group in groups(&extents, &self.config) {
            let sources = &sources[group];
            done.bytes_before += sources.iter().map(|source| source.extent.size).sum::<u64>();
            if let Some(cleaned) = self.clean(sources, &mut survivors, memory, pace, &mut done)? {
                done.bytes_after += cleaned.segment.size;
                replace(cleaned)?;
            }
        }
        Ok(done)
    }

    /// Reads the keys of what is dirty, until the map is full.
    fn map(&self, memory: &CleanerMemory, pace: &mut Pace<'_>) -> Result<OffsetMap, CleanError> {
        let end = self.sources.last().map_or(self.first_dirty, |source| source.extent.next);
        let keys = u64::try_from(end.saturating_sub(self.first_dirty)).unwrap_or_default();
        let mut map = OffsetMap::new(memory.map_bytes, memory.load_factor, keys);
        let mut transactions = Transactions::default();
        transactions.add(self.aborted_between(self.first_dirty, end));
        map.advance_to(self.first_dirty - 1);
        for source in self.sources.iter().filter(|source| source.extent.next > self.first_dirty) {
            if !self.map_segment(source, &mut map, &mut transactions, memory, pace)? {
                break;
            }
            // Behind the last batch there may be a gap.
            map.advance_to(source.extent.next - 1);
        }
        Ok(map)
    }

    /// False when the map is full.
    fn map_segment(
        &self,
        source: &Source,
        map: &mut OffsetMap,
        transactions: &mut Transactions,
        memory: &CleanerMemory,
        pace: &mut Pace<'_>,
    ) -> Result<bool, CleanError> {
        let file = self.disk.open(&source.path).map_err(not_found_is_changed)?;
        let from = self.first_dirty_position(source, &file)?;
        let mut batches = Scanned::new(file, from, source.extent.size).window(memory.io_bytes);
        while let Some((_, batch)) = batches.next()?.map_err(|damage| damaged(damage.why))? {
            let header = batch.header();
            go_on(pace, header)?;
            if header.is_control() {
                transactions.on_control(&batch).map_err(damaged)?;
            } else if !transactions.on_data(&batch) {
                let records = batch.records(&ottla_records::Limits::default()).map_err(damaged)?;
                for record in records.iter() {
                    let record = record.map_err(damaged)?;
                    let key = record.key.filter(|_| record.offset >= self.first_dirty);
                    if key.is_some_and(|key| !map.insert(key, record.offset)) {
                        return Ok(false);
                    }
                }
            }
            map.advance_to(header.last_offset());
        }
        Ok(true)
    }

    /// Where the first dirty batch of a segment stands.
    fn first_dirty_position(
        &self,
        source: &Source,
        file: &Arc<dyn ottla_disk::File>,
    ) -> Result<u64, CleanError> {
        if source.extent.base >= self.first_dirty {
            return Ok(0);
        }
        for header in HeaderScan::new(Arc::clone(file), 0, source.extent.size) {
            let (position, header) = header?;
            if header.last_offset() >= self.first_dirty {
                return Ok(position);
            }
        }
        Ok(source.extent.size)
    }

    /// Writes a group of segments again as one; `None` when there is nothing in them.
    fn clean(
        &self,
        sources: &[Source],
        survivors: &mut Survivors<'_>,
        memory: &CleanerMemory,
        pace: &mut Pace<'_>,
        done: &mut CleaningDone,
    ) -> Result<Option<Cleaned>, CleanError> {
        let Some(last) = sources.iter().rposition(|source| source.extent.size > 0) else { return Ok(None) };
        let segment = Segment::create_cleaned(&self.disk, &self.dir, sources[0].extent.base)
            .map_err(not_found_is_changed)?;
        let mut writer = Writer { cleaning: self, segment, waiting: Vec::new(), most: memory.io_bytes };
        let written = (|| {
            for (at, source) in sources.iter().enumerate() {
                writer.take(source, at == last, survivors, pace, done)?;
            }
            writer.finish(survivors.transactions.take_index())
        })();
        let cleaned =
            Cleaned { segment: writer.segment, sources: sources.to_vec(), truncations: self.truncations };
        match written {
            Ok(()) => Ok(Some(cleaned)),
            Err(error) => {
                cleaned.discard(&*self.disk);
                Err(error)
            }
        }
    }

    fn aborted_between(&self, from: i64, to: i64) -> impl Iterator<Item = AbortedTxn> {
        let overlaps = move |txn: &&AbortedTxn| txn.last_offset >= from && txn.first_offset < to;
        self.aborted.iter().filter(overlaps).copied()
    }
}

impl Cleaned {
    /// Removes the files of a segment that takes no place.
    pub(crate) fn discard(&self, disk: &dyn Disk) {
        for path in self.segment.all_paths() {
            // What stays is removed at the next open.
            let _ = disk.remove_file(&crate::names::ending(&path, crate::names::BEING_CLEANED));
        }
    }
}

/// Files are only taken away from a log that is, too, or by retention.
fn not_found_is_changed(error: io::Error) -> CleanError {
    if error.kind() == io::ErrorKind::NotFound { CleanError::Changed } else { error.into() }
}

fn go_on(pace: &mut Pace<'_>, read: &BatchHeader) -> Result<(), CleanError> {
    if pace(read.size_in_bytes() as u64) { Ok(()) } else { Err(CleanError::Stopped) }
}

/// Writes a cleaned segment.
struct Writer<'a> {
    cleaning: &'a Cleaning,
    segment: Segment,
    /// Batches that are to be written at once: copied, for a small one would keep all that was read with it.
    waiting: Vec<u8>,
    most: usize,
}

impl Writer<'_> {
    /// Passes the batches of one segment.
    fn take(
        &mut self,
        source: &Source,
        is_last: bool,
        survivors: &mut Survivors<'_>,
        pace: &mut Pace<'_>,
        done: &mut CleaningDone,
    ) -> Result<(), CleanError> {
        let Extent { base, next, size } = source.extent;
        survivors.transactions.add(self.cleaning.aborted_between(base, next));
        let file = self.cleaning.disk.open(&source.path).map_err(not_found_is_changed)?;
        let mut batches = Scanned::new(file, 0, size).window(self.most);
        while let Some((position, batch)) = batches.next()?.map_err(|damage| damaged(damage.why))? {
            go_on(pace, batch.header())?;
            let ends = is_last && position + batch.bytes().len() as u64 == size;
            let left = survivors.of(&batch, ends).map_err(damaged)?;
            done.records_before += left.records.0;
            done.records_after += left.records.1;
            if let Some(bytes) = left.batch {
                if !pace(bytes.len() as u64) {
                    return Err(CleanError::Stopped);
                }
                self.write(&bytes)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, batch: &[u8]) -> Result<(), CleanError> {
        let header = BatchHeader::parse(batch).map_err(damaged)?;
        let fits = self.segment.size + (batch.len() as u64) <= i32::MAX as u64
            && self.segment.relative(header.last_offset()).is_some();
        if !fits {
            return Err(damaged(BatchError::Malformed("what is left fits into no segment")));
        }
        self.segment.on_appended(&header, &self.cleaning.config);
        self.waiting.extend_from_slice(batch);
        if self.waiting.len() >= self.most { self.write_waiting() } else { Ok(()) }
    }

    fn write_waiting(&mut self) -> Result<(), CleanError> {
        let bytes = self.waiting.len() as u64;
        if self.cleaning.room.as_ref().is_some_and(|room| !room.take(bytes)) {
            return Err(CleanError::Later(io::ErrorKind::StorageFull.into()));
        }
        self.segment.file()?.write_at(&[&self.waiting], self.segment.size - bytes)?;
        self.waiting.clear();
        Ok(())
    }

    /// Makes the segment durable.
    fn finish(&mut self, aborted: Vec<AbortedTxn>) -> Result<(), CleanError> {
        self.write_waiting()?;
        aborted.into_iter().for_each(|txn| self.segment.aborted.push(txn));
        let files = self.segment.write_cleaned_indexes()?;
        if !mutant!("cleaned_not_synced") {
            files.iter().try_for_each(|file| file.sync())?;
        }
        self.cleaning.disk.sync_dir(&self.cleaning.dir).map_err(not_found_is_changed)?;
        // Whatever was copied was verified, and the rest is of our own making.
        self.segment.checked.add(0..self.segment.size);
        Ok(())
    }
}
