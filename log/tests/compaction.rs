//! A cleaning beside what else happens to a log. What stays of one is checked in `tests/sim`, beside a model.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::{path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk, create_dir_durably};
use ottla_log::{
    CleanError, CleanerMemory, Cleaning, CleaningDone, Ended, Log, LogConfig, OpenLog, Patience, ReadLimits,
};
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::Millis;

const DIR: &str = "/data/t-0";
const MEMORY: CleanerMemory = CleanerMemory { map_bytes: 10_000, load_factor: 0.9, io_bytes: 4096 };
const ALL: ReadLimits = ReadLimits { below: i64::MAX, max_bytes: 1 << 20, at_least_one: true };

fn config() -> LogConfig {
    LogConfig { segment_bytes: 2000, index_interval_bytes: 100, compact: true, ..LogConfig::default() }
}

/// A log of finished segments, everything durable: each record is of one of ten keys.
fn filled(config: LogConfig, value_bytes: usize) -> (SimDisk, Log) {
    let disk = SimDisk::new();
    create_dir_durably(&disk, Path::new(DIR)).unwrap();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let dir = DIR.into();
    let open = OpenLog { dir, config, log_start: 0, recovery_point: 0, ended: Ended::Killed, now: Millis(1) };
    let mut log = Log::open(&shared, &open).unwrap();
    for at in 0..60_i64 {
        let key = format!("k{}", at % 10);
        let value = vec![b'v'; value_bytes];
        let mut builder = BatchBuilder::new();
        let (key, value) = (Some(key.as_bytes()), Some(&value[..]));
        builder.push(&NewRecord { timestamp: 1000 + at, key, value, headers: &[] });
        log.append(AppendBatch::trusted(&builder.finish().freeze()).unwrap(), 0, Millis(1)).unwrap();
    }
    log.roll().unwrap();
    log.flush().unwrap();
    (disk, log)
}

fn plan(log: &Log) -> Cleaning {
    let cleanable = log.cleanable(0, i64::MAX, Millis(5000));
    assert!(cleanable.dirty_bytes > 0);
    log.plan_cleaning(&cleanable, Millis(5000)).unwrap()
}

fn run(log: &mut Log, cleaning: &Cleaning) -> Result<CleaningDone, CleanError> {
    cleaning.run(&MEMORY, &mut |_| true, &mut |cleaned| log.replace(cleaned).map(drop))
}

fn leftovers(disk: &SimDisk) -> Vec<String> {
    let names = disk.list(Path::new(DIR)).unwrap().into_iter().map(|entry| entry.name);
    names.filter(|name| name.ends_with(".cleaned") || name.ends_with(".swap")).collect()
}

#[test]
fn a_read_that_was_planned_goes_on_in_the_old_segment() {
    let (_, mut log) = filled(config(), 30);
    let expected = log.read(7, ALL).unwrap();
    let planned = log.plan_read(7, ALL).unwrap().unwrap();
    let cleaning = plan(&log);
    let done = run(&mut log, &cleaning).unwrap();
    assert_eq!(
        (done.end, done.records_before, done.records_after, log.replacements() > 0),
        (60, 60, 10, true)
    );
    let found = planned.find(Patience::Disk).unwrap();
    assert_eq!(found.batches.read().unwrap(), expected.records);
    // Whoever comes later finds that nothing is left of it but where it ended.
    let now = log.read(7, ALL).unwrap();
    assert_eq!((now.next_offset, now.records.len()), (expected.next_offset, 61));
}

#[test]
fn a_log_that_was_changed_meanwhile_is_left_as_it_is() {
    type Change = fn(&mut Log);
    let changes: [Change; 3] = [
        |log| drop(log.advance_log_start(45).unwrap()),
        |log| log.truncate_to(50, Millis(1)).unwrap(),
        |log| log.truncate_fully(70, Millis(1)).unwrap(),
    ];
    for change in changes {
        let (disk, mut log) = filled(config(), 30);
        let cleaning = plan(&log);
        change(&mut log);
        let before = (log.log_start(), log.next_offset(), log.read(log.log_start(), ALL).unwrap().records);
        assert!(log.has_changed_since(&cleaning));
        // What is read of a file that became shorter may look like damage.
        assert!(matches!(run(&mut log, &cleaning), Err(CleanError::Changed | CleanError::Failed(_))));
        let after = (log.log_start(), log.next_offset(), log.read(log.log_start(), ALL).unwrap().records);
        assert_eq!((before, log.replacements(), leftovers(&disk)), (after, 0, Vec::new()));
    }
}

