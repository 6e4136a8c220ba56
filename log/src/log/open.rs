//! Opening a log: what a clean stop left is trusted, after an unclean one the tail is scanned (see `recover`).

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::Disk;
use ottla_records::BatchError;
use ottla_replication::{epochs::EpochCache, producer::ProducerTable};
use ottla_types::Millis;

use super::{Log, swap};
use crate::{CheckpointError, Ended, LogConfig, checkpoint, names, segment::Segment};

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
    /// How the last run of its data directory ended.
    pub ended: Ended,
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
    /// The log ends before an offset up to which it was flushed: acknowledged records are gone, so nothing is served.
    #[error("{dir} ends at offset {end}, but was flushed up to {flushed}")]
    Short {
        /// The partition's directory.
        dir: String,
        /// One past the last record found.
        end: i64,
        /// The recovery point.
        flushed: i64,
    },
    /// The first segments are gone: a clean stop had written down that the log begins before what there is.
    #[error("{dir} begins at offset {first}, but was stopped beginning at {start}")]
    Beginning {
        /// The partition's directory.
        dir: String,
        /// The first offset found.
        first: i64,
        /// The log start checkpoint.
        start: i64,
    },
    /// Nobody can say of which topic the records are.
    #[error("{dir} holds records, but its partition.metadata is missing or damaged")]
    NoTopicId {
        /// The partition's directory.
        dir: String,
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
        swap::finish(&**disk, &open.dir).map_err(io)?;
        let mut segments = find_segments(disk, &open.dir).map_err(io)?;
        let is_new = segments.is_empty();
        if is_new {
            let first = Segment::create(disk, &open.dir, open.log_start).map_err(io)?;
            segments.insert(open.log_start, first);
        }
        let first = segments.keys().next().copied().unwrap_or_default();
        let clean = open.ended == Ended::Cleanly;
        let mut log = Self {
            disk: Arc::clone(disk),
            dir: open.dir.clone(),
            config: open.config,
            log_start: open.log_start.max(first),
            next_offset: first,
            flushed: 0,
            recovery_point: open.recovery_point.max(0),
            segments,
            producers: ProducerTable::new(),
            epochs: EpochCache::new(),
            unflushed: Vec::new(),
            unflushed_closed: Vec::new(),
            // A killed process may have left names that no sync has covered.
            unflushed_names: is_new || !clean,
            unflushed_above: Vec::new(),
            epochs_dirty: !clean,
            truncations: 0,
            replacements: 0,
            rolled: false,
            modified: is_new || !clean,
            active_since: open.now,
            failed: None,
            room: None,
        };
        let epochs_known = log.load_epochs()?;
        log.recover(open, clean && epochs_known)?;
        log.settle(open)?;
        Ok(log)
    }

    /// What holds once the end is known.
    fn settle(&mut self, open: &OpenLog) -> Result<(), OpenLogError> {
        let (dir, flushed) = (self.dir.display().to_string(), self.recovery_point);
        if self.next_offset < flushed {
            return Err(OpenLogError::Short { dir, end: self.next_offset, flushed });
        }
        self.flushed = if open.ended == Ended::Cleanly { self.next_offset } else { flushed };
        if self.next_offset < self.log_start {
            // Everything below was deleted, and the crash took the unflushed records behind it. The start of a log
            // never goes back, so it begins there empty.
            let start = self.log_start;
            self.truncate_fully(start, open.now).map_err(|source| OpenLogError::Io { dir, source })?;
        }
        self.producers.on_log_start(self.log_start);
        self.epochs_dirty |= self.epochs.truncate_from_start(self.log_start);
        self.close_files();
        Ok(())
    }

    /// False when the epochs must be found again by scanning the whole log.
    fn load_epochs(&mut self) -> Result<bool, OpenLogError> {
        let path = self.dir.join(names::LEADER_EPOCHS);
        if !self.disk.exists(&path) {
            // A log nothing was ever appended to has none.
            let io = |source| OpenLogError::Io { dir: self.dir.display().to_string(), source };
            return Ok(
                self.segments.len() == 1 && self.active().file().and_then(|f| f.len()).map_err(io)? == 0
            );
        }
        match checkpoint::read_epochs(&*self.disk, &path) {
            Ok(entries) => {
                self.epochs = EpochCache::from_entries(entries);
                Ok(true)
            }
            Err(error @ CheckpointError::Malformed { .. }) => {
                tracing::warn!(%error, "leader epochs are rebuilt from the log");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Segments by the record files there are; leftovers of an interrupted change are removed.
fn find_segments(disk: &Arc<dyn Disk>, dir: &Path) -> io::Result<BTreeMap<i64, Segment>> {
    let entries = disk.list(dir)?;
    let files = || entries.iter().filter(|entry| !entry.is_dir);
    let bases: BTreeSet<i64> = files()
        .filter_map(|entry| names::parse(&entry.name))
        .filter(|(_, suffix)| *suffix == names::LOG)
        .map(|(base, _)| base)
        .collect();
    for entry in files() {
        let leftover = entry.name.ends_with(names::DELETED) || entry.name.ends_with(".tmp");
        let orphan = names::parse(&entry.name).is_some_and(|(base, suffix)| {
            [names::INDEX, names::TIME_INDEX, names::TXN_INDEX].contains(&suffix) && !bases.contains(&base)
        });
        if leftover || orphan {
            disk.remove_file(&dir.join(&entry.name))?;
        }
    }
    Ok(bases.into_iter().map(|base| (base, Segment::new(disk, dir, base))).collect())
}
