use std::{io, sync::Arc};

use bytes::{Bytes, BytesMut};
use ottla_disk::File;
use ottla_records::{BatchHeader, HEADER_LEN};

use super::Log;

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
    /// The disk fails, or what it holds is damaged (KAFKA_STORAGE_ERROR).
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
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

/// A read that is decided: where in which file. It is carried out without the log's lock.
#[derive(Debug)]
pub struct ReadPlan {
    file: Arc<dyn File>,
    from: u64,
    end: u64,
    offset: i64,
    limits: ReadLimits,
    next_segment: Option<i64>,
}

/// Beyond what was asked for, because the first batch may begin up to one index interval earlier.
const SLACK: usize = 8 << 10;

impl Log {
    /// Decides a read from `offset` on; `None` when `offset` is at or behind the bound.
    ///
    /// # Errors
    /// The offset is outside the log, or the index cannot be read.
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
            from: segment.position_before(offset)?,
            end: segment.size,
            offset,
            limits,
            next_segment: segments.next().map(|next| next.base_offset),
        }))
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
            let read = plan.run()?;
            match read.next_segment {
                Some(next) if read.records.is_empty() => from = next,
                _ => return Ok(read),
            }
        }
    }
}

impl ReadPlan {
    /// Carries the read out.
    ///
    /// # Errors
    /// As the disk says, or the data is damaged.
    pub fn run(self) -> Result<LogRead, ReadError> {
        let mut position = self.from;
        let mut window = self.window(position, self.limits.max_bytes.saturating_add(SLACK))?;
        // Skip to the first batch that reaches the offset.
        let start = loop {
            let mut at = 0;
            let found = loop {
                let Some(header) = header_at(&window, at)? else { break None };
                if header.last_offset() >= self.offset {
                    break Some((at, header));
                }
                at += header.size_in_bytes();
            };
            if let Some(found) = found {
                break found;
            }
            position += at as u64;
            if position >= self.end || at == 0 && window.len() < HEADER_LEN {
                return Ok(LogRead {
                    next_offset: self.offset,
                    next_segment: self.next_segment,
                    records: Bytes::new(),
                });
            }
            window = self.window(position, self.limits.max_bytes.saturating_add(SLACK))?;
        };
        let (mut at, first) = start;
        if at + first.size_in_bytes() > window.len() {
            position += at as u64;
            at = 0;
            window = self.window(position, first.size_in_bytes().max(self.limits.max_bytes))?;
        }
        Ok(self.take(window, at))
    }

    /// The whole batches from `start` on that the limits allow.
    fn take(&self, window: Bytes, start: usize) -> LogRead {
        let mut at = start;
        let mut next_offset = self.offset;
        while let Ok(Some(header)) = header_at(&window, at) {
            let end = at + header.size_in_bytes();
            let first = at == start;
            let too_much = end - start > self.limits.max_bytes && !(first && self.limits.at_least_one);
            if end > window.len() || too_much || header.last_offset() >= self.limits.below {
                break;
            }
            at = end;
            next_offset = header.next_offset();
        }
        LogRead { records: window.slice(start..at), next_offset, next_segment: None }
    }

    fn window(&self, position: u64, wanted: usize) -> io::Result<Bytes> {
        let left = usize::try_from(self.end.saturating_sub(position)).unwrap_or(usize::MAX);
        let mut window = BytesMut::zeroed(wanted.min(left));
        let read = self.file.read_at(&mut window, position)?;
        window.truncate(read);
        Ok(window.freeze())
    }
}

fn header_at(window: &Bytes, at: usize) -> io::Result<Option<BatchHeader>> {
    match window.get(at..at + HEADER_LEN) {
        None => Ok(None),
        Some(bytes) => BatchHeader::parse(bytes)
            .map(Some)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}
