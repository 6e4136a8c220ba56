//! Cutting a log: a follower that diverged, or a snapshot that replaces everything.
//!
//! Whoever truncates first writes a recovery point checkpoint that is not above the new end: an older one would speak
//! for records that are gone, and the next start would miss them.

use std::{io, sync::Arc};

use ottla_mutant::mutant;
use ottla_types::Millis;

use super::Log;
use crate::segment::Segment;

impl Log {
    /// Removes everything at and behind `offset`. A batch that begins before it goes as a whole.
    ///
    /// # Errors
    /// As the disk says; the log takes no more appends then.
    pub fn truncate_to(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        if offset >= self.next_offset {
            return Ok(());
        }
        // Nothing that could be read stays; the batch that the start lies in must not lead it back.
        if offset <= self.log_start {
            return self.truncate_fully(offset, now);
        }
        let cut = self.cut_to(offset, now);
        self.or_fail(cut)
    }

    /// Removes everything; the next record gets `offset`.
    ///
    /// # Errors
    /// As the disk says; the log takes no more appends then.
    pub fn truncate_fully(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        let emptied = self.empty_at(offset, now);
        self.or_fail(emptied)
    }

    /// A log that is half truncated cannot go on.
    fn or_fail(&mut self, result: io::Result<()>) -> io::Result<()> {
        if let Err(error) = &result {
            self.fail(format!("truncation failed: {error}"));
        }
        result
    }

    fn empty_at(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        // From the end, and the first one when the others are gone for good, so that a crash leaves a prefix.
        for segment in self.segments.values().skip(1).rev() {
            segment.remove()?;
        }
        self.disk.sync_dir(&self.dir)?;
        if let Some(first) = self.segments.values().next() {
            first.remove()?;
        }
        let first = Segment::create(&self.disk, &self.dir, offset)?;
        let file = first.file()?;
        self.segments.clear();
        self.segments.insert(offset, first);
        self.active_since = now;
        self.log_start = offset;
        self.next_offset = offset;
        self.flushed = offset;
        self.recovery_point = offset;
        self.truncations += 1;
        self.unflushed.clear();
        self.must_sync(file);
        self.unflushed_names = true;
        self.producers.clear();
        self.producers.advance_to(offset);
        self.epochs.clear();
        self.epochs_dirty = true;
        self.remove_snapshots(i64::MIN)?;
        self.flush()
    }

    fn cut_to(&mut self, offset: i64, now: Millis) -> io::Result<()> {
        while self.active().base_offset >= offset && self.segments.len() > 1 {
            self.active().remove()?;
            self.segments.pop_last();
        }
        self.cut_active(offset)?;
        let end = self.next_offset;
        self.log_start = self.log_start.min(end);
        self.flushed = self.flushed.min(end);
        self.recovery_point = self.recovery_point.min(end);
        self.truncations += 1;
        if !mutant!("epochs_not_truncated") {
            self.epochs.truncate_from_end(end);
        }
        self.epochs_dirty = true;
        self.unflushed_names = true;
        self.remove_snapshots(end)?;
        self.rebuild_producers(now)?;
        self.flush()
    }

    /// Rebuilds the active segment up to `offset`: its indexes and its end.
    fn cut_active(&mut self, offset: i64) -> io::Result<()> {
        let config = self.config;
        let segment = self.active_mut();
        let file = segment.file()?;
        let headers = segment.headers(0)?;
        segment.reset_indexes();
        let mut end = segment.base_offset;
        for header in headers {
            let (_, header) = header?;
            if header.last_offset() >= offset {
                break;
            }
            segment.on_appended(&header, &config);
            end = header.next_offset();
        }
        file.set_len(segment.size)?;
        self.next_offset = end;
        self.must_sync(file);
        Ok(())
    }

    /// Producers and aborted transactions as of the new end.
    fn rebuild_producers(&mut self, now: Millis) -> io::Result<()> {
        let disk = Arc::clone(&self.disk);
        let base = self.active().base_offset;
        self.active().aborted.clear(&*disk);
        let replay_from = self.load_producers(base, now)?;
        let end = self.next_offset;
        let bases: Vec<i64> = self.segments.keys().copied().collect();
        // Read again from the beginning, which finds the same end: offsets that go back are damage.
        self.next_offset = bases.first().copied().unwrap_or(end);
        for at in bases {
            let aborted = self.replay_headers(at, replay_from, now)?;
            if at == base {
                aborted.into_iter().for_each(|txn| self.active().aborted.push(txn));
            }
        }
        debug_assert_eq!(self.next_offset, end, "the same headers give the same end");
        self.producers.advance_to(end);
        Ok(())
    }
}
