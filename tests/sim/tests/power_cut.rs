//! What no flush has covered before the machine went down may have holes. Records that were acknowledged from the page cache are
//! cut there; those of a synced log, and those of a process that was only killed, are not.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::{path::Path, sync::Arc};

use ottla_disk::{Crash, Disk, SimDisk, create_dir_durably};
use ottla_log::{
    Checkpointed, Log, LogConfig, LogDir, MetaProperties, OpenLogError, TopicPartition, write_meta_properties,
};
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::{Millis, Uuid};

const DIR: &str = "/data";
const FILE: &str = "/data/t-0/00000000000000000000.log";
const FROM_PAGE_CACHE: LogConfig = LogConfig { synced: false, ..LogConfig::DEFAULT };
const SYNCED: LogConfig = LogConfig::DEFAULT;

fn partition() -> TopicPartition {
    TopicPartition { topic: "t".into(), partition: 0 }
}

fn append(log: &mut Log, count: usize) {
    for _ in 0..count {
        let mut batch = BatchBuilder::new();
        batch.push(&NewRecord { value: Some(&[b'x'; 900]), ..NewRecord::default() });
        let batch = AppendBatch::trusted(&batch.finish().freeze()).unwrap();
        log.append(batch, 0, Millis(5)).unwrap();
    }
}

/// Ten records that were flushed and twenty that were not, and the size of a batch.
fn half_flushed() -> (SimDisk, u64) {
    let disk = SimDisk::new();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    create_dir_durably(&disk, Path::new(DIR)).unwrap();
    let meta = MetaProperties { cluster_id: "c".into(), node_id: 1, directory_id: Uuid([7; 16]) };
    write_meta_properties(&disk, Path::new(DIR), &meta).unwrap();
    let dir = LogDir::open(&shared, Path::new(DIR)).unwrap();
    let mut log = dir.create(&partition(), Uuid([8; 16]), FROM_PAGE_CACHE, Millis(1)).unwrap();
    dir.on_recovered().unwrap();
    append(&mut log, 10);
    log.flush().unwrap();
    let (partition, recovery_point) = (partition(), log.recovery_point());
    let flushed = Checkpointed { partition, recovery_point, log_start: 0, high_watermark: 10 };
    dir.write_checkpoints(&[flushed]).unwrap();
    append(&mut log, 20);
    (disk, log.size() / 30)
}

/// As the broker opens it.
fn open(disk: &SimDisk, config: LogConfig) -> Result<Log, OpenLogError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    LogDir::open(&shared, Path::new(DIR)).unwrap().open_log(&partition(), config, Millis(9))
}

/// Damages the batch at `offset`.
fn harm(disk: &SimDisk, offset: u64, size: u64) {
    disk.create(Path::new(FILE)).unwrap().write_at(&[b"y"], (offset + 1) * size - 5).unwrap();
}

#[test]
fn what_a_power_cut_left_behind_a_hole_is_cut_and_what_was_flushed_stays() {
    let (disk, _) = half_flushed();
    let mut ends: Vec<i64> = Vec::new();
    for seed in 0..200 {
        let log = open(&disk.crash(Crash::Subset(seed)), FROM_PAGE_CACHE).unwrap();
        assert_eq!(log.flushed(), 10);
        ends.push(log.next_offset());
    }
    assert!(ends.iter().all(|end| (10..=30).contains(end)), "{ends:?}");
    assert!(ends.iter().any(|end| (11..30).contains(end)), "there were holes to find: {ends:?}");
}

#[test]
fn a_synced_log_with_a_hole_is_refused_after_a_power_cut_too() {
    let (disk, _) = half_flushed();
    let refused = |seed| open(&disk.crash(Crash::Subset(seed)), SYNCED).is_err();
    assert!((0..200).any(refused), "sound records behind the hole may have been acknowledged");
}

#[test]
fn a_hole_after_a_mere_kill_is_damage() {
    let (disk, size) = half_flushed();
    let killed = disk.crash(Crash::KeepAll);
    harm(&killed, 20, size);
    assert!(matches!(open(&killed, FROM_PAGE_CACHE), Err(OpenLogError::Damaged { .. })));
}

#[test]
fn flushed_records_that_are_damaged_are_not_cut_after_a_power_cut() {
    let (disk, size) = half_flushed();
    let down = disk.crash(Crash::Prefix(1));
    // The lengths of two batches, so that the walk over headers stumbles.
    down.create(Path::new(FILE)).unwrap().write_at(&[&[0; 100]], 5 * size).unwrap();
    assert!(open(&down, FROM_PAGE_CACHE).is_err());
}

#[test]
fn a_start_that_was_interrupted_leaves_word_of_the_power_cut() {
    let (disk, size) = half_flushed();
    let down = disk.crash(Crash::Torn(3)).crash(Crash::KeepAll);
    // The first start after it was killed before all logs were open.
    drop(open(&down, FROM_PAGE_CACHE));
    let again = down.crash(Crash::KeepAll);
    harm(&again, 12, size);
    assert_eq!(open(&again, FROM_PAGE_CACHE).unwrap().next_offset(), 12);
    // This one was not: from then on it is as after any kill.
    let shared: Arc<dyn Disk> = Arc::new(again.clone());
    LogDir::open(&shared, Path::new(DIR)).unwrap().on_recovered().unwrap();
    let killed = again.crash(Crash::KeepAll);
    let mut log = open(&killed, FROM_PAGE_CACHE).unwrap();
    append(&mut log, 10);
    harm(&killed, 15, size);
    assert!(matches!(open(&killed, FROM_PAGE_CACHE), Err(OpenLogError::Damaged { .. })));
}
