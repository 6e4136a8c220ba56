//! Logs on a simulated disk: what is read back, what a crash leaves, what retention removes.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use ottla_disk::{Crash, Disk, Fault, SimDisk, create_dir_durably};
use ottla_log::{AppendError, Ended, Log, LogConfig, OpenLog, OpenLogError, ReadLimits};
use ottla_records::{BatchBuilder, Batches, Limits, NewRecord, end_txn_marker, validate::AppendBatch};
use ottla_types::Millis;
use proptest::prelude::*;

const DIR: &str = "/data/t-0";

fn open(disk: &Arc<dyn Disk>, clean: bool, config: LogConfig) -> Result<Log, OpenLogError> {
    let (dir, ended) = (Path::new(DIR).to_owned(), if clean { Ended::Cleanly } else { Ended::Killed });
    Log::open(disk, &OpenLog { dir, config, log_start: 0, recovery_point: 0, ended, now: Millis(1) })
}

fn batch(values: &[&str], timestamp: i64, producer: Option<(i64, i32)>) -> AppendBatch {
    let mut builder = BatchBuilder::new();
    if let Some((id, sequence)) = producer {
        builder = builder.producer(id, 0, sequence);
    }
    for value in values {
        builder.push(&NewRecord { timestamp, value: Some(value.as_bytes()), ..NewRecord::default() });
    }
    AppendBatch::trusted(&builder.finish().freeze()).expect("a batch just built")
}

fn small() -> LogConfig {
    LogConfig { segment_bytes: 600, index_interval_bytes: 100, ..LogConfig::default() }
}

fn all(log: &Log) -> Vec<(i64, String)> {
    let mut found = Vec::new();
    let mut at = log.log_start();
    loop {
        let limits = ReadLimits { below: i64::MAX, max_bytes: 150, at_least_one: true };
        let read = log.read(at, limits).expect("what was written can be read");
        if read.records.is_empty() {
            return found;
        }
        for batch in Batches::new(read.records) {
            let batch = batch.expect("a whole batch");
            batch.verify().expect("an undamaged batch");
            for record in batch.records(&Limits::default()).expect("records within the limits").iter() {
                let record = record.expect("a whole record");
                if record.offset >= at {
                    let value = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
                    found.push((record.offset, value));
                }
            }
        }
        at = read.next_offset;
    }
}

fn fill(log: &mut Log, count: usize) -> Vec<(i64, String)> {
    let mut model = Vec::new();
    for i in 0..count {
        let values = [format!("a{i}"), format!("b{i}")];
        let appended = log
            .append(batch(&[&values[0], &values[1]], i as i64, Some((9, i as i32 * 2))), 3, Millis(5))
            .expect("a batch that follows the last");
        assert_eq!(appended.last_offset, appended.base_offset + 1);
        model.extend(values.into_iter().zip(appended.base_offset..).map(|(v, o)| (o, v)));
    }
    model
}

#[test]
fn what_was_appended_is_read_after_clean_and_unclean_stops() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, small()).unwrap();
    let model = fill(&mut log, 20);
    assert!(log.segment_count() > 2);
    assert_eq!(all(&log), model);
    log.close().unwrap();
    for clean in [true, false, true] {
        let mut again = open(&disk, clean, small()).unwrap();
        assert_eq!(all(&again), model, "clean: {clean}");
        assert_eq!(again.producers().describe().len(), 1);
        assert_eq!(again.epochs().latest_epoch(), Some(3));
        again.close().unwrap();
    }
}

#[test]
fn times_are_found_across_segments() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, small()).unwrap();
    fill(&mut log, 20);
    for timestamp in 0..20 {
        let found = log.offset_for_timestamp(timestamp, i64::MAX).unwrap().unwrap();
        assert_eq!((found.offset, found.timestamp), (timestamp * 2, timestamp));
    }
    assert_eq!(log.offset_for_timestamp(20, i64::MAX).unwrap(), None);
    assert_eq!(log.max_timestamp_offset(i64::MAX).unwrap().unwrap().offset, 38);
}

#[test]
fn retention_removes_old_segments_and_never_passes_the_high_watermark() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let config = LogConfig { retention_ms: 5, ..small() };
    let mut log = open(&disk, false, config).unwrap();
    let model = fill(&mut log, 20);
    log.apply_retention(Millis(1000), 16).unwrap();
    assert!(log.log_start() > 0 && log.log_start() <= 16);
    let rest: Vec<_> = model.iter().filter(|(offset, _)| *offset >= log.log_start()).cloned().collect();
    assert_eq!(all(&log), rest);
    let removed = log.apply_retention(Millis(1000), log.next_offset()).unwrap();
    assert!(!removed.is_empty());
    assert_eq!((log.log_start(), log.next_offset()), (40, 40));
    assert_eq!(all(&log), []);
}

