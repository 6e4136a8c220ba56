//! One data directory: who it belongs to, its partitions, its checkpoints.

mod ended;
mod load;
mod meta;

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use ottla_disk::{Disk, File, Space};
use ottla_mutant::mutant;
use ottla_types::Uuid;
use parking_lot::Mutex;

pub use ended::Ended;
pub use load::{Opened, PartitionLog};
pub use meta::{
    CleanShutdown, MetaProperties, read_meta_properties, read_partition_metadata, write_meta_properties,
};

use crate::{CheckpointError, Room, checkpoint, names};

/// A partition by its topic's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogDirError {
    /// The disk fails.
    #[error("{path}: {source}")]
    Io {
        /// Where.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Another process uses it.
    #[error("Failed to acquire lock on file {0}. A broker in another process is using this directory.")]
    Locked(String),
    /// It was never formatted.
    #[error(
        "No `meta.properties` found in {0} (have you run `ottla storage format` to format the directory?)"
    )]
    NotFormatted(String),
    /// `meta.properties` says something else than the settings do.
    #[error("{path}: {why}")]
    Mismatch {
        /// The file.
        path: String,
        /// What differs.
        why: String,
    },
    /// A checkpoint makes no sense.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl LogDirError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::Io { path, source }
    }
}

/// One data directory, locked for this process.
#[derive(Debug)]
pub struct LogDir {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    id: Uuid,
    clean: Option<CleanShutdown>,
    ended: Ended,
    recovery_points: BTreeMap<TopicPartition, i64>,
    log_starts: BTreeMap<TopicPartition, i64>,
    high_watermarks: BTreeMap<TopicPartition, i64>,
    /// Whom the checkpoints on disk speak of, and where their logs begin by them.
    checkpointed: Mutex<BTreeMap<TopicPartition, i64>>,
    /// Up to where compacted logs were cleaned, as the checkpoint on disk says.
    cleaned: Mutex<BTreeMap<TopicPartition, i64>>,
    room: Option<Arc<Room>>,
    lock: Arc<dyn File>,
}

