//! Reads of any size from any offset, on segments with and without their index in memory, against a walk of all batches.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use ottla_disk::{Disk, SimDisk};
use ottla_log::{Ended, Log, LogConfig, OpenLog, Patience, ReadError, ReadLimits, Stored};
use ottla_records::{BatchBuilder, BatchHeader, Batches, NewRecord, validate::AppendBatch};
use ottla_types::Millis;
use proptest::prelude::*;

fn batch(records: usize, value_bytes: usize) -> AppendBatch {
    let mut builder = BatchBuilder::new();
    let value = vec![b'v'; value_bytes];
    for _ in 0..records {
        builder.push(&NewRecord { timestamp: 1, value: Some(&value), ..NewRecord::default() });
    }
    AppendBatch::trusted(&builder.finish().freeze()).expect("a batch just built")
}

fn open(disk: &Arc<dyn Disk>) -> Log {
    let config = LogConfig { segment_bytes: 100_000, index_interval_bytes: 1000, ..LogConfig::default() };
    let dir = Path::new("/data/t-0").to_owned();
    let open =
        OpenLog { dir, config, log_start: 0, recovery_point: 0, ended: Ended::Cleanly, now: Millis(1) };
    Log::open(disk, &open).expect("an empty directory, or one that was stopped cleanly")
}

fn log(batches: &[(usize, usize)]) -> Log {
    log_on(&(Arc::new(SimDisk::new()) as Arc<dyn Disk>), batches)
}

fn log_on(disk: &Arc<dyn Disk>, batches: &[(usize, usize)]) -> Log {
    let mut log = open(disk);
    for (records, bytes) in batches {
        log.append(batch(*records, *bytes), 0, Millis(1)).expect("the simulated disk has room");
    }
    log
}

/// Every batch, segment by segment: all of a segment in one read.
fn everything(log: &Log) -> Vec<(Bytes, BatchHeader)> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < log.next_offset() {
        let limits = ReadLimits { below: i64::MAX, max_bytes: usize::MAX, at_least_one: true };
        let read = log.read(at, limits).expect("what was appended can be read");
        let mut from = 0;
        for batch in Batches::new(read.records.clone()) {
            let header = *batch.expect("a whole batch").header();
            let end = from + header.size_in_bytes();
            all.push((read.records.slice(from..end), header));
            from = end;
        }
        at = read.next_offset;
    }
    all
}

/// What a read has to give: batches from the one that holds the offset on, of one segment, as far as the limits go.
fn expected(all: &[(Bytes, BatchHeader)], read_in_one: &[i64], offset: i64, limits: ReadLimits) -> Vec<u8> {
    let mut found = Vec::new();
    let segment_end = read_in_one.iter().copied().find(|end| *end > offset).unwrap_or(i64::MAX);
    for (bytes, header) in all.iter().filter(|(_, header)| header.last_offset() >= offset) {
        let free = found.is_empty() && limits.at_least_one;
        let too_much = found.len() + bytes.len() > limits.max_bytes && !free;
        if too_much || header.last_offset() >= limits.below || header.base_offset >= segment_end {
            break;
        }
        found.extend_from_slice(bytes);
    }
    found
}

fn segment_ends(log: &Log) -> Vec<i64> {
    let mut ends = Vec::new();
    let mut at = 0;
    while at < log.next_offset() {
        let limits = ReadLimits { below: i64::MAX, max_bytes: usize::MAX, at_least_one: true };
        at = log.read(at, limits).expect("what was appended can be read").next_offset;
        ends.push(at);
    }
    ends
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_read_gives_the_batches_within_its_limits(
        batches in prop::collection::vec((1usize..8, prop_oneof![1usize..200, 1usize..9000]), 1..60),
        asked in prop::collection::vec((0.0..1.0f64, 0.0..1.2f64, prop_oneof![0usize..300, 0usize..120_000], any::<bool>()), 20),
    ) {
        let log = log(&batches);
        let (all, ends) = (everything(&log), segment_ends(&log));
        for (from, below, max_bytes, at_least_one) in asked {
            let end = log.next_offset();
            let share = |part: f64| (part * end as f64) as i64;
            let (offset, below) = (share(from).min(end - 1), share(below));
            let limits = ReadLimits { below, max_bytes, at_least_one };
            let read = log.read(offset, limits).expect("an offset within the log");
            let wanted = expected(&all, &ends, offset, limits);
            prop_assert_eq!(&read.records[..], &wanted[..], "from {} with {:?}", offset, limits);
            if !wanted.is_empty() {
                let last = all.iter().rev().find(|(_, header)| header.base_offset < read.next_offset);
                prop_assert_eq!(last.map(|(_, header)| header.next_offset()), Some(read.next_offset));
            }
        }
    }
}

#[test]
fn large_reads_stay_in_the_file_and_small_ones_come_with_the_headers() {
    let log = log(&[(1, 100), (1, 60_000), (1, 100)]);
    let stored = |offset, max_bytes| {
        let limits = ReadLimits { below: i64::MAX, max_bytes, at_least_one: true };
        let plan = log.plan_read(offset, limits).expect("within the log").expect("below the end");
        plan.find(Patience::Disk).expect("a sound log").batches
    };
    assert!(matches!(stored(0, 1), Stored::Memory(bytes) if bytes.len() < 300));
    assert!(matches!(stored(0, 1 << 20), Stored::File { position: 0, length, .. } if length > 60_000));
    assert!(matches!(stored(2, 1 << 20), Stored::Memory(bytes) if bytes.len() < 300));
}

/// Two batches of 40,000 bytes, stopped cleanly, with one byte of the batch at `harmed` changed; opened again.
fn harmed(harmed: u64) -> Log {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = log_on(&disk, &[(1, 40_000), (1, 40_000)]);
    let size = log.size() / 2;
    log.close().expect("the simulated disk has room");
    drop(log);
    let file = disk.create(Path::new("/data/t-0/00000000000000000000.log")).expect("the segment");
    file.write_at(&[b"x"], harmed * size + 20_000).expect("the simulated disk has room");
    open(&disk)
}

fn find(log: &Log, patience: Patience) -> Result<Stored, ReadError> {
    let limits = ReadLimits { below: i64::MAX, max_bytes: 1 << 20, at_least_one: true };
    let plan = log.plan_read(0, limits).expect("within the log").expect("below the end");
    plan.find(patience).map(|found| found.batches)
}

#[test]
fn damage_is_not_sent_from_the_file_and_what_stands_before_it_is() {
    assert!(matches!(find(&harmed(0), Patience::Disk), Err(ReadError::Io(_))));
    let batches = find(&harmed(1), Patience::Disk).expect("the first batch is sound");
    assert!(matches!(batches, Stored::File { position: 0, length, .. } if length < 50_000), "{batches:?}");
}

#[test]
fn what_nobody_has_checked_yet_is_left_to_who_may_wait_and_checked_once() {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut written = log_on(&disk, &[(1, 40_000), (1, 40_000)]);
    assert!(find(&written, Patience::Cached).is_ok(), "this process wrote it");
    written.close().expect("the simulated disk has room");
    drop(written);
    let log = open(&disk);
    assert!(matches!(find(&log, Patience::Cached), Err(ReadError::NotCached)));
    assert!(find(&log, Patience::Disk).is_ok());
    assert!(find(&log, Patience::Cached).is_ok());
}
