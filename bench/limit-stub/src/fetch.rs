//! Finds batches and serves them from the file.

use std::{io, os::unix::fs::FileExt};

use crate::{
    requests::OFFSET_OUT_OF_RANGE,
    server::{Log, Server, lock, partition},
    wire::{FileRange, Header, Piece, Request, frame},
};

pub(crate) struct FetchRequest {
    pub(crate) correlation_id: i32,
    pub(crate) version: i16,
    pub(crate) max_wait_ms: u64,
    pub(crate) min_bytes: usize,
    pub(crate) max_bytes: usize,
    pub(crate) topics: Vec<(String, Vec<FetchPartition>)>,
}

pub(crate) struct FetchPartition {
    pub(crate) index: i32,
    pub(crate) offset: i64,
    pub(crate) max_bytes: usize,
}

impl FetchRequest {
    pub(crate) fn read(request: &mut Request<'_>, version: i16, correlation_id: i32) -> io::Result<Self> {
        request.i32()?; // replica id
        let mut read = Self {
            correlation_id,
            version,
            max_wait_ms: request.i32()?.max(0) as u64,
            min_bytes: request.i32()?.max(0) as usize,
            max_bytes: request.i32()?.max(0) as usize,
            topics: Vec::new(),
        };
        request.i8()?; // isolation level
        if version >= 7 {
            request.i64()?; // session id and epoch: the answer's session id 0 declines sessions
        }
        for _ in 0..request.i32()? {
            let name = request.string()?;
            let mut partitions = Vec::new();
            for _ in 0..request.i32()? {
                let index = request.i32()?;
                if version >= 9 {
                    request.i32()?; // current leader epoch
                }
                let offset = request.i64()?;
                if version >= 5 {
                    request.i64()?; // log start offset of a follower
                }
                partitions.push(FetchPartition { index, offset, max_bytes: request.i32()?.max(0) as usize });
            }
            read.topics.push((name, partitions));
        }
        Ok(read) // forgotten topics and rack id follow; without sessions and racks they say nothing
    }
}

/// `None` when fewer than `min_bytes` are there and the client may still wait.
pub(crate) fn fetch(
    server: &Server,
    request: &FetchRequest,
    expired: bool,
) -> io::Result<Option<Vec<Piece>>> {
    let mut pieces = Vec::new();
    let mut header = Header::new(request.correlation_id);
    let (mut bytes, mut failed) = (0, false);
    header.i32(0); // throttle time
    if request.version >= 7 {
        header.i16(0);
        header.i32(0); // session id: none
    }
    header.i32(request.topics.len() as i32);
    for (name, partitions) in &request.topics {
        let topic = server.topic(name)?;
        header.string(name);
        header.i32(partitions.len() as i32);
        for wanted in partitions {
            let partition = partition(&topic, wanted.index)?;
            let log = lock(&partition.log);
            let out_of_range = wanted.offset < 0 || wanted.offset > log.next_offset;
            failed |= out_of_range;
            header.i32(wanted.index);
            header.i16(if out_of_range { OFFSET_OUT_OF_RANGE } else { 0 });
            header.i64(log.next_offset); // high watermark
            header.i64(log.next_offset); // last stable offset
            if request.version >= 5 {
                header.i64(0); // log start offset
            }
            header.i32(-1); // no aborted transactions
            if request.version >= 11 {
                header.i32(-1); // no preferred read replica
            }
            let (position, len) = match request.max_bytes.saturating_sub(bytes).min(wanted.max_bytes) {
                0 => (0, 0),
                _ if out_of_range => (0, 0),
                limit => log.range(wanted.offset, limit),
            };
            header.i32(len as i32);
            if len > 0 {
                bytes += len;
                let range = Some(FileRange { file: partition.file.clone(), position, len });
                let done = std::mem::replace(&mut header, Header(Vec::with_capacity(128)));
                pieces.push(Piece { header: done.0, range });
            }
        }
    }
    if bytes < request.min_bytes && request.max_wait_ms > 0 && !expired && !failed {
        return Ok(None);
    }
    Ok(Some(frame(pieces, header)))
}

impl Log {
    /// File position and length of the whole batches from `offset` on that fit into `limit`; the first batch always fits.
    pub(crate) fn range(&self, offset: i64, limit: usize) -> (u64, usize) {
        if offset >= self.next_offset {
            return (self.end, 0);
        }
        let first = self.batches.partition_point(|(base, _)| *base <= offset) - 1; // batch 0 starts at offset 0
        let start = self.batches[first].1;
        let limit = start + limit as u64;
        let end = if limit >= self.end {
            self.end
        } else {
            let after = self.batches.partition_point(|(_, position)| *position <= limit) - 1;
            self.batches.get(after.max(first + 1)).map_or(self.end, |(_, position)| *position)
        };
        (start, (end - start) as usize)
    }
}

/// All pieces in one buffer: one `pread` per range and one write, instead of `sendfile`.
pub(crate) fn gather(pieces: &[Piece], into: &mut Vec<u8>) -> io::Result<()> {
    into.clear();
    for piece in pieces {
        into.extend_from_slice(&piece.header);
        if let Some(range) = &piece.range {
            let at = into.len();
            into.resize(at + range.len, 0);
            range.file.read_exact_at(&mut into[at..], range.position)?;
        }
    }
    Ok(())
}
