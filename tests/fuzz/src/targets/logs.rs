//! A partition's directory: segments, indexes, aborted transactions, producer snapshots, epochs, whatever state they are
//! in.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use ottla_disk::{Disk, SimDisk, read};
use ottla_log::{Ended, Log, LogConfig, OpenLog, ReadLimits};
use ottla_records::{BatchBuilder, Batches, NewRecord, end_txn_marker, validate::AppendBatch};
use ottla_types::Millis;
use ottla_wire_tests::Rng;

use crate::{Allowance, Target};

const DIR: &str = "/data/t-0";
const SMALL: LogConfig = LogConfig {
    segment_bytes: 700,
    segment_ms: i64::MAX,
    segment_index_bytes: 1000,
    index_interval_bytes: 100,
    retention_ms: -1,
    file_delete_delay_ms: 0,
    producer_id_expiration_ms: 1000,
    ..LogConfig::DEFAULT
};

/// First byte: stopped cleanly or not. Then files: length of the name (1), length of the content (2), name, content.
pub(super) const PARTITION: Target = Target {
    name: "partition",
    // The disk in memory holds every file twice, recovery writes them again, and reads take a window of 8 KiB.
    allowance: Allowance { per_byte: 100, free: 1 << 20 },
    run,
    seed,
};

fn run(input: &[u8]) {
    let Some((choice, mut rest)) = input.split_first() else { return };
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    disk.create_dir_all(Path::new(DIR)).expect("a disk in memory");
    while let Some((name, content, after)) = next_file(rest) {
        let file = disk.create(&Path::new(DIR).join(name)).expect("a disk in memory");
        file.write_at(&[content], 0).expect("a disk in memory");
        rest = after;
    }
    let Ok(mut log) = open(&disk, choice & 1 != 0, i64::from(choice >> 1 & 7)) else { return };
    read_all(&log);
    let Ok(appended) = log.append(batch(b"after", None), 9, Millis(9)) else { return };
    log.flush().expect("a disk in memory does not fail");
    let limits = ReadLimits { below: i64::MAX, max_bytes: 1000, at_least_one: true };
    let read = log.read(appended.base_offset, limits).expect("what was just appended can be read");
    assert!(
        !read.records.is_empty(),
        "the record that was just appended is gone: {appended:?} {read:?} {} {}",
        log.size(),
        log.segment_count()
    );
    let _ = log.truncate_to(appended.base_offset / 2, Millis(9));
    let _ = log.close();
}

fn next_file(bytes: &[u8]) -> Option<(&str, &[u8], &[u8])> {
    let ([name, high, low], rest) = bytes.split_first_chunk::<3>()?;
    let (name, rest) = rest.split_at_checked(usize::from(*name))?;
    let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
    let (content, rest) = rest.split_at(length);
    let name =
        std::str::from_utf8(name).ok().filter(|name| !name.is_empty() && !name.contains(['/', '\0']))?;
    Some((name, content, rest)).filter(|_| name != "." && name != "..")
}

fn open(disk: &Arc<dyn Disk>, clean: bool, recovery_point: i64) -> Result<Log, ottla_log::OpenLogError> {
    let (dir, ended) = (Path::new(DIR).to_owned(), if clean { Ended::Cleanly } else { Ended::Killed });
    Log::open(disk, &OpenLog { dir, config: SMALL, log_start: 0, recovery_point, ended, now: Millis(5) })
}

fn read_all(log: &Log) {
    let mut at = log.log_start();
    // Offsets may have gaps of any size, so batches are counted, not offsets.
    for _ in 0..100 {
        let limits = ReadLimits { below: i64::MAX, max_bytes: 200, at_least_one: true };
        let Ok(read) = log.read(at, limits) else { break };
        if read.records.is_empty() {
            break;
        }
        assert!(read.next_offset > at, "reading does not get on at {at}");
        assert!(Batches::new(read.records).count() > 0, "a read gives whole batches");
        at = read.next_offset;
    }
    for timestamp in [i64::MIN, 0, 3, i64::MAX] {
        let _ = log.offset_for_timestamp(timestamp, i64::MAX);
    }
    let _ = log.max_timestamp_offset(i64::MAX);
    let _ = log.aborted_between(0, i64::MAX);
}

fn batch(value: &[u8], producer: Option<(i64, i32)>) -> AppendBatch {
    let mut builder = BatchBuilder::new();
    if let Some((id, sequence)) = producer {
        builder = builder.producer(id, 0, sequence).transactional();
    }
    for at in 0..2 {
        builder.push(&NewRecord { timestamp: at, value: Some(value), ..NewRecord::default() });
    }
    AppendBatch::trusted(&builder.finish().freeze()).expect("a batch that was just built")
}

/// What a log leaves behind.
fn seed(rng: &mut Rng) -> Vec<u8> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let mut log = open(&disk, false, 0).expect("an empty disk");
    let mut sequences = [0; 2];
    for at in 0..rng.below(14) {
        let producer = rng.below(3);
        let sent = sequences.get_mut(producer).map(|sequence| {
            *sequence += 2;
            (producer as i64, *sequence - 2)
        });
        let value = vec![b'v'; rng.below(60)];
        log.append(batch(&value, sent), at as i32 / 4, Millis(at as i64)).expect("a disk in memory");
        if let Some((id, _)) = sent.filter(|_| rng.one_in(3)) {
            let marker = end_txn_marker((id, 0), rng.one_in(2), 1, at as i64).freeze();
            let marker = AppendBatch::trusted(&marker).expect("a marker that was just built");
            let _ = log.append(marker, at as i32 / 4, Millis(at as i64));
        }
    }
    log.flush().expect("a disk in memory");
    if rng.one_in(2) {
        log.close().expect("a disk in memory");
    }
    let mut input = vec![rng.next() as u8];
    for entry in disk.list(Path::new(DIR)).expect("the log's directory").iter().filter(|entry| !entry.is_dir)
    {
        let content =
            Bytes::from(read(&*disk, &Path::new(DIR).join(&entry.name)).expect("a file that is there"));
        input.push(entry.name.len() as u8);
        input.extend((content.len() as u16).to_be_bytes());
        input.extend(entry.name.as_bytes());
        input.extend(&content);
    }
    input
}