impl LogDir {
    /// Locks and reads a formatted directory. The mark of a clean stop is taken away first, durably: from here on, a
    /// crash is a crash.
    ///
    /// # Errors
    /// It is locked, not formatted, or unreadable.
    pub fn open(disk: &Arc<dyn Disk>, path: &Path) -> Result<Self, LogDirError> {
        let lock = disk.lock(&path.join(names::LOCK)).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => LogDirError::Locked(path.join(names::LOCK).display().to_string()),
            io::ErrorKind::NotFound => LogDirError::NotFormatted(path.display().to_string()),
            _ => LogDirError::io(path)(error),
        })?;
        let meta = read_meta_properties(&**disk, path)?
            .ok_or_else(|| LogDirError::NotFormatted(path.display().to_string()))?;
        let clean = CleanShutdown::take(&**disk, path).map_err(LogDirError::io(path))?;
        let ended = match &clean {
            Some(_) => Ended::Cleanly,
            None => ended::uncleanly(&*lock, disk.life().as_deref()).map_err(LogDirError::io(path))?,
        };
        let offsets = |name: &str| match checkpoint::read_offsets(&**disk, &path.join(name)) {
            // As Kafka does: what a checkpoint would have said is found out from the logs, which takes longer.
            Err(error @ CheckpointError::Malformed { .. }) => {
                tracing::error!(%error, "a checkpoint is left out");
                Ok(BTreeMap::new())
            }
            other => other,
        };
        let recovery_points = offsets(names::RECOVERY_POINTS)?;
        let log_starts = offsets(names::LOG_STARTS)?;
        let high_watermarks = offsets(names::HIGH_WATERMARKS)?;
        let cleaned = offsets(names::CLEANED)?;
        let all = [&recovery_points, &log_starts, &high_watermarks, &cleaned];
        let known = all.into_iter().flat_map(BTreeMap::keys);
        let start = |at: &TopicPartition| log_starts.get(at).copied().unwrap_or_default();
        let checkpointed = known.map(|at| (at.clone(), start(at))).collect();
        Ok(Self {
            checkpointed: Mutex::new(checkpointed),
            recovery_points,
            log_starts,
            high_watermarks,
            cleaned: Mutex::new(cleaned),
            room: None,
            disk: Arc::clone(disk),
            path: path.to_owned(),
            id: meta.directory_id,
            clean,
            ended,
            lock,
        })
    }

    /// Records leave so many bytes of the file system free, in every log that is opened from now on: what makes room on
    /// a full disk has to be written too.
    pub fn keep_free(&mut self, bytes: u64) {
        self.room = Some(Arc::new(Room::new(Arc::clone(&self.disk), &self.path, bytes)));
    }

    /// All logs have been opened: what is written from now on belongs to this life of the machine. Before, a start that
    /// is interrupted must leave to the next one how the last run ended.
    ///
    /// # Errors
    /// As the disk says; that it is full does no harm.
    pub fn on_recovered(&self) -> Result<(), LogDirError> {
        let Some(life) = self.disk.life() else { return Ok(()) };
        ended::note(&*self.disk, &self.path, &*self.lock, &life).map_err(LogDirError::io(&self.path))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.id
    }

    /// What the last clean stop left; `None` after an unclean one.
    #[must_use]
    pub const fn clean_shutdown(&self) -> Option<&CleanShutdown> {
        self.clean.as_ref()
    }

    /// The high watermark the last run wrote down; 0 without one.
    #[must_use]
    pub fn high_watermark(&self, partition: &TopicPartition) -> i64 {
        self.high_watermarks.get(partition).copied().unwrap_or_default()
    }

    /// How much room there is.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn space(&self) -> io::Result<Space> {
        self.disk.space(&self.path)
    }

    /// Where a partition lies.
    #[must_use]
    pub fn partition_path(&self, partition: &TopicPartition) -> PathBuf {
        self.path.join(partition.to_string())
    }

    /// Writes the three offset checkpoints of everything the directory holds.
    ///
    /// # Errors
    /// As the disk says.
    pub fn write_checkpoints(&self, offsets: &[Checkpointed]) -> Result<(), CheckpointError> {
        let mut checkpointed = self.checkpointed.lock();
        // A start that was raised after `offsets` were collected stays.
        let start = |at: &Checkpointed| {
            at.log_start.max(checkpointed.get(&at.partition).copied().unwrap_or_default())
        };
        let starts: BTreeMap<_, _> = offsets.iter().map(|at| (at.partition.clone(), start(at))).collect();
        *checkpointed = starts;
        let write = |name: &str, of: fn(&Checkpointed) -> i64| {
            let entries = offsets.iter().map(|at| (&at.partition, of(at)));
            checkpoint::write_offsets(&*self.disk, &self.path.join(name), entries)
        };
        write(names::RECOVERY_POINTS, |at| at.recovery_point)?;
        self.write_log_starts(&checkpointed)?;
        write(names::HIGH_WATERMARKS, |at| at.high_watermark)
    }

    fn write_log_starts(&self, starts: &BTreeMap<TopicPartition, i64>) -> Result<(), CheckpointError> {
        let entries = starts.iter().map(|(at, offset)| (at, *offset));
        checkpoint::write_offsets(&*self.disk, &self.path.join(names::LOG_STARTS), entries)
    }

    /// Says durably that partitions begin at these offsets or later. To be called before anybody can see it: what was
    /// deleted must not come back after a crash.
    ///
    /// # Errors
    /// As the disk says; the partitions then begin where they did.
    pub fn raise_log_starts(&self, raised: &[(TopicPartition, i64)]) -> Result<(), CheckpointError> {
        let mut checkpointed = self.checkpointed.lock();
        let mut starts = checkpointed.clone();
        for (partition, offset) in raised {
            let start = starts.entry(partition.clone()).or_default();
            *start = (*start).max(*offset);
        }
        if starts != *checkpointed && !mutant!("log_start_not_written") {
            self.write_log_starts(&starts)?;
        }
        *checkpointed = starts;
        Ok(())
    }

    /// Takes a partition out of the checkpoints on disk if it is there: what they say of an earlier topic of its name
    /// must not be believed of a new one.
    pub(super) fn forget_checkpoints(&self, partition: &TopicPartition) -> Result<(), CheckpointError> {
        let mut checkpointed = self.checkpointed.lock();
        let is_known = checkpointed.contains_key(partition) || self.cleaned.lock().contains_key(partition);
        if !is_known || mutant!("checkpoints_of_a_deleted_topic") {
            return Ok(());
        }
        for name in [names::RECOVERY_POINTS, names::LOG_STARTS, names::HIGH_WATERMARKS, names::CLEANED] {
            let path = self.path.join(name);
            let mut offsets = checkpoint::read_offsets(&*self.disk, &path)?;
            if offsets.remove(partition).is_some() {
                let rest = offsets.iter().map(|(at, offset)| (at, *offset));
                checkpoint::write_offsets(&*self.disk, &path, rest)?;
            }
        }
        self.cleaned.lock().remove(partition);
        checkpointed.remove(partition);
        Ok(())
    }

    /// Up to where a partition was compacted; `None` when it never was.
    #[must_use]
    pub fn cleaned(&self, partition: &TopicPartition) -> Option<i64> {
        self.cleaned.lock().get(partition).copied()
    }

    /// Writes down that a partition is compacted up to `offset`. Partitions that are not `known` any more are left out.
    ///
    /// # Errors
    /// As the disk says.
    pub fn set_cleaned(
        &self,
        partition: &TopicPartition,
        offset: i64,
        known: impl Fn(&TopicPartition) -> bool,
    ) -> Result<(), CheckpointError> {
        let mut cleaned = self.cleaned.lock();
        cleaned.insert(partition.clone(), offset);
        cleaned.retain(|at, _| known(at));
        let entries = cleaned.iter().map(|(at, offset)| (at, *offset));
        checkpoint::write_offsets(&*self.disk, &self.path.join(names::CLEANED), entries)
    }

    /// Says that everything was stopped cleanly. Must be the last write.
    ///
    /// # Errors
    /// As the disk says.
    pub fn mark_clean(&self, shutdown: &CleanShutdown) -> Result<(), LogDirError> {
        shutdown.write(&*self.disk, &self.path).map_err(LogDirError::io(&self.path))
    }

    /// Takes a partition out of sight at once; the files go when the returned directory is removed.
    ///
    /// # Errors
    /// As the disk says.
    pub fn rename_deleted(&self, partition: &TopicPartition, unique: Uuid) -> io::Result<PathBuf> {
        self.rename_to(partition, unique, names::DELETE_DIR)
    }

    /// Sets a partition's directory aside that belongs to no topic.
    ///
    /// # Errors
    /// As the disk says.
    pub fn rename_stray(&self, partition: &TopicPartition, unique: Uuid) -> io::Result<PathBuf> {
        self.rename_to(partition, unique, names::STRAY_DIR)
    }

    fn rename_to(&self, partition: &TopicPartition, unique: Uuid, end: &str) -> io::Result<PathBuf> {
        let hex: String = unique.0.iter().map(|byte| format!("{byte:02x}")).collect();
        // Kafka shortens the name so that the whole stays within 255 bytes.
        let mut name = partition.to_string();
        name.truncate(255 - 1 - hex.len() - end.len());
        let renamed = self.path.join(format!("{name}.{hex}{end}"));
        self.disk.rename(&self.partition_path(partition), &renamed)?;
        self.disk.sync_dir(&self.path)?;
        Ok(renamed)
    }

    /// Removes a directory that [`rename_deleted`](Self::rename_deleted) renamed.
    ///
    /// # Errors
    /// As the disk says.
    pub fn remove(&self, renamed: &Path) -> io::Result<()> {
        self.disk.remove_dir_all(renamed)
    }

    /// Removes files that retention renamed.
    ///
    /// # Errors
    /// As the disk says.
    pub fn remove_files(&self, files: &[PathBuf]) -> io::Result<()> {
        files.iter().try_for_each(|file| match self.disk.remove_file(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        })
    }
}

/// One partition's line in the three checkpoints.
#[derive(Debug, Clone)]
pub struct Checkpointed {
    /// Which.
    pub partition: TopicPartition,
    /// See [`Log::recovery_point`](crate::Log::recovery_point).
    pub recovery_point: i64,
    /// See [`Log::log_start`](crate::Log::log_start).
    pub log_start: i64,
    /// The partition's high watermark.
    pub high_watermark: i64,
}
