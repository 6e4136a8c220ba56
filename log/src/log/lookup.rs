//! Finding offsets by time.

use std::io;

use bytes::BytesMut;
use ottla_records::{Batch, Limits};

use super::Log;
use crate::segment::Segment;

/// A record's timestamp, offset and leader epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Milliseconds.
    pub timestamp: i64,
    /// Of the record.
    pub offset: i64,
    /// Epoch of the leader that appended it.
    pub leader_epoch: i32,
}

impl Log {
    /// The first record at or behind the log's start, and below `below`, whose timestamp is at least `timestamp`.
    ///
    /// # Errors
    /// As the disk says.
    pub fn offset_for_timestamp(&self, timestamp: i64, below: i64) -> io::Result<Option<TimestampOffset>> {
        for segment in self.segments.values() {
            if segment.max_timestamp.timestamp < timestamp {
                continue;
            }
            let from = segment.position_before(segment.offset_before_time(timestamp)?)?;
            let found =
                self.first_record(segment, from, |at, time| at >= self.log_start && time >= timestamp)?;
            if let Some(found) = found {
                return Ok((found.offset < below).then_some(found));
            }
        }
        Ok(None)
    }

    /// The record with the largest timestamp below `below`; the first of them if several have it (KIP-734).
    ///
    /// # Errors
    /// As the disk says.
    pub fn max_timestamp_offset(&self, below: i64) -> io::Result<Option<TimestampOffset>> {
        let largest = self
            .segments
            .values()
            .filter(|segment| segment.max_timestamp.timestamp >= 0 && segment.base_offset < below)
            .max_by(|a, b| {
                let times = a.max_timestamp.timestamp.cmp(&b.max_timestamp.timestamp);
                times.then(b.base_offset.cmp(&a.base_offset))
            });
        let Some(segment) = largest else { return Ok(None) };
        let timestamp = segment.max_timestamp.timestamp;
        self.offset_for_timestamp(timestamp, below)
    }

    fn first_record(
        &self,
        segment: &Segment,
        from: u64,
        wanted: impl Fn(i64, i64) -> bool,
    ) -> io::Result<Option<TimestampOffset>> {
        let invalid = |error| io::Error::new(io::ErrorKind::InvalidData, error);
        for next in segment.headers(from)? {
            let (position, header) = next?;
            if !wanted(header.last_offset(), header.max_timestamp) {
                continue;
            }
            let mut bytes = BytesMut::zeroed(header.size_in_bytes());
            segment.file()?.read_at(&mut bytes, position)?;
            let batch = Batch::parse(&bytes.freeze()).map_err(invalid)?;
            batch.verify().map_err(invalid)?;
            for record in batch.records(&Limits::default()).map_err(invalid)?.iter() {
                let record = record.map_err(invalid)?;
                if wanted(record.offset, record.timestamp) {
                    return Ok(Some(TimestampOffset {
                        timestamp: record.timestamp,
                        offset: record.offset,
                        leader_epoch: header.partition_leader_epoch,
                    }));
                }
            }
        }
        Ok(None)
    }
}
