//! Finding the end of a log again, and with it the state of its producers and epochs.
//!
//! What lies below the recovery point was flushed: its segments are trusted as far as their lengths agree, and an end
//! before it is damage. Behind it the last writes may be torn: the tail of the file is cut, but only if nothing sound
//! stands behind the cut in it, because then it was no tail (bugs of others: a committed middle taken for a torn end).
//! A flush covers segments in their order, so what stands in segments behind a lost tail was never flushed: it is cut
//! too, and the log ends where its records without a gap do. Compaction leaves gaps, so there only torn tails count.
//! Whatever can be computed from records (indexes, aborted transactions, producers, epochs) is computed again for every
//! segment that is scanned. The checksums of what was flushed are not verified: a crash does not touch it, and it may be a gigabyte
//! for each partition.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
};

use bytes::Bytes;
use ottla_mutant::mutant;
use ottla_records::{BatchError, BatchHeader, HEADER_LEN};
use ottla_types::Millis;

use super::{Log, OpenLog, OpenLogError};
use crate::{
    AbortedTxn, names,
    segment::{Damage, HeaderScan, MaxTimestamp, Scanned, is_anything_sound, time_of},
    snapshot,
};

impl Log {
    /// Finds the end of the log. A log that was stopped cleanly is not scanned, except where an index is missing.
    pub(super) fn recover(&mut self, open: &OpenLog, clean: bool) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let bases: Vec<i64> = self.segments.keys().copied().collect();
        let (first, last) = (bases[0], bases[bases.len() - 1]);
        let epochs_known = !self.epochs.entries().is_empty();
        let scan_from = match clean {
            true => i64::MAX,
            false if !epochs_known => first,
            // The segment that ends just there was perhaps finished after the flush, and its indexes were not flushed.
            false => {
                let at = self.recovery_point + i64::from(mutant!("finished_segment_trusted_too_early"));
                bases.iter().rev().find(|base| **base < at).copied().unwrap_or(first)
            }
        };
        let mut scan = BTreeSet::new();
        let mut ends = BTreeMap::new();
        for base in &bases {
            let trusted = *base < scan_from && self.trust(*base).map_err(io)?;
            match if trusted { self.end_by_headers(*base).map_err(io)? } else { None } {
                Some(end) => drop(ends.insert(*base, end)),
                None => drop(scan.insert(*base)),
            }
        }
        if !clean {
            self.epochs.truncate_from_end(scan_from);
        }
        let clean_end = ends.get(&last).copied().unwrap_or(last);
        let limit = scan.first().copied().unwrap_or(clean_end);
        let replay_from = self.load_producers(limit, open.now).map_err(io)?;
        for base in bases {
            if !self.segments.contains_key(&base) {
                break;
            }
            if base > first
                && base > self.next_offset
                && !self.config.compact
                && self.cut_behind_gap(base, open)?
            {
                break;
            }
            if base > first && base < self.next_offset && self.is_leftover(base).map_err(io)? {
                continue;
            }
            if scan.contains(&base) {
                self.scan(base, replay_from, open)?;
            } else {
                self.replay_headers(base, replay_from, open.now).map_err(io)?;
                self.next_offset = ends.get(&base).copied().unwrap_or(self.next_offset);
            }
        }
        self.epochs_dirty |= self.epochs.truncate_from_end(self.next_offset);
        self.producers.advance_to(self.next_offset);
        self.remove_snapshots(self.next_offset).map_err(io)
    }

    /// Takes a segment as its files stand; false when its indexes must be rebuilt.
    fn trust(&mut self, base: i64) -> io::Result<bool> {
        let disk = Arc::clone(&self.disk);
        let is_last = self.segments.keys().next_back() == Some(&base);
        let segment = self.segments.get_mut(&base).expect("its base was just listed");
        segment.size = segment.file()?.len()?;
        if is_last && segment.size == 0 {
            segment.reset_indexes();
            segment.close_file();
            return Ok(true);
        }
        if is_last {
            // More are added to those there are.
            segment.aborted.read(&*disk)?;
        }
        let usable = if is_last {
            segment.offsets.load(&*disk) && segment.times.load(&*disk)
        } else {
            segment.offsets.is_usable(&*disk)? && segment.times.is_usable(&*disk)?
        };
        // The last entry must point into the file: indexes of another life are not believed.
        let fits = usable
            && segment.offsets.last(&*disk)?.is_none_or(|(_, position)| u64::from(position) < segment.size);
        if !fits {
            return Ok(false);
        }
        if let Some((timestamp, relative)) = segment.times.last(&*disk)? {
            segment.max_timestamp = MaxTimestamp { timestamp, offset: base + i64::from(relative) };
        }
        let first = match segment.headers(0)?.next().transpose() {
            Ok(first) => first,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(false),
            Err(error) => return Err(error),
        };
        segment.first_timestamp = first.and_then(|(_, header)| time_of(&header));
        segment.close_file();
        // A segment that was finished or closed has its largest timestamp in its index, if there is any.
        let without_times = segment.max_timestamp == MaxTimestamp::NONE;
        Ok(!without_times || segment.first_timestamp.is_none_or(|first| first < 0))
    }

    /// The end of a segment by its headers from the last indexed one on; `None` when the file does not end where a
    /// batch ends.
    fn end_by_headers(&self, base: i64) -> io::Result<Option<i64>> {
        let segment = &self.segments[&base];
        let indexed = segment.offsets.last(&*self.disk)?;
        let from = indexed.map_or(0, |(_, position)| u64::from(position));
        // The active segment was never compacted: its records have no gaps. Offsets stand outside the checksums.
        let gapless = base == self.active().base_offset && !self.config.compact;
        let (mut at, mut end) = (from, segment.base_offset);
        for header in segment.headers(from)? {
            let (position, header) = match header {
                Ok(header) => header,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
                Err(error) => return Err(error),
            };
            let expected = match indexed.filter(|_| at == from) {
                Some((relative, _)) => header.last_offset() == base + relative,
                None => header.base_offset == end,
            };
            if gapless && !expected {
                return Ok(None);
            }
            at = position + header.size_in_bytes() as u64;
            end = header.next_offset();
        }
        segment.close_file();
        Ok((at == segment.size).then_some(end))
    }

    /// The newest sound producer snapshot at or before `limit`; answers where the replay begins.
    pub(super) fn load_producers(&mut self, limit: i64, now: Millis) -> io::Result<i64> {
        let mut offsets: Vec<i64> = self
            .disk
            .list(&self.dir)?
            .iter()
            .filter_map(|entry| names::parse(&entry.name))
            .filter(|(offset, suffix)| *suffix == names::SNAPSHOT && *offset <= limit)
            .map(|(offset, _)| offset)
            .collect();
        offsets.sort_unstable();
        self.producers.clear();
        for offset in offsets.into_iter().rev() {
            let path = names::file(&self.dir, offset, names::SNAPSHOT);
            if let Some(entries) = snapshot::load(&*self.disk, &path) {
                self.producers.load(&entries, offset, now);
                return Ok(offset);
            }
            tracing::warn!(path = %path.display(), "a damaged producer snapshot is left out");
        }
        Ok(self.segments.keys().next().copied().unwrap_or_default())
    }

    /// Walks the headers of a trusted segment to find its end and what producers did since the snapshot. Answers the
    /// transactions that were aborted in it.
    pub(super) fn replay_headers(
        &mut self,
        base: i64,
        replay_from: i64,
        now: Millis,
    ) -> io::Result<Vec<AbortedTxn>> {
        let next = self.segments.range(base + 1..).next().map(|(next, _)| *next);
        if let Some(next) = next.filter(|next| *next <= replay_from) {
            self.next_offset = next;
            return Ok(Vec::new());
        }
        let mut aborted = Vec::new();
        let segment = &self.segments[&base];
        let from = if base >= replay_from { 0 } else { segment.position_before(replay_from)? };
        let file = segment.file()?;
        self.next_offset = self.next_offset.max(base);
        for header in segment.headers(from)? {
            let (position, header) = header?;
            if next.is_some_and(|next| header.last_offset() >= next) {
                let why = BatchError::Malformed("the offset belongs to a later segment");
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            if let Some(why) = self.place(base, &header) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
            if header.base_offset >= replay_from && header.has_producer() {
                let mut payload = Vec::new();
                if header.is_control() {
                    payload.resize(header.size_in_bytes().saturating_sub(HEADER_LEN), 0);
                    file.read_at(&mut payload, position + HEADER_LEN as u64)?;
                }
                aborted.extend(self.on_producer(&header, &payload.into(), now));
            }
            self.next_offset = self.next_offset.max(header.next_offset());
        }
        self.segments[&base].close_file();
        Ok(aborted)
    }

    /// Reads a whole segment, rebuilds what is computed from it, cuts a torn tail.
    fn scan(&mut self, base: i64, replay_from: i64, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let disk = Arc::clone(&self.disk);
        let segment = self.segments.get_mut(&base).expect("its base was just listed");
        segment.reset_indexes();
        segment.aborted.clear(&*disk);
        let file = segment.file().map_err(io)?;
        let length = file.len().map_err(io)?;
        self.next_offset = self.next_offset.max(base);
        let flushed_to = self.pass_flushed(base, replay_from, open.now).map_err(io)?;
        let mut scanned = Scanned::new(Arc::clone(&file), flushed_to, length);
        loop {
            let damage = match scanned.next().map_err(io)? {
                Ok(None) => break,
                Ok(Some((position, batch))) => match self.place_behind(base, batch.header()) {
                    None => {
                        let payload = batch.bytes().slice(HEADER_LEN..);
                        self.on_recovered(base, batch.header(), &payload, replay_from, open.now)
                            .map_err(io)?;
                        continue;
                    }
                    // Its offset stands outside the checksum, and perhaps in a sector of its own.
                    Some(why) => Damage { position, why },
                },
                Err(damage) => damage,
            };
            self.cut(base, damage, open)?;
            break;
        }
        self.finish_scan(base, file).map_err(io)
    }

    /// Walks what was flushed before the stop by its headers only: a crash cannot have touched it, and a segment may be
    /// a gigabyte. Ends, with the position, at the recovery point or where a header makes no sense: what follows is
    /// checked byte by byte, and found to be damage.
    fn pass_flushed(&mut self, base: i64, replay_from: i64, now: Millis) -> io::Result<u64> {
        let file = self.segments[&base].file()?;
        let mut position = 0;
        for header in HeaderScan::new(Arc::clone(&file), 0, file.len()?) {
            let header = match header {
                Ok((_, header)) => header,
                Err(error) if error.kind() == io::ErrorKind::InvalidData => break,
                Err(error) => return Err(error),
            };
            if header.next_offset() > self.recovery_point || self.place(base, &header).is_some() {
                break;
            }
            let mut payload = Vec::new();
            if header.is_control() {
                payload.resize(header.size_in_bytes().saturating_sub(HEADER_LEN), 0);
                file.read_at(&mut payload, position + HEADER_LEN as u64)?;
            }
            self.on_recovered(base, &header, &payload.into(), replay_from, now)?;
            position += header.size_in_bytes() as u64;
        }
        Ok(position)
    }

    /// Why a sound batch cannot stand where it was found.
    fn place(&self, base: i64, header: &BatchHeader) -> Option<BatchError> {
        if header.base_offset < self.next_offset {
            return Some(BatchError::Malformed("offsets go back"));
        }
        let fits = self.segments[&base].relative(header.last_offset()).is_some();
        (!fits).then_some(BatchError::Malformed("the offset does not belong into the segment"))
    }

    /// As [`place`](Self::place), where nothing can have been compacted: behind what was flushed.
    fn place_behind(&self, base: i64, header: &BatchHeader) -> Option<BatchError> {
        if header.base_offset > self.next_offset && !self.config.compact {
            return Some(BatchError::Malformed("the records before the batch are missing"));
        }
        self.place(base, header)
    }

    fn on_recovered(
        &mut self,
        base: i64,
        header: &BatchHeader,
        payload: &Bytes,
        replay_from: i64,
        now: Millis,
    ) -> io::Result<()> {
        let config = self.config;
        let segment = self.segments.get_mut(&base).expect("it is being scanned");
        segment.on_appended(header, &config);
        self.next_offset = header.next_offset();
        if self.epochs.latest_epoch().is_none_or(|latest| latest < header.partition_leader_epoch) {
            self.epochs_dirty |= self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        }
        if header.base_offset >= replay_from
            && let Some(aborted) = self.on_producer(header, payload, now)
            && !mutant!("aborted_not_found_again")
        {
            self.segments[&base].aborted.push(aborted);
        }
        self.producers.advance_to(header.next_offset());
        Ok(())
    }

    /// Cuts a torn tail; anything else is damage.
    fn cut(&mut self, base: i64, damage: Damage, open: &OpenLog) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let Damage { position, why } = damage;
        let path = self.segments[&base].path();
        let file = self.segments[&base].file().map_err(io)?;
        let sound_behind = is_anything_sound(&file, position + 1, base).map_err(io)?;
        let damaged = open.clean || self.next_offset < self.recovery_point || sound_behind;
        if damaged && !mutant!("damage_taken_for_a_tail") {
            return Err(OpenLogError::Damaged { path: path.display().to_string(), position, why });
        }
        tracing::warn!(path = %path.display(), position, %why, "a torn tail is cut after an unclean stop");
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
    fn cut_behind_gap(&mut self, base: i64, open: &OpenLog) -> Result<bool, OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let path = self.segments[&base].path();
        if mutant!("gap_kept") {
            return Ok(true);
        }
        if open.clean || self.next_offset < self.recovery_point {
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
    fn is_leftover(&mut self, base: i64) -> io::Result<bool> {
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

    fn finish_scan(&mut self, base: i64, file: Arc<dyn ottla_disk::File>) -> io::Result<()> {
        // Where nothing was found behind the recovery point there is nothing to sync, and no descriptor to keep.
        if self.next_offset > self.recovery_point {
            self.must_sync(file);
        }
        if self.active().base_offset == base {
            return Ok(());
        }
        let segment = self.segments.get_mut(&base).expect("it was scanned");
        let files = segment.finish()?;
        segment.close_file();
        files.into_iter().for_each(|file| self.must_sync(file));
        Ok(())
    }

    /// Removes producer snapshots taken behind `offset`.
    pub(super) fn remove_snapshots(&self, offset: i64) -> io::Result<()> {
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
