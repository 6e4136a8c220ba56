//! Walking the batches of a record file: headers only, or everything with its checksum.

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use ottla_disk::File;
use ottla_records::{Batch, BatchError, BatchHeader, HEADER_LEN};

/// How much is read at once when whole batches are wanted.
const WINDOW: usize = 1 << 20;

/// The headers of the batches between two positions.
#[derive(Debug)]
pub(crate) struct HeaderScan {
    file: Arc<dyn File>,
    at: u64,
    end: u64,
}

impl HeaderScan {
    pub(crate) fn new(file: Arc<dyn File>, from: u64, end: u64) -> Self {
        Self { file, at: from, end }
    }
}

impl Iterator for HeaderScan {
    type Item = io::Result<(u64, BatchHeader)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at + HEADER_LEN as u64 > self.end {
            return None;
        }
        let position = self.at;
        let mut bytes = [0; HEADER_LEN];
        if let Err(error) = self.file.read_at(&mut bytes, position) {
            return Some(Err(error));
        }
        let header = match BatchHeader::parse(&bytes) {
            Ok(header) => header,
            Err(error) => return Some(Err(io::Error::new(io::ErrorKind::InvalidData, error))),
        };
        self.at += header.size_in_bytes() as u64;
        (self.at <= self.end).then_some(Ok((position, header)))
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
}

impl Scanned {
    pub(crate) fn new(file: Arc<dyn File>, from: u64, length: u64) -> Self {
        Self { file, length, at: from, window: Bytes::new(), window_at: from }
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
        let header = match BatchHeader::parse(self.from(position)) {
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
        let mut window = BytesMut::zeroed(needed.max(WINDOW).min(left));
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
pub(crate) fn is_anything_sound(file: &Arc<dyn File>, from: u64, next_offset: i64) -> io::Result<bool> {
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
                && is_plausible(&window[at..at + HEADER_LEN], next_offset)
                && matches!(Scanned::new(Arc::clone(file), position + at as u64, length).next()?, Ok(Some(_)))
            {
                return Ok(true);
            }
        }
        position += tried as u64;
    }
    Ok(false)
}

fn is_plausible(bytes: &[u8], next_offset: i64) -> bool {
    BatchHeader::parse(bytes).is_ok_and(|header| {
        header.base_offset >= next_offset && header.base_offset - next_offset <= i64::from(i32::MAX)
    })
}