#[test]
fn truncation_cuts_and_the_log_goes_on() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, small()).unwrap();
    let model = fill(&mut log, 20);
    log.truncate_to(21, Millis(1)).unwrap();
    assert_eq!(all(&log), model[..20]);
    log.append(batch(&["x"], 50, None), 4, Millis(1)).unwrap();
    assert_eq!(all(&log).last(), Some(&(20, "x".to_owned())));
    log.truncate_fully(100, Millis(1)).unwrap();
    assert_eq!((log.log_start(), log.next_offset()), (100, 100));
}

#[test]
fn a_truncation_inside_the_batch_the_log_begins_in_does_not_lead_its_start_back() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, small()).unwrap();
    fill(&mut log, 4);
    log.advance_log_start(3).unwrap();
    log.truncate_to(3, Millis(1)).unwrap();
    assert_eq!((log.log_start(), log.next_offset()), (3, 3));
}

#[test]
fn a_full_disk_refuses_and_later_goes_on() {
    let sim = SimDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(sim.clone());
    let mut log = open(&disk, false, LogConfig::default()).unwrap();
    let model = fill(&mut log, 2);
    sim.inject(Fault::FullAfter(30));
    let refused = log.append(batch(&["lost"], 1, None), 3, Millis(1));
    assert!(matches!(refused, Err(AppendError::Full { .. })), "{refused:?}");
    assert_eq!(all(&log), model);
    sim.heal();
    log.append(batch(&["kept"], 1, None), 3, Millis(1)).unwrap();
    assert_eq!(all(&log).last().map(|(offset, _)| *offset), Some(4));
}

#[test]
fn damage_in_the_middle_is_reported_and_never_served() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, LogConfig::default()).unwrap();
    fill(&mut log, 10);
    log.flush().unwrap();
    let file = disk.create(&Path::new(DIR).join("00000000000000000000.log")).unwrap();
    file.write_at(&[b"\xff\xff"], 150).unwrap();
    assert!(matches!(open(&disk, false, LogConfig::default()), Err(OpenLogError::Damaged { .. })));
    file.set_len(200).unwrap();
    let cut = open(&disk, false, LogConfig::default()).unwrap();
    assert!(cut.next_offset() < 4);
}

#[test]
fn aborted_transactions_are_indexed_and_survive_a_restart() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, LogConfig::default()).unwrap();
    let mut builder = BatchBuilder::new().producer(7, 0, 0).transactional();
    builder.push(&NewRecord { timestamp: 1, value: Some(b"t"), ..NewRecord::default() });
    log.append(AppendBatch::trusted(&builder.finish().freeze()).unwrap(), 0, Millis(1)).unwrap();
    assert_eq!(log.producers().first_unstable_offset(), Some(0));
    let marker = end_txn_marker((7, 0), false, 0, 2).freeze();
    log.append(AppendBatch::trusted(&marker).unwrap(), 0, Millis(1)).unwrap();
    for reopened in [false, true] {
        if reopened {
            log = open(&disk, false, LogConfig::default()).unwrap();
        }
        let aborted = log.aborted_between(0, 10).unwrap();
        assert_eq!((aborted.len(), aborted[0].first_offset, aborted[0].last_offset), (1, 0, 1));
    }
}

