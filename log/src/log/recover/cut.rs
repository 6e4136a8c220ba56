//! What is taken away: torn tails, what stands behind a gap, leftovers.

use std::{io, sync::Arc};

use ottla_mutant::mutant;
use ottla_records::BatchError;

use crate::{
    Ended, Log, OpenLog, OpenLogError, names,
    segment::{Damage, HeaderScan, is_anything_sound},
};

impl Log {
    /// Cuts a torn tail; anything else is damage.
    pub(super) fn cut(&mut self, base: i64, damage: Damage, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let Damage { position, why } = damage;
        let path = self.segments[&base].path();
        let file = self.segments[&base].file().map_err(io)?;
        let sound_behind = is_anything_sound(&file, position + 1, base).map_err(io)?;
        // Of what was not flushed when the machine went down any part may be missing. In a synced log what stands behind the hole
        // may have been acknowledged all the same: how far it was flushed is written down only now and then.
        let may_have_holes =
            !self.config.synced && (open.ended == Ended::PowerCut || mutant!("holes_after_a_kill"));
        let damaged = open.ended == Ended::Cleanly
            || self.next_offset < self.recovery_point
            || sound_behind && !may_have_holes;
        if damaged && !mutant!("damage_taken_for_a_tail") {
            return Err(OpenLogError::Damaged { path: path.display().to_string(), position, why });
        }
        let what = if sound_behind { "what stands behind a hole" } else { "a torn tail" };
        tracing::warn!(path = %path.display(), position, %why, "{what} is cut after an unclean stop");
        // Later segments first: should the cut be interrupted, the next start finds a tail to cut again.
        self.remove_behind(base + 1).map_err(io)?;
        if mutant!("torn_tail_kept") {
            return Ok(());
        }
        self.segments[&base].file().and_then(|file| file.set_len(position)).map_err(io)
    }

    /// The records before the segment at `base` are not there. A crash can have lost them only where nothing was
    /// flushed; then what stands behind was not either. False when they were compacted away, before the topic's
    /// `cleanup.policy` became another one.
    pub(super) fn cut_behind_gap(&mut self, base: i64, open: &OpenLog) -> Result<bool, OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let path = self.segments[&base].path();
        if mutant!("gap_kept") {
            return Ok(true);
        }
        if open.ended == Ended::Cleanly || self.next_offset < self.recovery_point {
            let before = self.segments.range(..base).next_back().map_or(base, |(before, _)| *before);
            if self.was_compacted(before).map_err(io)? || self.was_compacted(base).map_err(io)? {
                return Ok(false);
            }
            let why = BatchError::Malformed("the records before the segment are missing");
            return Err(OpenLogError::Damaged { path: path.display().to_string(), position: 0, why });
        }
        tracing::warn!(path = %path.display(), end = self.next_offset, "segments behind a lost tail are removed");
        self.remove_behind(base).map_err(io)?;
        // The segment before is the active one now, and its indexes grow on.
        let disk = Arc::clone(&self.disk);
        let active = self.active_mut();
        if active.size == 0 {
            active.reset_indexes();
            return Ok(true);
        }
        if active.offsets.load(&*disk) && active.times.load(&*disk) {
            return Ok(true);
        }
        Err(io(io::Error::new(io::ErrorKind::InvalidData, "an index cannot be read again")))
    }

    /// Whether records are missing between or inside the batches of a segment.
    fn was_compacted(&self, base: i64) -> io::Result<bool> {
        let segment = &self.segments[&base];
        let file = segment.file()?;
        let length = file.len()?;
        let mut expected = None;
        for header in HeaderScan::new(file, 0, length) {
            let header = match header {
                Ok((_, header)) => header,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(false),
                Err(error) => return Err(error),
            };
            let removed = header.record_count <= header.last_offset_delta;
            if removed || expected.is_some_and(|expected| header.base_offset > expected) {
                return Ok(true);
            }
            expected = Some(header.next_offset());
        }
        Ok(false)
    }

    /// Whether the segment is an empty file that a failed roll has left, and the segment before went on past its base;
    /// then it is removed.
    pub(super) fn is_leftover(&mut self, base: i64) -> io::Result<bool> {
        let segment = &self.segments[&base];
        if segment.file()?.len()? > 0 {
            return Ok(false);
        }
        segment.remove()?;
        self.segments.remove(&base);
        self.unflushed_names = true;
        Ok(true)
    }

    /// Removes the segments from `base` on, the last first.
    fn remove_behind(&mut self, base: i64) -> io::Result<()> {
        while let Some((at, segment)) = self.segments.range(base..).next_back() {
            segment.remove()?;
            let at = *at;
            self.segments.remove(&at);
            self.unflushed_names = true;
        }
        Ok(())
    }

    /// Removes producer snapshots taken behind `offset`.
    pub(in crate::log) fn remove_snapshots(&self, offset: i64) -> io::Result<()> {
        for entry in self.disk.list(&self.dir)? {
            if let Some((at, names::SNAPSHOT)) = names::parse(&entry.name)
                && at > offset
            {
                self.disk.remove_file(&self.dir.join(&entry.name))?;
            }
        }
        Ok(())
    }
}
