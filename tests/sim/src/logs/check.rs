//! What must be true of a directory that was found after a crash.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk};
use ottla_log::{Ended, Log, LogConfig, LogDir, OpenLog, OpenLogError, ReadLimits, TopicPartition};
use ottla_records::Batch;
use ottla_replication::producer::SnapshotEntry;
use ottla_types::Millis;

use super::{DATA, Model, Part, config, partitions};
use crate::{
    batches::{Found, Kind, Sent, parse, records},
    indexes,
};

/// What came of opening a directory.
#[derive(Debug)]
pub enum Live {
    /// All partitions are there.
    Sound(BTreeMap<TopicPartition, Log>),
    /// A partition is refused as damaged.
    Damaged(String),
}

/// Opens the directory and checks it against the states before and after the step in which the crash came.
///
/// # Errors
/// Says which promise is broken.
pub fn check(disk: &SimDisk, before: &Model, after: &Model) -> Result<Live, String> {
    check_with(disk, config(), before, after)
}

/// As [`check`], where records were acknowledged from the page cache: those that were flushed have to be there all the same.
///
/// # Errors
/// Says which promise is broken.
pub fn check_unsynced(disk: &SimDisk, before: &Model, after: &Model) -> Result<Live, String> {
    check_with(disk, LogConfig { synced: false, ..config() }, before, after)
}

fn check_with(disk: &SimDisk, config: LogConfig, before: &Model, after: &Model) -> Result<Live, String> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let dir = LogDir::open(&shared, Path::new(DATA)).map_err(|error| error.to_string())?;
    let mut logs = BTreeMap::new();
    for name in partitions() {
        let log = match dir.open_log(&name, config, Millis(1)) {
            Err(error @ OpenLogError::Damaged { .. }) => return Ok(Live::Damaged(error.to_string())),
            other => other.map_err(|error| format!("{name} cannot be opened: {error}"))?,
        };
        logs.insert(name, log);
    }
    for (name, log) in &mut logs {
        verify(log, &before[name], &after[name]).map_err(|why| format!("{name}: {why}"))?;
        log.flush().map_err(|error| error.to_string())?;
        indexes::check(disk, log.dir()).map_err(|why| format!("{name}: {why}"))?;
        goes_on(log).map_err(|why| format!("{name} does not go on: {why}"))?;
        *log = stopped(&shared, log).map_err(|why| format!("{name} after a clean stop: {why}"))?;
    }
    Ok(Live::Sound(logs))
}

/// Checks one log.
///
/// # Errors
/// Says which promise is broken.
pub fn verify(log: &Log, before: &Part, after: &Part) -> Result<(), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    let (batches, found) = look_at_records(log, before, after)?;
    let is_there = |sent: &Sent| {
        let mut found = batches.iter().map(Batch::header);
        found.any(|header| header.base_offset == sent.base && header.max_timestamp == sent.timestamp)
    };
    // A crash in the middle of a truncation leaves one life of the log or the other.
    let of_after = batches.iter().all(|batch| {
        let mut known = after.batches.iter();
        known.any(|sent| sent.base == batch.header().base_offset && is_there(sent))
    });
    let life = if of_after { after } else { before };
    check_producers(log, life)?;
    let (epochs, expected) = (log.epochs().entries(), life.epochs(start, end));
    // Of an empty log nothing is to be told.
    if start < end && epochs != expected.entries() {
        return Err(format!("epochs {epochs:?}, replayed {:?}", expected.entries()));
    }
    check_lookups(log, &found)?;
    check_aborted(log, life)
}

/// Checks the records of one log, and nothing that is made from them.
///
/// # Errors
/// Says which promise is broken.
pub fn verify_records(log: &Log, before: &Part, after: &Part) -> Result<(), String> {
    look_at_records(log, before, after).map(drop)
}

fn look_at_records(log: &Log, before: &Part, after: &Part) -> Result<(Vec<Batch>, Vec<Found>), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    if start < before.start || start > before.start.max(after.start) {
        return Err(format!("it starts at {start}, known were {} and {}", before.start, after.start));
    }
    if start > end || log.flushed() > end || log.recovery_point() > end {
        let (flushed, recovery_point) = (log.flushed(), log.recovery_point());
        return Err(format!("offsets {start}, {flushed}, {recovery_point}, {end} are out of order"));
    }
    let batches = read_all(log)?;
    let mut found = Vec::new();
    for batch in &batches {
        found.extend(records(batch)?.into_iter().filter(|record| record.offset >= start));
    }
    check_records(&found, (start, end), before, after)?;
    Ok((batches, found))
}

fn read_all(log: &Log) -> Result<Vec<Batch>, String> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut at = log.log_start();
    loop {
        let limits = ReadLimits { below: i64::MAX, max_bytes: 150, at_least_one: true };
        let read = log.read(at, limits).map_err(|error| format!("reading at {at}: {error}"))?;
        if read.records.is_empty() {
            return Ok(batches);
        }
        batches.extend(parse(read.records)?);
        at = read.next_offset;
    }
}

/// Every acknowledged record, in order, once; nothing that was never sent.
fn check_records(
    found: &[Found],
    (start, end): (i64, i64),
    before: &Part,
    after: &Part,
) -> Result<(), String> {
    let offsets: Vec<i64> = found.iter().map(|record| record.offset).collect();
    if !offsets.iter().copied().eq(start..end) {
        return Err(format!("offsets {offsets:?} between {start} and {end}"));
    }
    for record in found {
        let sent = [before, after].map(|part| part.value(record.offset));
        if !sent.contains(&Some(&record.value)) {
            return Err(format!("{record:?} was never sent there, but {sent:?}"));
        }
    }
    for offset in before.start.max(after.start).max(start)..before.flushed.min(after.end) {
        let Some(value) = after.value(offset) else { continue };
        if before.value(offset) == Some(value) && offset >= end {
            return Err(format!("{value:?} at {offset} was acknowledged, the log ends at {end}"));
        }
    }
    Ok(())
}

