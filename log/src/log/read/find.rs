//! Finding the batches of a read: a walk over headers from one place of the index to another.

use std::{io, ops::Range, sync::Arc};

use bytes::{Bytes, BytesMut};
use ottla_disk::File;
use ottla_mutant::mutant;
use ottla_records::{BatchHeader, HEADER_LEN};

use super::{Found, Hints, IndexPart, Patience, ReadError, ReadPlan, Stored, reach};
use crate::segment::{Scanned, stored_header};

/// What is read at once where batches are small: more than an index interval, so that the records of a small read are in
/// it already.
const WINDOW: usize = 8 << 10;
/// From this size on records are sent from the file instead of through memory.
const IN_FILE_FROM: usize = 32 << 10;

impl ReadPlan {
    /// Finds the whole batches the limits allow.
    ///
    /// # Errors
    /// As the disk says, or the data is damaged; with [`Patience::Cached`] also that somebody else must do it.
    pub fn find(&self, patience: Patience) -> Result<Found, ReadError> {
        let mut walk = Walk { file: &self.file, end: self.end, patience, window: Bytes::new(), window_at: 0 };
        let mut hints = self.hints(patience)?;
        if hints.from > 0 && !walk.is_batch(hints.from, |header| header.base_offset <= self.offset)? {
            // The index points elsewhere than at a batch before the offset: it is damaged, the records need not be.
            hints = Hints::default();
        }
        let (mut first, mut passed) = (hints.from, i64::MIN);
        let header = loop {
            let Some(header) = walk.header_at(first)? else { return Ok(self.nothing()) };
            if !self.follows(passed, &header) {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "offsets go back").into());
            }
            if header.last_offset() >= self.offset {
                break header;
            }
            passed = header.next_offset();
            first += header.size_in_bytes() as u64;
        };
        let behind = first + header.size_in_bytes() as u64;
        hints.skip_to = hints.skip_to.filter(|skip| *skip >= behind);
        if let Some(skip) = hints.skip_to {
            let follows = |next: &BatchHeader| self.follows(header.next_offset(), next);
            hints.skip_to = walk.is_batch(skip, follows)?.then_some(skip);
        }
        let (end, next_offset) = self.last(&mut walk, first, hints)?;
        if end == first {
            return Ok(Found { next_segment: None, ..self.nothing() });
        }
        let length = usize::try_from(end - first).map_err(io::Error::other)?;
        match walk.stored(first, length)? {
            Stored::Memory(bytes) => self.sound(bytes, next_offset),
            Stored::File { .. } => self.sound_in_file(first..end, next_offset, patience),
        }
    }

    /// What is sent from the file is checked once: when this process wrote it, or when it is first read. That takes a
    /// while, so it is left to somebody who may wait.
    fn sound_in_file(
        &self,
        part: Range<u64>,
        next_offset: i64,
        patience: Patience,
    ) -> Result<Found, ReadError> {
        let in_file = |part: &Range<u64>, next_offset| {
            let length = usize::try_from(part.end - part.start).map_err(io::Error::other)?;
            let batches = Stored::File { file: Arc::clone(&self.file), position: part.start, length };
            Ok(Found { batches, next_offset, next_segment: None })
        };
        if self.checked.covers(&part) || mutant!("damage_served") {
            return in_file(&part, next_offset);
        }
        if patience == Patience::Cached {
            return Err(ReadError::NotCached);
        }
        let (mut sound, mut next) = (part.start..part.start, self.offset);
        let mut batches = Scanned::new(Arc::clone(&self.file), part.start, part.end);
        let damage = loop {
            match batches.next()? {
                Ok(Some((position, batch))) => {
                    sound.end = position + batch.bytes().len() as u64;
                    next = batch.header().next_offset();
                }
                Ok(None) => break None,
                Err(damage) => break Some(damage.why),
            }
        };
        self.checked.add(sound.clone());
        match damage {
            Some(why) if sound.is_empty() => Err(io::Error::new(io::ErrorKind::InvalidData, why).into()),
            Some(_) => in_file(&sound, next),
            None => in_file(&part, next_offset),
        }
    }

    /// What is in memory is checked before it is handed out: all of it, or what stands before the first damage.
    fn sound(&self, bytes: Bytes, next_offset: i64) -> Result<Found, ReadError> {
        let (mut at, mut next) = (0, self.offset);
        while at < bytes.len() {
            let checked = BatchHeader::parse(&bytes[at..]).and_then(|header| {
                let end = bytes.len().min(at.saturating_add(header.size_in_bytes()));
                if !mutant!("damage_served") {
                    header.verify_crc(&bytes[at..end])?;
                }
                Ok(header)
            });
            match checked {
                Ok(header) => {
                    at += header.size_in_bytes();
                    next = header.next_offset();
                }
                Err(error) if at == 0 => return Err(io::Error::new(io::ErrorKind::InvalidData, error).into()),
                Err(_) => {
                    let batches = Stored::Memory(bytes.slice(..at));
                    return Ok(Found { batches, next_offset: next, next_segment: None });
                }
            }
        }
        Ok(Found { batches: Stored::Memory(bytes), next_offset, next_segment: None })
    }

    /// Whether a batch can stand behind one that ended before `passed`, and before the next segment. Base offsets stand
    /// outside the checksum: served, one that goes back would send readers round in a circle.
    fn follows(&self, passed: i64, header: &BatchHeader) -> bool {
        header.base_offset >= passed && self.next_segment.is_none_or(|next| header.last_offset() < next)
    }

    /// Where the read ends, and the offset behind it; a damaged batch is left to the read that begins with it. Of two
    /// batches whose offsets contradict each other the first may be the damaged one: it is not served either.
    fn last(&self, walk: &mut Walk<'_>, first: u64, hints: Hints) -> Result<(u64, i64), ReadError> {
        let mut at = hints.skip_to.filter(|skip| *skip > first).unwrap_or(first);
        let (mut next_offset, mut before) = (self.offset, (at, self.offset));
        loop {
            let header = match walk.header_at(at) {
                Ok(Some(header)) => header,
                Ok(None) => break,
                Err(error) if at > first && error.is_damage() => break,
                Err(error) => return Err(error),
            };
            let end = at + header.size_in_bytes() as u64;
            let free = at == first && self.limits.at_least_one;
            let too_much = end - first > self.limits.max_bytes as u64 && !free;
            if at > first && !self.follows(next_offset, &header) {
                if before.0 == first {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "offsets go back").into());
                }
                (at, next_offset) = before;
                break;
            }
            if too_much || header.last_offset() >= self.limits.below {
                if at > first {
                    next_offset = header.base_offset;
                }
                break;
            }
            before = (at, header.base_offset);
            at = end;
            next_offset = header.next_offset();
        }
        Ok((at, next_offset))
    }

    fn nothing(&self) -> Found {
        Found {
            batches: Stored::Memory(Bytes::new()),
            next_offset: self.offset,
            next_segment: self.next_segment,
        }
    }

    fn hints(&self, patience: Patience) -> Result<Hints, ReadError> {
        let (disk, index) = match &self.index {
            IndexPart::Known(hints) => return Ok(*hints),
            IndexPart::OnDisk(disk, index) => (disk, index),
        };
        let Some(index) = index.open(&**disk)? else { return Ok(Hints::default()) };
        if self.checked.is_replaced() {
            // The cleaner has put another segment in its place since the read was planned.
            return Ok(Hints::default());
        }
        let read = |file: &dyn File, buffer: &mut [u8], at| read(file, buffer, at, patience).map(drop);
        let (relative, below) = (self.offset - self.base_offset, self.limits.below - self.base_offset);
        let floor = index.last_where(read, |entry| entry.0 <= relative)?;
        let reach = reach(floor, self.limits);
        let within = index.last_where(read, |entry| entry.0 < below && u64::from(entry.1) <= reach)?;
        Ok(Hints::of(floor, within))
    }
}

