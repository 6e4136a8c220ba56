//! What the disk may begin with before anybody flushes: every byte once, and none that a flush covers.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::{path::Path, sync::Arc};

use ottla_disk::{Disk, SimDisk};
use ottla_log::{Ended, Log, LogConfig, OpenLog};
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::Millis;

const MIB: u64 = 1 << 20;

fn open(segment_bytes: u64) -> Log {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new());
    let config = LogConfig { segment_bytes, ..LogConfig::default() };
    let dir = Path::new("/data/t-0").to_owned();
    Log::open(
        &disk,
        &OpenLog { dir, config, log_start: 0, recovery_point: 0, ended: Ended::Killed, now: Millis(1) },
    )
    .unwrap()
}

/// Appends batches a little larger than a megabyte; the pieces that were asked for after each.
fn fill(log: &mut Log, batches: usize) -> Vec<(u64, u64)> {
    let mut builder = BatchBuilder::new();
    builder.push(&NewRecord { value: Some(&[b'x'; MIB as usize]), ..NewRecord::default() });
    let bytes = builder.finish().freeze();
    let piece = |_| {
        log.append(AppendBatch::trusted(&bytes).unwrap(), 0, Millis(1)).unwrap();
        log.next_piece().map(|piece| (piece.range.start, piece.range.end))
    };
    (0..batches).filter_map(piece).collect()
}

#[test]
fn pieces_follow_one_another() {
    let mut log = open(1 << 30);
    let pieces = fill(&mut log, 21);
    assert_eq!(pieces.len(), 5, "{pieces:?}");
    assert_eq!(pieces[0].0, 0);
    assert!(pieces.windows(2).all(|two| two[0].1 == two[1].0), "{pieces:?}");
}

#[test]
fn a_flush_covers_what_was_written_before_it_began() {
    let mut log = open(1 << 30);
    assert!(fill(&mut log, 3).is_empty());
    let work = log.start_flush();
    assert!(fill(&mut log, 3).is_empty(), "what the flush covers does not count");
    drop(work);
    let next = fill(&mut log, 1);
    assert!(next[0].0 > 2 * MIB, "{next:?}");
}

#[test]
fn a_new_segment_and_a_cut_one_begin_anew() {
    let mut log = open(8 * MIB);
    assert_eq!(fill(&mut log, 6).len(), 1);
    assert_eq!(fill(&mut log, 6).iter().map(|piece| piece.0).collect::<Vec<_>>(), [0], "the second segment");
    log.truncate_to(8, Millis(1)).unwrap();
    let cut = log.next_offset();
    assert_eq!(cut, 8);
    // The truncation has flushed the one record that is left.
    assert!(fill(&mut log, 3).is_empty());
    assert_eq!(fill(&mut log, 2).len(), 1);
}