/// What is known of producers is what a replay gives; of what was deleted, something may still be remembered.
fn check_producers(log: &Log, life: &Part) -> Result<(), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    let lines = |entries: Vec<SnapshotEntry>| {
        let mut by_producer: BTreeMap<i64, Vec<SnapshotEntry>> = BTreeMap::new();
        for entry in entries {
            by_producer.entry(entry.producer_id).or_default().push(entry);
        }
        by_producer
    };
    let found = lines(log.producers().snapshot_entries());
    let ever = lines(life.producers(end).snapshot_entries());
    let kept = lines(life.producers_from(start, end).snapshot_entries());
    let same = |a: &SnapshotEntry, b: &SnapshotEntry| {
        (a.last_sequence, a.last_offset, a.offset_delta) == (b.last_sequence, b.last_offset, b.offset_delta)
    };
    for (id, entries) in &found {
        let known = ever.get(id).ok_or_else(|| format!("producer {id} was never there: {entries:?}"))?;
        if let Some(more) = entries.iter().find(|entry| !known.iter().any(|other| same(entry, other))) {
            return Err(format!("producer {id} has {more:?}, replayed {known:?}"));
        }
        let state = |entries: &[SnapshotEntry]| {
            entries.last().map(|line| (line.last_sequence, line.current_txn_first_offset))
        };
        if state(entries) != state(known) {
            return Err(format!("producer {id} is at {entries:?}, replayed {known:?}"));
        }
    }
    for (id, entries) in &kept {
        let known = found.get(id).ok_or_else(|| format!("producer {id} is forgotten: {entries:?}"))?;
        // A line without a batch stands for a marker.
        let is_lost =
            |entry: &&SnapshotEntry| entry.last_offset >= 0 && !known.iter().any(|other| same(entry, other));
        if let Some(lost) = entries.iter().find(is_lost) {
            return Err(format!("producer {id} lacks {lost:?} in {known:?}"));
        }
    }
    Ok(())
}

/// Offsets and times are found where a walk over all records finds them.
fn check_lookups(log: &Log, found: &[Found]) -> Result<(), String> {
    for record in found.iter().filter(|record| record.offset % 5 == 0) {
        let limits = ReadLimits { below: i64::MAX, max_bytes: 1, at_least_one: true };
        let read = log.read(record.offset, limits).map_err(|error| error.to_string())?;
        let first = parse(read.records)?.into_iter().next();
        let header = first.ok_or_else(|| format!("nothing is read at {}", record.offset))?;
        let header = *header.header();
        if header.base_offset > record.offset || header.last_offset() < record.offset {
            return Err(format!("a read at {} begins at {}", record.offset, header.base_offset));
        }
        for timestamp in [record.timestamp, record.timestamp + 1] {
            let expected = found.iter().find(|other| other.timestamp >= timestamp);
            let looked = log.offset_for_timestamp(timestamp, i64::MAX).map_err(|error| error.to_string())?;
            let offset = looked.map(|found| found.offset);
            if offset != expected.map(|other| other.offset) {
                return Err(format!("time {timestamp} is found at {offset:?}, and stands at {expected:?}"));
            }
        }
    }
    Ok(())
}

fn check_aborted(log: &Log, life: &Part) -> Result<(), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    let found = log.aborted_between(start, end).map_err(|error| error.to_string())?;
    let found: Vec<_> =
        found.iter().map(|txn| (txn.producer_id, txn.first_offset, txn.last_offset)).collect();
    let expected = life.aborted(start, end);
    let ever = life.aborted(i64::MIN, end);
    let lacks = expected.iter().any(|txn| !found.contains(txn));
    if lacks || found.iter().any(|txn| !ever.contains(txn)) || found.len() != expected.len() {
        return Err(format!("aborted transactions {found:?}, replayed {expected:?}"));
    }
    Ok(())
}

/// A log that was recovered can be stopped cleanly, and is the same afterwards.
fn stopped(disk: &Arc<dyn Disk>, log: &mut Log) -> Result<Log, String> {
    let before = (log.log_start(), log.next_offset(), log.producers().describe());
    log.close().map_err(|error| error.to_string())?;
    let open = OpenLog {
        dir: log.dir().to_owned(),
        config: config(),
        log_start: log.log_start(),
        recovery_point: log.recovery_point(),
        ended: Ended::Cleanly,
        now: Millis(1),
    };
    let again = Log::open(disk, &open).map_err(|error| error.to_string())?;
    let after = (again.log_start(), again.next_offset(), again.producers().describe());
    if after == before { Ok(again) } else { Err(format!("{after:?}, it was {before:?}")) }
}

/// A log that was recovered takes another record and gives it back.
fn goes_on(log: &mut Log) -> Result<(), String> {
    let end = log.next_offset();
    let (timestamp, values) = (999, vec!["more".to_owned()]);
    let epoch = log.epochs().latest_epoch().unwrap_or_default();
    let sent = Sent { base: end, epoch, timestamp, values, kind: Kind::Plain, producer: (-1, 0) };
    log.append(sent.to_append(), epoch, Millis(1)).map_err(|error| error.to_string())?;
    log.flush().map_err(|error| error.to_string())?;
    let limits = ReadLimits { below: i64::MAX, max_bytes: 1000, at_least_one: true };
    let read = log.read(end, limits).map_err(|error| error.to_string())?;
    match parse(read.records)?.first().map(records).transpose()?.as_deref() {
        Some([only]) if only.offset == end && only.value == "more" => Ok(()),
        other => Err(format!("{other:?}")),
    }
}
