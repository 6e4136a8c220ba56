//! What was flushed before an unclean stop is passed by its headers; what follows is checked byte by byte.

use std::{path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk};
use ottla_log::{Ended, Log, LogConfig, OpenLog, OpenLogError, ReadLimits};
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::Millis;

const DIR: &str = "/data/t-0";
const FILE: &str = "/data/t-0/00000000000000000000.log";

fn open(disk: &Arc<dyn Disk>, recovery_point: i64) -> Result<Log, OpenLogError> {
    let config = LogConfig { index_interval_bytes: 100, ..LogConfig::default() };
    let dir = Path::new(DIR).to_owned();
    Log::open(
        disk,
        &OpenLog { dir, config, log_start: 0, recovery_point, ended: Ended::Killed, now: Millis(1) },
    )
}

fn append(log: &mut Log, count: i32) {
    for _ in 0..count {
        let sequence = i32::try_from(log.next_offset()).expect("a small log");
        let mut batch = BatchBuilder::new().producer(9, 0, sequence);
        batch.push(&NewRecord { timestamp: 7, value: Some(&[b'x'; 50]), ..NewRecord::default() });
        let batch = AppendBatch::trusted(&batch.finish().freeze()).expect("a batch just built");
        log.append(batch, 3, Millis(5)).expect("a batch that follows the last");
    }
}

/// Ten records that were flushed, ten that were not, and the size of a batch.
fn half_flushed() -> (Arc<dyn Disk>, u64) {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, 0).expect("a new log");
    append(&mut log, 10);
    log.flush().expect("a sound disk");
    append(&mut log, 10);
    assert_eq!((log.recovery_point(), log.next_offset()), (10, 20));
    (disk, log.size() / 20)
}

fn overwrite(disk: &Arc<dyn Disk>, at: u64, bytes: &[u8]) {
    disk.create(Path::new(FILE)).expect("the record file").write_at(&[bytes], at).expect("a sound disk");
}

#[test]
fn everything_computed_from_the_records_is_as_after_a_full_scan() {
    let (disk, size) = half_flushed();
    let full = open(&disk, 0).expect("a sound log");
    let full = (full.next_offset(), full.size(), format!("{:?}{:?}", full.producers(), full.epochs()));
    let passed = open(&disk, 10).expect("a sound log");
    let limits = ReadLimits { below: 20, max_bytes: 1, at_least_one: true };
    for offset in 0..20 {
        let read = passed.read(offset, limits).expect("a record");
        assert_eq!((read.records.len() as u64, read.next_offset), (size, offset + 1));
    }
    assert_eq!(full, (20, passed.size(), format!("{:?}{:?}", passed.producers(), passed.epochs())));
}

#[test]
fn a_torn_tail_is_cut_and_the_flushed_part_stays() {
    let (disk, size) = half_flushed();
    // Inside the payload of the last batch: only its checksum tells.
    overwrite(&disk, 20 * size - 5, b"y");
    assert_eq!(open(&disk, 10).expect("a torn log").next_offset(), 19);
}

#[test]
fn damage_behind_the_flushed_part_with_sound_records_after_it_is_reported() {
    let (disk, size) = half_flushed();
    overwrite(&disk, 13 * size - 5, b"y");
    assert!(matches!(open(&disk, 10), Err(OpenLogError::Damaged { .. })));
}

#[test]
fn a_flushed_part_that_makes_no_sense_is_damage() {
    let (disk, size) = half_flushed();
    // The length of the fifth batch, and everything behind.
    overwrite(&disk, 4 * size + 8, &vec![0; 16 * size as usize - 8]);
    assert!(matches!(open(&disk, 10), Err(OpenLogError::Damaged { .. })));
}

#[test]
fn a_flushed_part_that_is_gone_is_reported() {
    let (disk, size) = half_flushed();
    disk.create(Path::new(FILE)).expect("the record file").set_len(5 * size).expect("a sound disk");
    assert!(matches!(open(&disk, 10), Err(OpenLogError::Short { end: 5, flushed: 10, .. })));
}
