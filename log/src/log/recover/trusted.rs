//! What was flushed or stopped cleanly: segments are taken as their files stand, and their headers say the rest.

use std::{io, sync::Arc};

use ottla_records::{BatchError, HEADER_LEN};
use ottla_types::Millis;

use crate::{
    AbortedTxn, Log, names,
    segment::{MaxTimestamp, time_of},
    snapshot,
};

impl Log {
    /// Takes a segment as its files stand; false when its indexes must be rebuilt.
    pub(super) fn trust(&mut self, base: i64) -> io::Result<bool> {
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
    pub(super) fn end_by_headers(&self, base: i64) -> io::Result<Option<i64>> {
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
    pub(in crate::log) fn load_producers(&mut self, limit: i64, now: Millis) -> io::Result<i64> {
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
    pub(in crate::log) fn replay_headers(
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
}
