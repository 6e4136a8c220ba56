//! Partitions nobody writes to keep no file open: neither new ones nor those of an unclean stop.
#![cfg(target_os = "linux")]

use std::{fs, path::Path, sync::Arc};

use ottla_disk::{Disk, RealDisk};
use ottla_log::{Checkpointed, LogConfig, LogDir, MetaProperties, TopicPartition, write_meta_properties};
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::{Millis, Uuid};

const PARTITIONS: i32 = 40;

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").expect("Linux tells").count()
}

fn partition(index: i32) -> TopicPartition {
    TopicPartition { topic: "t".into(), partition: index }
}

fn log_dir(disk: &Arc<dyn Disk>, path: &Path) -> LogDir {
    LogDir::open(disk, path).expect("a formatted directory")
}

#[test]
fn idle_partitions_keep_no_descriptor() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let meta = MetaProperties { cluster_id: "c".into(), node_id: 1, directory_id: Uuid([7; 16]) };
    write_meta_properties(&*disk, dir.path(), &meta).expect("a directory that can be formatted");
    let new = log_dir(&disk, dir.path());
    let before = open_files();
    let create = |index| {
        let config = LogConfig::default();
        new.create(&partition(index), Uuid([8; 16]), config, Millis(1)).expect("a new partition")
    };
    let mut logs: Vec<_> = (0..PARTITIONS).map(create).collect();
    assert_eq!(open_files(), before, "new partitions");

    let mut checkpointed = Vec::new();
    for (index, log) in (0..).zip(&mut logs) {
        let mut batch = BatchBuilder::new();
        batch.push(&NewRecord { value: Some(b"x"), ..NewRecord::default() });
        let batch = AppendBatch::trusted(&batch.finish().freeze()).expect("a batch just built");
        log.append(batch, 0, Millis(1)).expect("a sound disk");
        log.flush().expect("a sound disk");
        checkpointed.push(Checkpointed {
            partition: partition(index),
            recovery_point: log.recovery_point(),
            log_start: 0,
            high_watermark: 1,
        });
    }
    new.write_checkpoints(&checkpointed).expect("a sound disk");
    drop((logs, new));

    let killed = log_dir(&disk, dir.path());
    let before = open_files();
    let opened = killed.open_all(2, Millis(1), |_| LogConfig::default()).expect("a sound directory");
    let logs: Vec<_> = opened.partitions.into_iter().map(|one| one.log.expect("a sound log")).collect();
    assert!(logs.iter().all(|log| log.next_offset() == 1 && !log.is_dirty()));
    assert_eq!((logs.len(), open_files()), (40, before), "partitions of a killed process");
}
