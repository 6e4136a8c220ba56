//! Reading whole batches: decided under the log's lock, carried out without it.

mod find;

use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use ottla_disk::{Disk, File};

use super::Log;
use crate::segment::{Checked, IndexOnDisk, Segment};

/// How much a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Nothing at or behind this offset.
    pub below: i64,
    /// Bytes.
    pub max_bytes: usize,
    /// The first batch is returned even if it alone is larger than `max_bytes`.
    pub at_least_one: bool,
}

/// Whether a read may wait for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// No: what is not in the page cache is [`ReadError::NotCached`]. For threads that others wait for.
    Cached,
    /// Yes.
    Disk,
}

/// Why nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// OFFSET_OUT_OF_RANGE.
    #[error("offset {offset} is not within {log_start}..={log_end}")]
    OutOfRange {
        /// Asked for.
        offset: i64,
        /// The first there is.
        log_start: i64,
        /// One past the last there is.
        log_end: i64,
    },
    /// Only under [`Patience::Cached`]: to be read again by somebody who may wait.
    #[error("the disk would have to be waited for")]
    NotCached,
    /// The disk fails, or what it holds is damaged (KAFKA_STORAGE_ERROR).
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
}

impl ReadError {
    /// Whether what stands on the disk makes no sense, as opposed to a disk that fails.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::InvalidData)
    }
}

/// Whole batches from a log.
#[derive(Debug, Clone, Default)]
pub struct LogRead {
    /// One behind the other; empty when nothing below the bound follows.
    pub records: Bytes,
    /// Offset behind the last record returned.
    pub next_offset: i64,
    /// Where to look on when this segment had nothing: compaction can leave gaps.
    pub next_segment: Option<i64>,
}

/// Whole batches, found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where they are; empty when nothing below the bound follows.
    pub batches: Stored,
    /// Offset behind the last record found.
    pub next_offset: i64,
    /// Where to look on when this segment had nothing.
    pub next_segment: Option<i64>,
}

/// Batches one behind the other: read already when they are few, otherwise where they lie.
#[derive(Debug, Clone)]
pub enum Stored {
    /// Read.
    Memory(Bytes),
    /// To be sent from the file, which is not changed where it has been written.
    File {
        /// The segment.
        file: Arc<dyn File>,
        /// Of the first batch.
        position: u64,
        /// Bytes.
        length: usize,
    },
}

impl Stored {
    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(bytes) => bytes.len(),
            Self::File { length, .. } => *length,
        }
    }

    /// True when there is no batch.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The batches in memory.
    ///
    /// # Errors
    /// As the disk says.
    pub fn read(self) -> io::Result<Bytes> {
        match self {
            Self::Memory(bytes) => Ok(bytes),
            Self::File { file, position, length } => {
                let mut bytes = BytesMut::zeroed(length);
                if file.read_at(&mut bytes, position)? < length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Ok(bytes.freeze())
            }
        }
    }
}

/// A read that is decided: in which file, from where on, up to where.
#[derive(Debug)]
pub struct ReadPlan {
    file: Arc<dyn File>,
    checked: Arc<Checked>,
    index: IndexPart,
    /// Bytes of whole batches in the file.
    end: u64,
    base_offset: i64,
    offset: i64,
    limits: ReadLimits,
    next_segment: Option<i64>,
}

/// What the sparse index knows of a read.
#[derive(Debug)]
enum IndexPart {
    /// Searched under the lock, in memory.
    Known(Hints),
    /// To be searched on disk.
    OnDisk(Arc<dyn Disk>, IndexOnDisk),
}

/// Positions where batches begin.
#[derive(Debug, Clone, Copy, Default)]
struct Hints {
    /// At or before the batch that holds the offset.
    from: u64,
    /// Far behind it, but still within the limits: everything between need not be walked.
    skip_to: Option<u64>,
}

impl Hints {
    /// From the entry at or before the offset, and from the last entry within the limits.
    fn of(floor: Option<(i64, u32)>, last_within: Option<(i64, u32)>) -> Self {
        let position = |entry: (i64, u32)| u64::from(entry.1);
        Self { from: floor.map_or(0, position), skip_to: last_within.map(position) }
    }
}

impl Log {
    /// Decides a read from `offset` on; `None` when `offset` is at or behind the bound.
    ///
    /// # Errors
    /// The offset is outside the log, or the segment cannot be opened.
    pub fn plan_read(&self, offset: i64, limits: ReadLimits) -> Result<Option<ReadPlan>, ReadError> {
        if offset < self.log_start || offset > self.next_offset {
            return Err(ReadError::OutOfRange {
                offset,
                log_start: self.log_start,
                log_end: self.next_offset,
            });
        }
        if offset >= limits.below.min(self.next_offset) {
            return Ok(None);
        }
        let mut segments = self.segments_from(offset);
        let Some(segment) = segments.next() else { return Ok(None) };
        Ok(Some(ReadPlan {
            file: segment.file()?,
            checked: Arc::clone(&segment.checked),
            index: self.index_part(segment, offset, limits),
            end: segment.size,
            base_offset: segment.base_offset,
            offset,
            limits,
            next_segment: segments.next().map(|next| next.base_offset),
        }))
    }

    fn index_part(&self, segment: &Segment, offset: i64, limits: ReadLimits) -> IndexPart {
        let Some(entries) = segment.offsets.memory() else {
            return IndexPart::OnDisk(Arc::clone(&self.disk), segment.offsets.stored());
        };
        let (relative, below) = (offset - segment.base_offset, limits.below - segment.base_offset);
        let at = entries.partition_point(|entry| entry.0 <= relative);
        let floor = at.checked_sub(1).map(|at| entries[at]);
        let reach = reach(floor, limits);
        let behind = &entries[at..];
        let within = behind.partition_point(|entry| entry.0 < below && u64::from(entry.1) <= reach);
        IndexPart::Known(Hints::of(floor, within.checked_sub(1).map(|at| behind[at])))
    }

    /// Plans and reads in one go, over gaps; for callers that hold no lock.
    ///
    /// # Errors
    /// As [`plan_read`](Self::plan_read).
    pub fn read(&self, offset: i64, limits: ReadLimits) -> Result<LogRead, ReadError> {
        let mut from = offset;
        loop {
            let Some(plan) = self.plan_read(from, limits)? else {
                return Ok(LogRead { next_offset: from, ..LogRead::default() });
            };
            let found = plan.find(Patience::Disk)?;
            match found.next_segment {
                Some(next) if found.batches.is_empty() => from = next,
                next_segment => {
                    let records = found.batches.read()?;
                    return Ok(LogRead { records, next_offset: found.next_offset, next_segment });
                }
            }
        }
    }
}

/// The last position that is surely within the limits: the batch that holds the offset begins at the floor or behind.
fn reach(floor: Option<(i64, u32)>, limits: ReadLimits) -> u64 {
    floor.map_or(0, |(_, position)| u64::from(position)).saturating_add(limits.max_bytes as u64)
}