/// Every prefix of the changes, with nothing, all, or some of what was not synced: whatever was flushed is there, in
/// order, once; nothing else is. (`tests/sim` does this to longer lives.)
#[test]
fn a_crash_after_any_change_keeps_what_was_flushed() {
    let sim = SimDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(sim.clone());
    create_dir_durably(&*disk, Path::new(DIR)).unwrap();
    sim.record();
    let mut log = open(&disk, false, small()).unwrap();
    let mut acknowledged = vec![(0, Vec::new())];
    let mut sent = Vec::new();
    for i in 0..12 {
        let value = format!("v{i}");
        log.append(batch(&[&value], i, Some((1, i as i32))), i as i32 / 5, Millis(1)).unwrap();
        sent.push((i, value));
        if i % 2 == 0 {
            log.flush().unwrap();
            acknowledged.push((sim.changes(), sent.clone()));
        }
    }
    log.close().unwrap();
    let mut replay = sim.replay();
    loop {
        let known = &acknowledged.iter().rev().find(|(at, _)| *at <= replay.at()).unwrap().1;
        for how in Crash::all(replay.at() as u64) {
            let survived: Arc<dyn Disk> = Arc::new(replay.crash(how));
            let about = || format!("{how:?} after\n{}", replay.describe(8).join("\n"));
            let log = match open(&survived, false, small()) {
                Ok(log) => log,
                // A lost write in front of a kept one looks like damage; it may only do so behind what was flushed.
                Err(OpenLogError::Damaged { .. }) if matches!(how, Crash::Subset(_) | Crash::Mixed(_)) => {
                    continue;
                }
                Err(error) => panic!("{error}: {}", about()),
            };
            let found = all(&log);
            assert!(found.len() >= known.len(), "{found:?} lacks of {known:?}: {}", about());
            assert_eq!(found, sent[..found.len()], "{}", about());
        }
        if !replay.step() {
            break;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_commands_agree_with_a_list(commands in proptest::collection::vec((0u8..8, 0i64..40), 1..40)) {
        let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
        let mut log = open(&disk, false, small()).unwrap();
        let mut model: Vec<(i64, String)> = Vec::new();
        let mut start = 0;
        for (at, (command, argument)) in commands.into_iter().enumerate() {
            match command {
                0..=3 => {
                    let value = format!("v{at}");
                    let appended = log.append(batch(&[&value], at as i64, None), 0, Millis(1)).unwrap();
                    model.push((appended.base_offset, value));
                }
                4 => log.roll().unwrap(),
                5 => {
                    log.advance_log_start(argument.min(log.next_offset())).unwrap();
                    start = log.log_start();
                }
                6 => {
                    let to = argument.max(log.log_start());
                    log.truncate_to(to, Millis(1)).unwrap();
                    model.retain(|(offset, _)| *offset < to);
                    start = log.log_start();
                }
                _ => {
                    log.close().unwrap();
                    let dir = Path::new(DIR).to_owned();
                    let ended = if argument % 2 == 0 { Ended::Cleanly } else { Ended::Killed };
                    let again = OpenLog { dir, config: small(), log_start: start, recovery_point: 0, ended, now: Millis(1) };
                    log = Log::open(&disk, &again).unwrap();
                }
            }
            model.retain(|(offset, _)| *offset >= log.log_start());
            prop_assert_eq!(all(&log), model.clone());
            prop_assert!(log.log_start() <= log.next_offset());
        }
    }
}

#[test]
fn a_fetch_inside_a_batch_returns_the_whole_batch() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, LogConfig::default()).unwrap();
    log.append(batch(&["a", "b", "c"], 1, None), 0, Millis(1)).unwrap();
    let limits = ReadLimits { below: 3, max_bytes: 1, at_least_one: true };
    let read = log.read(1, limits).unwrap();
    assert_eq!(Batches::new(read.records.clone()).next().unwrap().unwrap().header().base_offset, 0);
    assert_eq!(read.next_offset, 3);
    let none = log.read(1, ReadLimits { at_least_one: false, ..limits }).unwrap();
    assert_eq!(none.records, Bytes::new());
}

#[test]
fn a_batch_whose_offset_goes_back_is_refused_and_not_served() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, LogConfig::default()).unwrap();
    let model = fill(&mut log, 3);
    log.close().unwrap();
    let path = ottla_log::names::file(Path::new(DIR), 0, ottla_log::names::LOG);
    let second =
        Batches::new(ottla_disk::read(&*disk, &path).unwrap().into()).next().unwrap().unwrap().bytes().len();
    let mut log = open(&disk, true, LogConfig::default()).unwrap();
    disk.create(&path).unwrap().write_at(&[&0_i64.to_be_bytes()], second as u64).unwrap();
    let limits = ReadLimits { below: i64::MAX, max_bytes: 10_000, at_least_one: true };
    assert!(log.read(0, limits).is_err(), "of two that contradict each other either may be the damaged one");
    assert!(log.read(model[2].0, limits).is_err());
    log.close().unwrap();
    assert!(matches!(open(&disk, true, LogConfig::default()), Err(OpenLogError::Damaged { .. })));
}

#[test]
fn a_damaged_index_hides_no_records() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let mut log = open(&disk, false, config).unwrap();
    let model = fill(&mut log, 12);
    log.close().unwrap();
    let path = ottla_log::names::file(Path::new(DIR), 0, ottla_log::names::INDEX);
    let sound = ottla_disk::read(&*disk, &path).unwrap();
    assert!(sound.len() >= 32, "several entries");
    for entry in (0..sound.len() - 8).step_by(8) {
        for lie in [u32::MAX >> 8, 1, 333] {
            let index = disk.create(&path).unwrap();
            index.write_at(&[&sound], 0).unwrap();
            index.write_at(&[&lie.to_be_bytes()], entry as u64 + 4).unwrap();
            assert_eq!(all(&open(&disk, true, config).unwrap()), model, "entry {entry} says {lie}");
        }
    }
}

#[test]
fn a_damaged_length_in_a_cleanly_stopped_log_is_not_its_end() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let mut log = open(&disk, false, config).unwrap();
    fill(&mut log, 12);
    log.close().unwrap();
    let path = ottla_log::names::file(Path::new(DIR), 0, ottla_log::names::LOG);
    let content = ottla_disk::read(&*disk, &path).unwrap();
    let second = Batches::new(content.into()).next().unwrap().unwrap().bytes().len() as u64;
    disk.create(&path).unwrap().write_at(&[&0x00ff_ffff_u32.to_be_bytes()], second + 8).unwrap();
    // No snapshot: producers are replayed from the start, over the damage.
    let snapshot = ottla_log::names::file(Path::new(DIR), 24, ottla_log::names::SNAPSHOT);
    disk.remove_file(&snapshot).unwrap();
    assert!(open(&disk, true, config).is_err(), "offsets behind the damage would be given out again");
}
