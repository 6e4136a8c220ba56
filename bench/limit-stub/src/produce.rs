//! Checks batches, gives them their offsets and appends them.

use std::{io, os::unix::fs::FileExt};

use crate::{
    options::{Options, Storage},
    requests::CORRUPT_MESSAGE,
    server::{Partition, Server, lock, malformed, partition},
    wire::{Header, Request},
};

/// Returns the request's `acks`.
pub(crate) fn produce(
    server: &Server,
    request: &mut Request<'_>,
    version: i16,
    header: &mut Header,
) -> io::Result<i16> {
    request.nullable_string()?; // transactional id
    let acks = request.i16()?;
    request.i32()?; // timeout
    let topics = request.i32()?;
    header.i32(topics);
    for _ in 0..topics {
        let name = request.string()?;
        let topic = server.topic(&name)?;
        header.string(&name);
        let partitions = request.i32()?;
        header.i32(partitions);
        for _ in 0..partitions {
            let index = request.i32()?;
            let len = usize::try_from(request.i32()?).map_err(|_| malformed("records are null"))?;
            let base = append(&server.options, partition(&topic, index)?, request.bytes(len)?)?;
            header.i32(index);
            header.i16(if base.is_some() { 0 } else { CORRUPT_MESSAGE });
            header.i64(base.unwrap_or(-1));
            header.i64(-1); // log append time
            if version >= 5 {
                header.i64(0); // log start offset
            }
        }
    }
    header.i32(0); // throttle time
    Ok(acks)
}

/// The fields of a record batch v2 header that the limit looks at; see the offsets in [`next_batch`].
pub(crate) struct Batch {
    pub(crate) len: usize,
    pub(crate) records: i64,
}

/// Length and record count of the batch at the start of `bytes`; `None` if it is no whole batch of format 2.
pub(crate) fn next_batch(bytes: &[u8]) -> Option<Batch> {
    let field = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map(i32::from_be_bytes);
    let len = usize::try_from(field(8)?).ok()?.checked_add(12)?;
    let records = i64::from(field(57)?);
    (len >= 61 && len <= bytes.len() && bytes[16] == 2 && records > 0).then_some(Batch { len, records })
}

/// CRC-32C over everything from the attributes on. Base offset (0..8) and leader epoch (12..16) stand outside it.
pub(crate) fn crc_matches(batch: &[u8]) -> bool {
    let computed = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &batch[21..]);
    u64::from(u32::from_be_bytes([batch[17], batch[18], batch[19], batch[20]])) == computed
}

/// Appends all batches or none. `None`: corrupt.
pub(crate) fn append(
    options: &Options,
    partition: &Partition,
    records: &mut [u8],
) -> io::Result<Option<i64>> {
    // Checked before the lock is taken, so that a second producer only waits for the write.
    let mut at = 0;
    while at < records.len() {
        let Some(batch) = next_batch(&records[at..]) else {
            return Ok(None);
        };
        if options.check_crc && !crc_matches(&records[at..at + batch.len]) {
            return Ok(None);
        }
        at += batch.len;
    }
    let mut log = lock(&partition.log);
    let (base, start) = (log.next_offset, log.end);
    let (mut at, mut offset) = (0, base);
    while let Some(batch) = next_batch(&records[at..]) {
        records[at..at + 8].copy_from_slice(&offset.to_be_bytes());
        records[at + 12..at + 16].copy_from_slice(&0_i32.to_be_bytes());
        log.batches.push((offset, start + at as u64));
        at += batch.len;
        offset += batch.records;
    }
    // Under the lock: this is what gives the file the order of the offsets.
    if options.storage != Storage::Null {
        partition.file.write_all_at(records, start)?;
    }
    if options.storage == Storage::Synced {
        partition.file.sync_data()?;
    }
    log.next_offset = offset;
    log.end = start + records.len() as u64;
    Ok(Some(base))
}
