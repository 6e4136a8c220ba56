//! Indexes, lists of aborted transactions, and snapshots of producers.

use std::path::Path;

use bytes::Bytes;
use ottla_wire::{Message, Reader, log_records::storage::producer_snapshot::ProducerSnapshot};

use super::{Given, Stop, unreadable};
use crate::{
    log_file::LogFile,
    verbs::say::{remark, say},
};

/// What is done with an index beside printing it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Only {
    sanity: bool,
    verify: bool,
}

impl Only {
    pub(super) fn of(given: &Given) -> Self {
        Self { sanity: given.has("index-sanity-check"), verify: given.has("verify-index-only") }
    }
}

fn content(file: &Path) -> Result<Vec<u8>, Stop> {
    Ok(std::fs::read(file).map_err(|error| unreadable(file, error))?)
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; N])
}

/// Where the batches of the log beside an index begin, with their last offsets.
fn batches(index: &Path) -> Result<Vec<(u64, i64)>, Stop> {
    let log = index.with_extension("log");
    let mut file = LogFile::open(&log).map_err(|error| unreadable(&log, error))?;
    let mut batches = Vec::new();
    while let Some(stored) = file.next()? {
        batches.push((stored.position, stored.batch.header().last_offset()));
    }
    Ok(batches)
}

/// Pairs of offset and position.
pub(super) fn offsets(file: &Path, base: i64, only: Only, late: &mut Vec<String>) -> Result<(), Stop> {
    let content = content(file)?;
    let entries: Vec<(i64, u64)> = content
        .chunks_exact(8)
        .map(|entry| {
            (
                base + i64::from(i32::from_be_bytes(number(entry, 0))),
                u64::from(u32::from_be_bytes(number(entry, 4))),
            )
        })
        .collect();
    if entries.is_empty() {
        say!("{} is empty.", file.display());
        return Ok(());
    }
    if only.sanity {
        say!("{} passed sanity check.", file.display());
        return Ok(());
    }
    let batches = batches(file)?;
    let mut wrong = Vec::new();
    for (at, (offset, position)) in entries.into_iter().enumerate() {
        // A file may be longer than what was written into it.
        if offset == base && at > 0 {
            break;
        }
        let found = batches.iter().find(|(begin, _)| *begin == position).map_or(-1, |(_, last)| *last);
        if found != offset {
            wrong.push(format!("  Index offset: {offset}, log offset: {found}"));
        }
        if !only.verify {
            say!("offset: {offset} position: {position}");
        }
    }
    if !wrong.is_empty() {
        late.push(format!("Mismatches in :{}", file.display()));
        late.extend(wrong.into_iter().rev());
    }
    Ok(())
}

/// Pairs of timestamp and offset.
pub(super) fn times(file: &Path, base: i64, only: Only, late: &mut Vec<String>) -> Result<(), Stop> {
    let content = content(file)?;
    if only.sanity {
        say!("{} passed sanity check.", file.display());
        return Ok(());
    }
    let batches = batches(file)?;
    let mut before = -1;
    let (mut order, mut missing) = (Vec::new(), Vec::new());
    for (at, entry) in content.chunks_exact(12).enumerate() {
        let timestamp = i64::from_be_bytes(number(entry, 0));
        let offset = base + i64::from(i32::from_be_bytes(number(entry, 8)));
        if offset == base && at > 0 {
            break;
        }
        match batches.iter().map(|(_, last)| *last).find(|last| *last >= offset).unwrap_or(-1) {
            found if found != offset => {
                missing.push(format!("Indexed offset: {offset}, found log offset: {found}"));
            }
            _ if before >= timestamp => {
                order.push(format!("  Index timestamp: {timestamp}, Previously indexed timestamp: {before}"));
            }
            _ => {}
        }
        before = timestamp;
        if !only.verify {
            say!("timestamp: {timestamp} offset: {offset}");
        }
    }
    for (title, lines) in [
        (format!("Found out of order timestamp in :{}", file.display()), order),
        ("The following indexed offsets are not found in the log.".to_owned(), missing),
    ] {
        if !lines.is_empty() {
            late.push(title);
            late.extend(lines);
        }
    }
    Ok(())
}

pub(super) fn aborted(file: &Path) -> Result<(), Stop> {
    for entry in content(file)?.chunks_exact(34) {
        let long = |at: usize| i64::from_be_bytes(number(entry, at));
        say!(
            "version: {} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
            i16::from_be_bytes(number(entry, 0)),
            long(2),
            long(10),
            long(18),
            long(26)
        );
    }
    Ok(())
}

pub(super) fn producers(file: &Path) -> Result<(), Stop> {
    let content = content(file)?;
    let mut reader = Reader::new(Bytes::from(content.clone()));
    let snapshot = reader.i16().ok().and_then(|version| ProducerSnapshot::decode(&mut reader, version).ok());
    // The checksum covers what stands behind it.
    let sound =
        snapshot.filter(|of| content.get(6..).is_some_and(|rest| ottla_records::crc32c(rest) == of.crc));
    let Some(snapshot) = sound else {
        remark(&format!("Snapshot is corrupt ({})", file.display()));
        return Ok(());
    };
    for of in snapshot.producer_entries {
        let first = if of.last_sequence < 0 {
            of.last_sequence
        } else {
            of.last_sequence.wrapping_sub(of.offset_delta) & i32::MAX
        };
        say!(
            "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} lastTimestamp: {} firstSequence: {first} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
            of.producer_id,
            of.epoch,
            of.coordinator_epoch,
            if of.current_txn_first_offset < 0 {
                "OptionalLong.empty".to_owned()
            } else {
                format!("OptionalLong[{}]", of.current_txn_first_offset)
            },
            of.timestamp,
            of.last_sequence,
            of.last_offset,
            of.offset_delta,
            of.timestamp
        );
    }
    Ok(())
}
