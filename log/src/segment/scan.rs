//! Walking the batches of a record file: headers only, or everything with its checksum.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use ottla_disk::File;
use ottla_records::{Batch, BatchError, BatchHeader, HEADER_LEN};

/// How much is read at once when whole batches are wanted.
const WINDOW: usize = 1 << 20;

/// Reads the header of a batch that stands in a file, with offsets that can be. The base offset stands outside the
/// checksum, and headers are walked without looking at that: a damaged one must not move the end of a log anywhere.
pub(crate) fn stored_header(bytes: &[u8]) -> Result<BatchHeader, BatchError> {
    let header = BatchHeader::parse(bytes)?;
    let last = header.base_offset.checked_add(i64::from(header.last_offset_delta));
    // One more must still fit: the offset behind the batch.
    let possible =
        header.base_offset >= 0 && header.last_offset_delta >= 0 && last.is_some_and(|last| last < i64::MAX);
    if possible { Ok(header) } else { Err(BatchError::Malformed("a batch with impossible offsets")) }
}

/// The headers of the batches between two positions; offsets that go back are damage.
#[derive(Debug)]
pub(crate) struct HeaderScan {
    file: Arc<dyn File>,
    at: u64,
    end: u64,
    next_offset: i64,
    window: Vec<u8>,
    window_at: u64,
}

/// How much is read at once when headers are wanted: many small batches, and little of a large one.
const HEADER_WINDOW: usize = 4096;

impl HeaderScan {
    pub(crate) fn new(file: Arc<dyn File>, from: u64, end: u64) -> Self {
        Self { file, at: from, end, window: Vec::new(), window_at: from, next_offset: 0 }
    }

    /// The bytes of a header.
    fn header_at(&mut self, position: u64) -> io::Result<&[u8]> {
        let have = self.window_at + self.window.len() as u64;
        if position < self.window_at || position + HEADER_LEN as u64 > have {
            let left = usize::try_from(self.end - position).unwrap_or(usize::MAX);
            self.window.resize(HEADER_WINDOW.min(left), 0);
            let read = self.file.read_at(&mut self.window, position)?;
            self.window.truncate(read);
            self.window_at = position;
        }
        let at = (position - self.window_at) as usize;
        Ok(&self.window[at..self.window.len().min(at + HEADER_LEN)])
    }
}

impl Iterator for HeaderScan {
    type Item = io::Result<(u64, BatchHeader)>;

    fn next(&mut self) -> Option<Self::Item> {
        let position = self.at;
        let left = self.end.saturating_sub(position);
        if left == 0 {
            return None;
        }
        // Where batches are trusted they fill the file to its end: a walk that stopped early would take the middle of a
        // log for its end.
        let incomplete = |needed: usize| {
            let why = BatchError::Truncated { needed, available: left as usize };
            Some(Err(io::Error::new(io::ErrorKind::InvalidData, why)))
        };
        if left < HEADER_LEN as u64 {
            return incomplete(HEADER_LEN);
        }
        let next_offset = self.next_offset;
        let bytes = match self.header_at(position) {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(error)),
        };
        let damage = |error| Some(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
        let header = match stored_header(bytes) {
            Ok(header) if header.base_offset < next_offset => {
                return damage(BatchError::Malformed("offsets go back"));
            }
            Ok(header) => header,
            Err(error) => return damage(error),
        };
        let size = header.size_in_bytes();
        if size as u64 > left {
            return incomplete(size);
        }
        self.next_offset = header.next_offset();
        self.at += size as u64;
        Some(Ok((position, header)))
    }
}

/// Where the sound part of a record file ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Everything before is sound.
    pub(crate) position: u64,
    /// What stands there.
    pub(crate) why: BatchError,
}

/// Whole batches with their checksums verified, until the end or the first damage.
#[derive(Debug)]
pub(crate) struct Scanned {
    file: Arc<dyn File>,
    length: u64,
    at: u64,
    window: Bytes,
    window_at: u64,
    window_size: usize,
}

impl Scanned {
    pub(crate) fn new(file: Arc<dyn File>, from: u64, length: u64) -> Self {
        let (window, window_at, window_size) = (Bytes::new(), from, WINDOW);
        Self { file, length, at: from, window, window_at, window_size }
    }

    /// Reads so many bytes at once, unless a batch is larger.
    pub(crate) fn window(mut self, bytes: usize) -> Self {
        self.window_size = bytes;
        self
    }

    /// The next batch; `Ok(None)` at the clean end.
    pub(crate) fn next(&mut self) -> io::Result<Result<Option<(u64, Batch)>, Damage>> {
        if self.at >= self.length {
            return Ok(Ok(None));
        }
        let position = self.at;
        match self.batch_at(position)? {
            Ok(batch) => {
                self.at += batch.bytes().len() as u64;
                Ok(Ok(Some((position, batch))))
            }
            Err(why) => Ok(Err(Damage { position, why })),
        }
    }

    fn batch_at(&mut self, position: u64) -> io::Result<Result<Batch, BatchError>> {
        self.fill(position, HEADER_LEN)?;
        let header = match stored_header(self.from(position)) {
            Ok(header) => header,
            Err(error) => return Ok(Err(error)),
        };
        let needed = header.size_in_bytes();
        let available = (self.length - position) as usize;
        if needed > available {
            return Ok(Err(BatchError::Truncated { needed, available }));
        }
        self.fill(position, needed)?;
        let at = (position - self.window_at) as usize;
        let batch = Batch::parse(&self.window.slice(at..));
        Ok(batch.and_then(|batch| batch.verify().map(|()| batch)))
    }

    fn from(&self, position: u64) -> &[u8] {
        &self.window[(position - self.window_at) as usize..]
    }

    /// Has `needed` bytes from `position` on in the window, as far as the file goes.
    fn fill(&mut self, position: u64, needed: usize) -> io::Result<()> {
        let have = self.window_at + self.window.len() as u64;
        if position >= self.window_at && position + needed as u64 <= have {
            return Ok(());
        }
        let left = (self.length - position) as usize;
        let mut window = BytesMut::zeroed(needed.max(self.window_size).min(left));
        let read = self.file.read_at(&mut window, position)?;
        window.truncate(read);
        self.window = window.freeze();
        self.window_at = position;
        Ok(())
    }
}

/// Offset of the magic byte in a batch.
const MAGIC_AT: usize = 16;

/// Whether any sound batch with a plausible offset begins at or behind `from`. The lengths of damaged batches cannot be
/// believed, so every byte is tried.
pub(crate) fn is_anything_sound(file: &Arc<dyn File>, from: u64, base_offset: i64) -> io::Result<bool> {
    let length = file.len()?;
    let mut position = from;
    while position + HEADER_LEN as u64 <= length {
        let mut window = vec![0; WINDOW.min((length - position) as usize)];
        let read = file.read_at(&mut window, position)?;
        if read < HEADER_LEN {
            return Ok(false);
        }
        let tried = read - HEADER_LEN + 1;
        for at in 0..tried {
            if window[at + MAGIC_AT] == 2
                && is_plausible(&window[at..at + HEADER_LEN], base_offset)
                && matches!(Scanned::new(Arc::clone(file), position + at as u64, length).next()?, Ok(Some(_)))
            {
                return Ok(true);
            }
        }
        position += tried as u64;
    }
    Ok(false)
}

fn is_plausible(bytes: &[u8], base_offset: i64) -> bool {
    stored_header(bytes).is_ok_and(|header| {
        header.base_offset >= base_offset && header.base_offset - base_offset <= i64::from(i32::MAX)
    })
}