/// Headers of a file, read in windows.
struct Walk<'a> {
    file: &'a Arc<dyn File>,
    end: u64,
    patience: Patience,
    window: Bytes,
    window_at: u64,
}

impl Walk<'_> {
    /// The header of the batch at a position; `None` at the end of the segment.
    fn header_at(&mut self, position: u64) -> Result<Option<BatchHeader>, ReadError> {
        if position >= self.end {
            return Ok(None);
        }
        let damaged = |why: &'static str| Err(io::Error::new(io::ErrorKind::InvalidData, why).into());
        if position.saturating_add(HEADER_LEN as u64) > self.end {
            return damaged("a piece of a batch");
        }
        if self.in_window(position, HEADER_LEN).is_none() {
            self.fill(position)?;
        }
        let Some(bytes) = self.in_window(position, HEADER_LEN) else {
            return damaged("the file ends in a batch");
        };
        let header =
            stored_header(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        let ends = position.saturating_add(header.size_in_bytes() as u64);
        if ends > self.end {
            return damaged("a batch reaches behind the end of its segment");
        }
        Ok(Some(header))
    }

    /// Whether a batch the index points at is one, and as it must be.
    fn is_batch(
        &mut self,
        position: u64,
        expected: impl Fn(&BatchHeader) -> bool,
    ) -> Result<bool, ReadError> {
        match self.header_at(position) {
            Ok(header) => Ok(header.is_some_and(|header| expected(&header))),
            Err(error) if error.is_damage() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The first window is large; when the next header is far away batches are, and only headers are read.
    fn fill(&mut self, position: u64) -> Result<(), ReadError> {
        let far = !self.window.is_empty() && position > self.window_at + (self.window.len() + WINDOW) as u64;
        let wanted = if far { HEADER_LEN } else { WINDOW };
        let left = usize::try_from(self.end - position).unwrap_or(usize::MAX);
        let mut window = BytesMut::zeroed(wanted.min(left));
        let read = read(&**self.file, &mut window, position, self.patience)?;
        window.truncate(read);
        self.window = window.freeze();
        self.window_at = position;
        Ok(())
    }

    fn in_window(&self, position: u64, length: usize) -> Option<Bytes> {
        let at = usize::try_from(position.checked_sub(self.window_at)?).ok()?;
        let end = at.checked_add(length)?;
        (end <= self.window.len()).then(|| self.window.slice(at..end))
    }

    fn stored(&self, position: u64, length: usize) -> Result<Stored, ReadError> {
        if let Some(bytes) = self.in_window(position, length) {
            return Ok(Stored::Memory(bytes));
        }
        if length >= IN_FILE_FROM {
            return Ok(Stored::File { file: Arc::clone(self.file), position, length });
        }
        let mut bytes = BytesMut::zeroed(length);
        if read(&**self.file, &mut bytes, position, self.patience)? < length {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(Stored::Memory(bytes.freeze()))
    }
}

fn read(file: &dyn File, buffer: &mut [u8], at: u64, patience: Patience) -> Result<usize, ReadError> {
    match patience {
        Patience::Disk => Ok(file.read_at(buffer, at)?),
        Patience::Cached => file.read_cached(buffer, at)?.ok_or(ReadError::NotCached),
    }
}
