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
    /// Whether a sound batch stands behind it: then it is no torn tail.
    pub(crate) followed_by_sound: bool,
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
            Err(why) => {
                let followed_by_sound = self.sound_behind(position)?;
                Ok(Err(Damage { position, why, followed_by_sound }))
            }
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

    /// Whether the batch that would follow the damaged one, by the length it states, is sound.
    fn sound_behind(&mut self, position: u64) -> io::Result<bool> {
        self.fill(position, HEADER_LEN)?;
        let bytes = self.from(position);
        let Some(length) = bytes.get(8..12) else { return Ok(false) };
        let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
        let Ok(length) = u64::try_from(length) else { return Ok(false) };
        let next = position + length + 12;
        if length == 0 || next >= self.length {
            return Ok(false);
        }
        Ok(self.batch_at(next)?.is_ok())
    }
}
