//! What must be true of a compacted log.

use std::{collections::BTreeMap, sync::Arc};

use ottla_disk::{Crash, Disk, SimDisk};
use ottla_log::{Ended, Log, OpenLog, names};
use ottla_replication::producer::SnapshotEntry;
use ottla_types::Millis;

use super::{
    DELETE_RETENTION_MS, DIR, Model, config,
    model::{Record, Role, newest},
    reader::{Found, read},
};

/// Compares a log with what was appended to it, as far as it reaches.
///
/// # Errors
/// Says which promise is broken.
pub fn verify(log: &Log, model: &Model) -> Result<(), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    let (committed, stable) = model.committed(start, end);
    let found = read(log, start, stable, 150)?;
    ascending(&found.all)?;
    for record in &found.all {
        if model.record(record.offset) != Some(record) {
            return Err(format!("{record:?} was never sent, but {:?}", model.record(record.offset)));
        }
    }
    if let Some(record) = found.committed.iter().find(|record| committed.binary_search(record).is_err()) {
        return Err(format!("{record:?} is shown, but it was not committed"));
    }
    let (shown, expected) = (newest(&found.committed), newest(&committed));
    if shown != expected {
        return Err(format!("the newest values are {shown:?}, they must be {expected:?}"));
    }
    let mut untouched = committed.iter().filter(|record| record.offset >= model.untouched_from);
    if let Some(lost) = untouched.find(|record| !found.committed.contains(record)) {
        return Err(format!("{lost:?} is lost, and no cleaning was to touch it"));
    }
    suffixes(log, &found, start, stable)?;
    times(log, &found, stable)
}

fn ascending(records: &[Record]) -> Result<(), String> {
    match records.windows(2).find(|pair| pair[0].offset >= pair[1].offset) {
        Some(pair) => Err(format!("offsets go back: {pair:?}")),
        None => Ok(()),
    }
}

/// From wherever one begins to read, also within a gap, one sees the rest, whatever the size of the reads.
fn suffixes(log: &Log, found: &Found, start: i64, stable: i64) -> Result<(), String> {
    for from in (start..stable).step_by(3) {
        let size = [1, 90, 400, 1 << 20][(from % 4) as usize];
        let rest = read(log, from, stable, size)?;
        let expected: Vec<_> = found.committed.iter().filter(|record| record.offset >= from).collect();
        if !rest.committed.iter().eq(expected.iter().copied()) {
            return Err(format!("from {from} one sees {:?}, but there is {expected:?}", rest.committed));
        }
    }
    Ok(())
}

/// Times are found where a walk over all records finds them.
fn times(log: &Log, found: &Found, stable: i64) -> Result<(), String> {
    for (timestamp, _) in found.times.iter().step_by(4) {
        let expected = found.times.iter().find(|(time, _)| time >= timestamp).map(|(_, offset)| *offset);
        let looked = log.offset_for_timestamp(*timestamp, stable).map_err(|error| error.to_string())?;
        let looked = looked.map(|found| found.offset);
        if looked != expected {
            return Err(format!("time {timestamp} is found at {looked:?}, and stands at {expected:?}"));
        }
    }
    Ok(())
}

/// Tombstones and markers stay for their time, and go when it is over. `cleaned` is where the last cleaning ended.
///
/// # Errors
/// Says which promise is broken.
pub(super) fn verify_horizons(log: &Log, model: &Model, cleaned: i64) -> Result<(), String> {
    let (start, end) = (log.log_start(), log.next_offset());
    let (committed, stable) = model.committed(start, end);
    let found = read(log, start, stable, 1 << 20)?;
    let mut last: BTreeMap<&[u8], &Record> = BTreeMap::new();
    last.extend(committed.iter().map(|record| (&record.key[..], record)));
    for record in last.values().filter(|record| record.value.is_none()) {
        let is_there = found.committed.contains(record);
        let met = model.met.get(&record.offset).copied().unwrap_or_default();
        let due = |met: i64| met + DELETE_RETENTION_MS <= model.now;
        if !is_there && !met.perhaps.is_some_and(due) {
            return Err(format!(
                "at {} the tombstone {record:?} is gone before its time: {met:?}",
                model.now
            ));
        }
        let over = met.surely.is_some_and(|(at, cleaning)| due(at) && cleaning < model.cleanings);
        if is_there && over && record.offset < cleaned {
            return Err(format!("at {} the tombstone {record:?} is still there: {met:?}", model.now));
        }
    }
    for batch in model.batches.iter().filter(|batch| (start..stable).contains(&batch.base)) {
        let is_marker = matches!(batch.role, Role::End { .. });
        let met = model.met.get(&batch.base).copied().unwrap_or_default();
        let due = met.perhaps.is_some_and(|met| met + DELETE_RETENTION_MS <= model.now);
        if is_marker && !due && !found.markers.contains(&batch.base) {
            return Err(format!("at {} the marker {batch:?} is gone before its time: {met:?}", model.now));
        }
    }
    Ok(())
}

/// What the records alone say of producers is what the log knows.
///
/// # Errors
/// Says which producer would be taken for another.
pub(super) fn verify_producers(disk: &SimDisk, log: &Log, model: &Model) -> Result<(), String> {
    let copy = disk.crash(Crash::KeepAll);
    let entries = copy.list(DIR.as_ref()).map_err(|error| error.to_string())?;
    for entry in entries.iter().filter(|entry| entry.name.ends_with(names::SNAPSHOT)) {
        copy.remove_file(&std::path::Path::new(DIR).join(&entry.name)).map_err(|error| error.to_string())?;
    }
    let copy: Arc<dyn Disk> = Arc::new(copy);
    let open = OpenLog {
        dir: DIR.into(),
        config: config(),
        log_start: log.log_start(),
        recovery_point: 0,
        ended: Ended::Killed,
        now: Millis(1),
    };
    let again = Log::open(&copy, &open).map_err(|error| error.to_string())?;
    let last = |log: &Log| -> BTreeMap<i64, SnapshotEntry> {
        log.producers().snapshot_entries().into_iter().map(|entry| (entry.producer_id, entry)).collect()
    };
    let (known, told) = (last(log), last(&again));
    for (id, known) in &known {
        let newest = model.batches.iter().rev().find(|batch| batch.producer == *id);
        let data_from = known.last_offset - i64::from(known.offset_delta);
        let is_deleted = |from: i64| from < log.log_start();
        if newest.is_none_or(|batch| is_deleted(batch.base))
            || known.last_offset >= 0 && is_deleted(data_from)
        {
            continue;
        }
        let state = |entry: &SnapshotEntry| {
            (entry.producer_epoch, entry.last_sequence, entry.last_offset, entry.current_txn_first_offset)
        };
        if told.get(id).map(state) != Some(state(known)) {
            return Err(format!("of producer {id} {known:?} is known, the records say {:?}", told.get(id)));
        }
    }
    Ok(())
}
