//! One partition's log.

mod append;
mod clean;
mod flush;
mod lookup;
mod open;
mod read;
mod recover;
mod retention;
mod roll;
mod swap;
mod truncate;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File};
use ottla_replication::{epochs::EpochCache, producer::ProducerTable};
use ottla_types::Millis;

pub use append::{AppendError, Appended, batch_meta};
pub use clean::Cleanable;
pub use flush::{FlushError, FlushWork, Flushed, Piece};
pub use lookup::TimestampOffset;
pub use open::{OpenLog, OpenLogError};
pub use read::{Found, LogRead, Patience, ReadError, ReadLimits, ReadPlan, Stored};

use crate::{AbortedTxn, LogConfig, Room, segment::Segment};

/// One partition's log: segments, the producer table and the epoch cache.
///
/// Always: the segments cover `log_start..next_offset` without a hole, the last one is the active one, and everything
/// below [`flushed`](Self::flushed) is on the disk.
#[derive(Debug)]
pub struct Log {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    config: LogConfig,
    /// By base offset; never empty.
    segments: BTreeMap<i64, Segment>,
    log_start: i64,
    next_offset: i64,
    flushed: i64,
    /// Everything below is durable with its indexes; a restart scans from here.
    recovery_point: i64,
    producers: ProducerTable,
    epochs: EpochCache,
    /// Files with writes that no flush has covered.
    unflushed: Vec<Arc<dyn File>>,
    /// More of them, which are not open.
    unflushed_closed: Vec<PathBuf>,
    /// The directory has names that no flush has covered.
    unflushed_names: bool,
    /// Directories above it that have.
    unflushed_above: Vec<PathBuf>,
    /// The epochs on disk are older than those in memory.
    epochs_dirty: bool,
    /// How often the log was truncated: a flush that was under way then has synced records that are gone, and says
    /// nothing about those that took their place.
    truncations: u64,
    /// How often compacted segments took the place of others: aborted transactions that were looked up before belong to
    /// records that were read before.
    replacements: u64,
    /// A segment was finished since the last flush began.
    rolled: bool,
    /// Something differs from what a clean stop left on the disk.
    modified: bool,
    /// When the active segment began, for `segment.ms` without timestamps.
    active_since: Millis,
    /// Why nothing may be appended any more.
    failed: Option<String>,
    /// What records must leave free.
    room: Option<Arc<Room>>,
}

impl Log {
    /// Where it lies.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The first offset that can be read.
    #[must_use]
    pub const fn log_start(&self) -> i64 {
        self.log_start
    }

    /// The offset the next record gets.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.next_offset
    }

    /// Everything below is on the disk.
    #[must_use]
    pub const fn flushed(&self) -> i64 {
        self.flushed
    }

    /// Everything below needs no scan after an unclean stop.
    #[must_use]
    pub const fn recovery_point(&self) -> i64 {
        self.recovery_point
    }

    /// Idempotent and transactional producers.
    #[must_use]
    pub const fn producers(&self) -> &ProducerTable {
        &self.producers
    }

    /// As [`producers`](Self::producers), to expire them and to tell them of the high watermark.
    pub const fn producers_mut(&mut self) -> &mut ProducerTable {
        &mut self.producers
    }

    /// Leader epochs.
    #[must_use]
    pub const fn epochs(&self) -> &EpochCache {
        &self.epochs
    }

    /// The settings in force.
    #[must_use]
    pub const fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Other settings, from now on.
    pub const fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// Records are refused when they would use what `room` keeps free.
    pub(crate) fn set_room(&mut self, room: Option<Arc<Room>>) {
        self.room = room;
    }

    /// Bytes of all segments.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.segments.values().map(|segment| segment.size).sum()
    }

    /// How many segments there are.
    #[must_use]
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// Nothing may be appended any more: a write or a flush has failed in a way that leaves the disk unknown.
    pub fn fail(&mut self, why: String) {
        self.failed.get_or_insert(why);
    }

    /// Why nothing may be appended any more, if so.
    #[must_use]
    pub fn failure(&self) -> Option<AppendError> {
        let why = self.failed.clone()?;
        Some(AppendError::Offline { dir: self.dir.display().to_string(), why })
    }

    /// How often compacted segments took the place of others.
    #[must_use]
    pub const fn replacements(&self) -> u64 {
        self.replacements
    }

    /// Gives file handles of a log nobody uses back to the system.
    pub fn close_files(&self) {
        for segment in self.segments.values() {
            segment.close_file();
        }
    }

    /// Aborted transactions that overlap `from..to`, by first offset as clients need them.
    ///
    /// # Errors
    /// As the disk says.
    pub fn aborted_between(&self, from: i64, to: i64) -> io::Result<Vec<AbortedTxn>> {
        let mut found = Vec::new();
        for segment in self.segments_from(from) {
            for txn in segment.aborted.read(&*self.disk)? {
                if txn.last_offset >= from && txn.first_offset < to {
                    found.push(txn);
                }
                if txn.last_stable_offset >= to {
                    found.sort_by_key(|txn| txn.first_offset);
                    return Ok(found);
                }
            }
        }
        found.sort_by_key(|txn| txn.first_offset);
        Ok(found)
    }

    fn active(&self) -> &Segment {
        self.segments.values().next_back().expect("a log always has a segment")
    }

    fn active_mut(&mut self) -> &mut Segment {
        self.segments.values_mut().next_back().expect("a log always has a segment")
    }

    /// The segment that holds `offset`, and those behind it.
    fn segments_from(&self, offset: i64) -> impl Iterator<Item = &Segment> {
        let first = self.segments.range(..=offset).next_back().map_or(offset, |(base, _)| *base);
        self.segments.range(first..).map(|(_, segment)| segment)
    }
}
