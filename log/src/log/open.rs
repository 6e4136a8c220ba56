//! Opening a log: what a clean stop left is trusted, after an unclean one the tail is scanned.

use std::{collections::BTreeMap, io, path::Path, path::PathBuf, sync::Arc};

use ottla_disk::Disk;
use ottla_records::{BatchError, HEADER_LEN};
use ottla_replication::{epochs::EpochCache, producer::ProducerTable};
use ottla_types::Millis;

use super::Log;
use crate::{
    CheckpointError, LogConfig, checkpoint, names,
    segment::{Damage, MaxTimestamp, Scanned, Segment},
    snapshot,
};

/// What is known of a log before it is opened.
#[derive(Debug, Clone)]
pub struct OpenLog {
    /// The partition's directory; made if it does not exist.
    pub dir: PathBuf,
    /// The topic's settings.
    pub config: LogConfig,
    /// From `log-start-offset-checkpoint`; 0 without an entry.
    pub log_start: i64,
    /// From `recovery-point-offset-checkpoint`; 0 without an entry.
    pub recovery_point: i64,
    /// Whether the data directory was stopped cleanly.
    pub clean: bool,
    /// The clock.
    pub now: Millis,
}

/// Why a log cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenLogError {
    /// The disk fails.
    #[error("{dir}: {source}")]
    Io {
        /// The partition's directory.
        dir: String,
        /// Why.
        source: io::Error,
    },
    /// Damage that is no torn tail: acknowledged records may be gone, so nothing of the log is served.
    #[error("{path} is damaged at byte {position}: {why}; sound records follow or were flushed behind it")]
    Damaged {
        /// The file.
        path: String,
        /// Where.
        position: u64,
        /// What stands there.
        why: BatchError,
    },
    /// A checkpoint makes no sense.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Log {
    /// Opens the log, recovering what an unclean stop left.
    ///
    /// # Errors
    /// The disk fails, or the log is damaged elsewhere than in a torn tail.
    pub fn open(disk: &Arc<dyn Disk>, open: &OpenLog) -> Result<Self, OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        disk.create_dir_all(&open.dir).map_err(io)?;
        let mut segments = find_segments(disk, &open.dir).map_err(io)?;
        let is_new = segments.is_empty();
        if is_new {
            let first = Segment::create(disk, &open.dir, open.log_start).map_err(io)?;
            segments.insert(open.log_start, first);
        }
        let mut log = Self {
            disk: Arc::clone(disk),
            dir: open.dir.clone(),
            config: open.config,
            log_start: 0,
            next_offset: 0,
            flushed: 0,
            recovery_point: open.recovery_point,
            segments,
            producers: ProducerTable::new(),
            epochs: EpochCache::new(),
            unflushed: Vec::new(),
            unflushed_names: if is_new { vec![open.dir.clone()] } else { Vec::new() },
            failed: None,
        };
        log.load_epochs(open)?;
        let first = log.segments.keys().next().copied().unwrap_or_default();
        log.log_start = open.log_start.max(first);
        log.recover(open)?;
        log.log_start = log.log_start.min(log.next_offset);
        log.producers.on_log_start(log.log_start);
        // What was found is durable only if it was flushed before; a clean stop says so.
        log.flushed = if open.clean { log.next_offset } else { log.recovery_point.min(log.next_offset) };
        Ok(log)
    }

    fn load_epochs(&mut self, open: &OpenLog) -> Result<(), OpenLogError> {
        let path = self.dir.join(names::LEADER_EPOCHS);
        match checkpoint::read_epochs(&*self.disk, &path) {
            Ok(entries) => self.epochs = EpochCache::from_entries(entries),
            // After an unclean stop the epochs are found again while the log is scanned from its beginning.
            Err(error @ CheckpointError::Malformed { .. }) => {
                tracing::warn!(%error, "leader epochs are rebuilt from the log");
                self.recovery_point = 0;
            }
            Err(error) => return Err(error.into()),
        }
        self.recovery_point =
            self.recovery_point.max(0).min(if open.clean { i64::MAX } else { self.recovery_point });
        Ok(())
    }

    /// Finds the end of the log. Segments before the recovery point are trusted; those behind it are scanned batch by
    /// batch unless the stop was clean.
    fn recover(&mut self, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let bases: Vec<i64> = self.segments.keys().copied().collect();
        let last = bases.last().copied().unwrap_or_default();
        let scan_from = if open.clean {
            i64::MAX
        } else {
            bases.iter().rev().find(|base| **base <= self.recovery_point).copied().unwrap_or(last.min(0))
        };
        let replay_from = self.load_producers(last.min(scan_from)).map_err(io)?;
        self.next_offset = replay_from;
        for base in bases {
            let scan = base >= scan_from || !self.trust(base, base == last).map_err(io)?;
            if scan {
                self.scan(base, replay_from, open)?;
            } else if base == last || base >= replay_from {
                self.replay_headers(base, replay_from, open.now).map_err(io)?;
            }
        }
        let first = self.segments.keys().next().copied().unwrap_or_default();
        self.next_offset = self.next_offset.max(first);
        self.epochs.truncate_from_end(self.next_offset);
        self.producers.advance_to(self.next_offset);
        self.remove_snapshots_behind_end().map_err(io)
    }

    /// Takes a finished segment as its files stand; false when its indexes must be rebuilt.
    fn trust(&mut self, base: i64, is_last: bool) -> io::Result<bool> {
        let disk = Arc::clone(&self.disk);
        let segment = self.segments.get_mut(&base).expect("its base was just listed");
        segment.size = segment.file()?.len()?;
        let usable = if is_last {
            segment.offsets.load(&*disk) && segment.times.load(&*disk)
        } else {
            segment.offsets.is_usable(&*disk) && segment.times.is_usable(&*disk)
        };
        if !usable {
            return Ok(segment.size == 0 && {
                segment.reset_indexes();
                true
            });
        }
        if let Some((timestamp, relative)) = segment.times.last(&*disk)? {
            segment.max_timestamp = MaxTimestamp { timestamp, offset: base + i64::from(relative) };
        }
        segment.first_timestamp =
            segment.headers(0)?.next().transpose()?.map(|(_, header)| header.max_timestamp);
        if !is_last {
            segment.close_file();
        }
        Ok(true)
    }

    /// The newest sound producer snapshot at or before `limit`; answers where the replay begins.
    fn load_producers(&mut self, limit: i64) -> io::Result<i64> {
        let mut offsets: Vec<i64> = self
            .disk
            .list(&self.dir)?
            .iter()
            .filter_map(|entry| names::parse(&entry.name))
            .filter(|(offset, suffix)| *suffix == names::SNAPSHOT && *offset >= self.log_start)
            .map(|(offset, _)| offset)
            .collect();
        offsets.sort_unstable();
        // A snapshot at the end of a cleanly closed log lies behind the last segment's base.
        let clean_end = if limit == i64::MAX || self.segments.len() == 1 { i64::MAX } else { limit };
        for offset in offsets.into_iter().rev().filter(|offset| *offset <= clean_end) {
            let path = names::file(&self.dir, offset, names::SNAPSHOT);
            if let Some(entries) = snapshot::load(&*self.disk, &path) {
                self.producers.load(&entries, offset, Millis(0));
                return Ok(offset);
            }
            tracing::warn!(path = %path.display(), "a damaged producer snapshot is left out");
        }
        Ok(self.log_start)
    }

    /// Walks the headers of a trusted segment to find its end and what producers did since the snapshot.
    fn replay_headers(&mut self, base: i64, replay_from: i64, now: Millis) -> io::Result<()> {
        let segment = &self.segments[&base];
        let from = if base >= replay_from { 0 } else { segment.position_before(replay_from)? };
        let file = segment.file()?;
        let headers: Vec<_> = segment.headers(from)?.collect::<io::Result<_>>()?;
        for (position, header) in headers {
            if header.next_offset() > replay_from {
                let mut payload = Vec::new();
                if header.is_control() {
                    payload.resize(header.size_in_bytes() - HEADER_LEN, 0);
                    file.read_at(&mut payload, position + HEADER_LEN as u64)?;
                }
                self.on_producer(&header, &payload.into(), now);
            }
            self.next_offset = self.next_offset.max(header.next_offset());
        }
        Ok(())
    }

    /// Reads a whole segment, rebuilds its indexes, cuts a torn tail.
    fn scan(&mut self, base: i64, replay_from: i64, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let disk = Arc::clone(&self.disk);
        let segment = self.segments.get_mut(&base).expect("its base was just listed");
        segment.reset_indexes();
        segment.aborted.clear(&*disk).map_err(io)?;
        let file = segment.file().map_err(io)?;
        let path = segment.path();
        let length = file.len().map_err(io)?;
        let is_last = self.segments.keys().next_back() == Some(&base);
        self.next_offset = self.next_offset.max(base);
        if base < replay_from && !open.clean {
            // The table holds what this segment is about to repeat: begin it again where the segment begins.
            self.load_producers(base).map_err(io)?;
        }
        let mut scanned = Scanned::new(Arc::clone(&file), 0, length);
        let mut expected = base;
        loop {
            match scanned.next().map_err(io)? {
                Ok(None) => break,
                Ok(Some((_, batch))) if batch.header().base_offset >= expected => {
                    expected = batch.header().next_offset();
                    self.on_recovered(base, &batch, open.now);
                }
                Ok(Some((position, _))) => {
                    let why = BatchError::Malformed("offsets go back");
                    let damage = Damage { position, why, followed_by_sound: false };
                    self.cut(base, is_last, damage, &path)?;
                    break;
                }
                Err(damage) => {
                    self.cut(base, is_last, damage, &path)?;
                    break;
                }
            }
        }
        self.finish_scan(base, is_last).map_err(io)
    }

    fn on_recovered(&mut self, base: i64, batch: &ottla_records::Batch, now: Millis) {
        let header = *batch.header();
        let config = self.config;
        let segment = self.segments.get_mut(&base).expect("it is being scanned");
        segment.on_appended(&header, &config);
        self.next_offset = header.next_offset();
        if header.partition_leader_epoch >= 0
            && self.epochs.latest_epoch().is_none_or(|latest| latest < header.partition_leader_epoch)
        {
            self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        }
        let seen = self.producers.end_offset() > header.base_offset;
        if !seen && let Some(aborted) = self.on_producer(&header, &batch.bytes().slice(HEADER_LEN..), now) {
            let disk = Arc::clone(&self.disk);
            if let Err(error) = self.segments[&base].aborted.append(&*disk, aborted) {
                self.fail(format!("writing the transaction index failed: {error}"));
            }
        }
        self.producers.advance_to(header.next_offset());
    }

    /// Cuts a torn tail; anything else is damage.
    fn cut(&mut self, base: i64, is_last: bool, damage: Damage, path: &Path) -> Result<(), OpenLogError> {
        let flushed_behind = self.next_offset < self.recovery_point;
        if !is_last || flushed_behind || damage.followed_by_sound {
            let Damage { position, why, .. } = damage;
            return Err(OpenLogError::Damaged { path: path.display().to_string(), position, why });
        }
        tracing::warn!(
            path = %path.display(), position = damage.position, why = %damage.why,
            "a torn tail is cut after an unclean stop"
        );
        let segment = &self.segments[&base];
        let cut = segment.file().and_then(|file| {
            file.set_len(damage.position)?;
            file.sync()
        });
        cut.map_err(|source| OpenLogError::Io { dir: self.dir.display().to_string(), source })
    }

    fn finish_scan(&mut self, base: i64, is_last: bool) -> io::Result<()> {
        if is_last {
            let file = self.active().file()?;
            self.unflushed.push(file);
            return Ok(());
        }
        let segment = self.segments.get_mut(&base).expect("it was scanned");
        segment.finish()?;
        segment.sync()?;
        segment.close_file();
        Ok(())
    }

    fn remove_snapshots_behind_end(&self) -> io::Result<()> {
        for entry in self.disk.list(&self.dir)? {
            if let Some((offset, names::SNAPSHOT)) = names::parse(&entry.name)
                && offset > self.next_offset
            {
                self.disk.remove_file(&self.dir.join(&entry.name))?;
            }
        }
        Ok(())
    }
}

/// Segments by the record files there are; leftovers of an interrupted change are removed.
fn find_segments(disk: &Arc<dyn Disk>, dir: &Path) -> io::Result<BTreeMap<i64, Segment>> {
    let mut segments = BTreeMap::new();
    for entry in disk.list(dir)? {
        let leftover = entry.name.ends_with(names::DELETED)
            || entry.name.ends_with(".cleaned")
            || entry.name.ends_with(".tmp");
        if leftover && !entry.is_dir {
            disk.remove_file(&dir.join(&entry.name))?;
        } else if let Some((base, names::LOG)) = names::parse(&entry.name) {
            segments.insert(base, Segment::new(disk, dir, base));
        }
    }
    Ok(segments)
}