#[test]
fn a_cleaning_that_is_stopped_leaves_nothing_behind() {
    let (disk, mut log) = filled(config(), 30);
    let cleaning = plan(&log);
    let mut left = 70;
    let mut pace = |_| {
        left -= 1;
        left > 0
    };
    let stopped = cleaning.run(&MEMORY, &mut pace, &mut |cleaned| log.replace(cleaned).map(drop));
    assert!(matches!(stopped, Err(CleanError::Stopped)));
    assert_eq!((log.replacements(), leftovers(&disk)), (0, Vec::new()));
}

#[test]
fn damage_ends_a_cleaning_for_good() {
    let (disk, mut log) = filled(config(), 30);
    let file = disk.create(&Path::new(DIR).join("00000000000000000000.log")).unwrap();
    file.write_at(&[b"?"], 80).unwrap();
    let cleaning = plan(&log);
    assert!(matches!(run(&mut log, &cleaning), Err(CleanError::Failed(_))));
    assert!(!log.has_changed_since(&cleaning));
    assert_eq!((log.replacements(), leftovers(&disk)), (0, Vec::new()));
}

#[test]
fn batches_larger_than_the_buffers_are_cleaned() {
    let (_, mut log) = filled(LogConfig { segment_bytes: 500_000, ..config() }, 50_000);
    let cleaning = plan(&log);
    let done = run(&mut log, &cleaning).unwrap();
    assert_eq!((done.records_before, done.records_after), (60, 10));
}

#[test]
fn what_is_young_open_or_not_durable_is_not_cleaned() {
    let (_, mut log) = filled(config(), 30);
    let end = |log: &Log, bound: i64| log.cleanable(0, bound, Millis(5000)).end;
    assert_eq!(end(&log, i64::MAX), 60, "up to the active segment");
    let second = end(&log, 59);
    assert!(second < 59 && second > 0, "only whole segments below the bound: {second}");
    assert_eq!(end(&log, 3), 0);
    // The records were made at 1000 and later, one each millisecond; it is 5000.
    log.set_config(LogConfig { min_compaction_lag_ms: 3980, ..config() });
    let old = end(&log, i64::MAX);
    assert!(old > 0 && old <= 21, "{old}");
    log.set_config(LogConfig { min_compaction_lag_ms: 5000, ..config() });
    assert_eq!(end(&log, i64::MAX), 0);
}

#[test]
fn a_checkpoint_of_another_life_means_everything_is_dirty() {
    let (_, mut log) = filled(config(), 30);
    let whole = log.cleanable(0, i64::MAX, Millis(5000));
    assert_eq!(log.cleanable(1000, i64::MAX, Millis(5000)), whole);
    assert_eq!(whole.dirty_ratio(), 1.0);
    drop(log.advance_log_start(20).unwrap());
    assert_eq!(log.cleanable(5, i64::MAX, Millis(5000)).first_dirty, 20);
}

/// Gaps are where records were compacted away, or where a crash took some. Who compacts no more must not take the one for
/// the other, wherever the recovery point was written down last: at the end of the cleaning or anywhere behind.
#[test]
fn a_log_that_is_compacted_no_more_keeps_what_compaction_left() {
    let (disk, mut log) = filled(config(), 30);
    let cleaning = plan(&log);
    let done = run(&mut log, &cleaning).unwrap();
    assert_eq!((done.end, done.records_after), (60, 10));
    log.set_config(LogConfig { compact: false, ..config() });
    for at in 60..90_i64 {
        let (key, value) = (Some(&b"k"[..]), Some(&[b'v'; 30][..]));
        let mut builder = BatchBuilder::new();
        builder.push(&NewRecord { timestamp: 1000 + at, key, value, headers: &[] });
        log.append(AppendBatch::trusted(&builder.finish().freeze()).unwrap(), 0, Millis(1)).unwrap();
    }
    log.flush().unwrap();
    let all = |log: &Log| {
        let (mut offset, mut records) = (log.log_start(), Vec::new());
        while offset < log.next_offset() {
            let read = log.read(offset, ALL).unwrap();
            records.push(read.records);
            offset = read.next_offset;
        }
        records
    };
    let before = all(&log);
    drop(log);
    let shared: Arc<dyn Disk> = Arc::new(disk);
    for recovery_point in done.end..=90 {
        let config = LogConfig { compact: false, ..config() };
        let open = OpenLog {
            dir: DIR.into(),
            config,
            log_start: 0,
            recovery_point,
            ended: Ended::Killed,
            now: Millis(1),
        };
        let log = Log::open(&shared, &open).unwrap();
        assert_eq!((log.next_offset(), all(&log)), (90, before.clone()), "from {recovery_point}");
    }
}
