//! Opening partitions.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use ottla_types::{Millis, Uuid};
use parking_lot::Mutex;

use super::{
    Ended, LogDir, LogDirError, TopicPartition,
    meta::{read_partition_metadata, write_partition_metadata},
};
use crate::{Log, LogConfig, OpenLog, OpenLogError, names};

/// A partition that was found in a data directory.
#[derive(Debug)]
pub struct PartitionLog {
    /// Which.
    pub partition: TopicPartition,
    /// From `partition.metadata`; `None` when the file is missing.
    pub topic_id: Option<Uuid>,
    /// Its log, or why it cannot be opened.
    pub log: Result<Log, OpenLogError>,
}

/// What a data directory holds.
#[derive(Debug, Default)]
pub struct Opened {
    /// All partitions.
    pub partitions: Vec<PartitionLog>,
}

impl LogDir {
    /// The partitions whose directories stand here, `__cluster_metadata` left out; directories that wait for their
    /// removal are removed.
    ///
    /// # Errors
    /// As the disk says.
    pub fn partitions(&self) -> Result<Vec<TopicPartition>, LogDirError> {
        let mut found = Vec::new();
        for entry in self.disk.list(&self.path).map_err(LogDirError::io(&self.path))? {
            if !entry.is_dir {
                continue;
            }
            if names::is_deleted_dir(&entry.name) {
                let path = self.path.join(&entry.name);
                self.disk.remove_dir_all(&path).map_err(LogDirError::io(&path))?;
            } else if let Some((topic, partition)) = names::parse_partition_dir(&entry.name)
                && topic != "__cluster_metadata"
            {
                found.push(TopicPartition { topic: topic.to_owned(), partition });
            }
        }
        Ok(found)
    }

    /// Opens all partitions, `threads` at a time.
    ///
    /// # Errors
    /// The directory cannot be listed. A partition that cannot be opened does not hinder the others.
    pub fn open_all(
        &self,
        threads: usize,
        now: Millis,
        config: impl Fn(&TopicPartition) -> LogConfig + Sync,
    ) -> Result<Opened, LogDirError> {
        let partitions = self.partitions()?;
        let next = AtomicUsize::new(0);
        let opened = Mutex::new(Vec::with_capacity(partitions.len()));
        std::thread::scope(|scope| {
            for _ in 0..threads.clamp(1, partitions.len().max(1)) {
                scope.spawn(|| {
                    while let Some(partition) = partitions.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let one = self.open_one(partition, config(partition), now);
                        opened.lock().push(one);
                    }
                });
            }
        });
        Ok(Opened { partitions: opened.into_inner() })
    }

    fn open_one(&self, partition: &TopicPartition, config: LogConfig, now: Millis) -> PartitionLog {
        let dir = self.partition_path(partition);
        let topic_id = read_partition_metadata(&*self.disk, &dir);
        let log = self.open_log(partition, config, now).and_then(|log| match &topic_id {
            Ok(Some(_)) => Ok(log),
            Ok(None) | Err(_) => self.without_topic_id(partition, log),
        });
        PartitionLog { partition: partition.clone(), topic_id: topic_id.ok().flatten(), log }
    }

    /// The first flush of a log covers `partition.metadata` as well: without it, a crash came before anything was
    /// acknowledged, or somebody has harmed the directory.
    fn without_topic_id(&self, partition: &TopicPartition, log: Log) -> Result<Log, OpenLogError> {
        let was_flushed =
            self.clean.is_some() || self.recovery_points.get(partition).is_some_and(|at| *at > 0);
        if was_flushed && log.next_offset() > 0 {
            return Err(OpenLogError::NoTopicId { dir: log.dir().display().to_string() });
        }
        Ok(log)
    }

    /// Opens one partition that exists.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn open_log(
        &self,
        partition: &TopicPartition,
        config: LogConfig,
        now: Millis,
    ) -> Result<Log, OpenLogError> {
        let open = OpenLog {
            dir: self.partition_path(partition),
            config,
            log_start: self.log_starts.get(partition).copied().unwrap_or_default(),
            recovery_point: self.recovery_points.get(partition).copied().unwrap_or_default(),
            ended: self.ended,
            now,
        };
        let mut log = Log::open(&self.disk, &open)?;
        log.set_room(self.room.clone());
        match self.log_starts.get(partition) {
            // After a crash retention may have removed more than the checkpoint says.
            Some(start) if open.ended == Ended::Cleanly && log.log_start() > *start => {
                let (dir, first, start) = (open.dir.display().to_string(), log.log_start(), *start);
                Err(OpenLogError::Beginning { dir, first, start })
            }
            _ => Ok(log),
        }
    }

    /// Makes a new partition. Leftovers of an earlier topic of the same name are removed, never reused.
    ///
    /// # Errors
    /// As the disk says.
    pub fn create(
        &self,
        partition: &TopicPartition,
        topic_id: Uuid,
        config: LogConfig,
        now: Millis,
    ) -> Result<Log, OpenLogError> {
        let dir = self.partition_path(partition);
        let io = |source: io::Error| OpenLogError::Io { dir: dir.display().to_string(), source };
        if self.disk.exists(&dir) {
            self.disk.remove_dir_all(&dir).map_err(io)?;
        }
        self.forget_checkpoints(partition)?;
        self.disk.create_dir_all(&dir).map_err(io)?;
        let metadata = write_partition_metadata(&*self.disk, &dir, topic_id).map_err(io)?;
        let open =
            OpenLog { dir: dir.clone(), config, log_start: 0, recovery_point: 0, ended: Ended::Killed, now };
        let mut log = Log::open(&self.disk, &open)?;
        // Made durable by the first flush: thousands of partitions are then created in a moment, and one that loses
        // its files in a crash has lost nothing that was acknowledged.
        log.flush_also(metadata, &self.path);
        log.set_room(self.room.clone());
        Ok(log)
    }
}
