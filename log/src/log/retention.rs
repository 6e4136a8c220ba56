//! What is removed from the front of a log: by age, by size, or because somebody asked.

use std::{
    io,
    path::{Path, PathBuf},
};

use ottla_mutant::mutant;
use ottla_types::Millis;

use super::Log;
use crate::{names, segment::Segment};

impl Log {
    /// Removes segments that are too old or too many, never at or behind `high_watermark`. Answers the renamed files,
    /// which the caller removes after `file.delete.delay.ms`.
    ///
    /// # Errors
    /// As the disk says.
    pub fn apply_retention(&mut self, now: Millis, high_watermark: i64) -> io::Result<Vec<PathBuf>> {
        let mut removed = Vec::new();
        if self.config.delete {
            while self.front_is_too_old(now, high_watermark) || self.front_is_too_much(high_watermark) {
                self.remove_front(&mut removed)?;
            }
        }
        while self.front_is_before_start() {
            self.remove_front(&mut removed)?;
        }
        Ok(removed)
    }

    /// The log now starts at `offset` (DeleteRecords): what lies before is never handed out again, and whole segments
    /// of it are removed. An offset behind the high watermark is the caller's mistake and is clamped to the log's end.
    /// That it stays so after a crash takes a `log-start-offset-checkpoint`, which the caller writes before
    /// ([`LogDir::raise_log_starts`](crate::LogDir::raise_log_starts)).
    ///
    /// # Errors
    /// As the disk says.
    pub fn advance_log_start(&mut self, offset: i64) -> io::Result<Vec<PathBuf>> {
        if offset > self.log_start {
            self.log_start = offset.min(self.next_offset);
            self.epochs_dirty |= self.epochs.truncate_from_start(self.log_start);
            self.modified = true;
            self.producers.on_log_start(self.log_start);
        }
        let mut removed = Vec::new();
        while self.front_is_before_start() {
            self.remove_front(&mut removed)?;
        }
        Ok(removed)
    }

    fn front(&self) -> Option<(&Segment, i64)> {
        let mut segments = self.segments.values();
        let front = segments.next()?;
        Some((front, segments.next().map_or(self.next_offset, |next| next.base_offset)))
    }

    fn front_is_too_old(&self, now: Millis, high_watermark: i64) -> bool {
        let Some((front, next)) = self.front() else { return false };
        // One without records is as old as those behind it.
        let with_records = self.segments.values().find(|segment| !segment.holds_no_records());
        let newest = with_records.unwrap_or(front).max_timestamp.timestamp;
        self.config.retention_ms >= 0
            && front.size > 0
            && next <= high_watermark
            && newest >= 0
            && now.0.saturating_sub(newest) > self.config.retention_ms
    }

    fn front_is_too_much(&self, high_watermark: i64) -> bool {
        let Some((front, next)) = self.front() else { return false };
        let Ok(limit) = u64::try_from(self.config.retention_bytes) else { return false };
        self.segments.len() > 1 && next <= high_watermark && self.size() - front.size >= limit
    }

    fn front_is_before_start(&self) -> bool {
        self.segments.len() > 1 && self.front().is_some_and(|(_, next)| next <= self.log_start)
    }

    /// Renames the first segment's files, so that readers that hold them go on, and lets go of it. An active segment is
    /// rolled first.
    fn remove_front(&mut self, removed: &mut Vec<PathBuf>) -> io::Result<()> {
        if self.segments.len() == 1 {
            self.roll()?;
        }
        if self.unflushed_names {
            // Without the name of the segment behind, the log would begin at 0 again.
            self.disk.sync_dir(&self.dir)?;
        }
        let mut bases = self.segments.keys();
        let (Some(base), Some(next)) = (bases.next().copied(), bases.next().copied()) else { return Ok(()) };
        // What the records say of producers is then known from the snapshot behind them alone.
        let snapshot = names::file(&self.dir, next, names::SNAPSHOT);
        if self.disk.exists(&snapshot) {
            self.disk.create(&snapshot)?.sync()?;
        }
        let Some(segment) = self.segments.get(&base) else { return Ok(()) };
        let (records, mut rest) = (segment.path(), segment.paths());
        rest.retain(|path| *path != records);
        rest.push(names::file(&self.dir, base, names::SNAPSHOT));
        // The records go first, and for good: indexes without records are leftovers, whereas records without their
        // index of aborted transactions would show those as committed.
        removed.push(rename_deleted(self, &records)?);
        self.segments.remove(&base);
        self.log_start = self.log_start.max(next);
        self.modified = true;
        self.epochs_dirty |= self.epochs.truncate_from_start(self.log_start);
        self.producers.on_log_start(self.log_start);
        if !mutant!("retention_without_dir_sync") {
            self.disk.sync_dir(&self.dir)?;
        }
        for path in rest.iter().filter(|path| self.disk.exists(path)) {
            removed.push(rename_deleted(self, path)?);
        }
        Ok(())
    }
}

/// Gives a file the name of one that waits to be removed, and answers that name.
pub(super) fn rename_deleted(log: &Log, path: &Path) -> io::Result<PathBuf> {
    let renamed = names::ending(path, names::DELETED);
    log.disk.rename(path, &renamed)?;
    Ok(renamed)
}
