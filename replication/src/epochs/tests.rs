use proptest::prelude::*;

use super::{EpochCache, EpochEnd, EpochEntry};

fn cache(entries: &[(i32, i64)]) -> EpochCache {
    EpochCache::from_entries(
        entries.iter().map(|(epoch, start_offset)| EpochEntry { epoch: *epoch, start_offset: *start_offset }),
    )
}

fn end(epoch: i32, end_offset: i64) -> EpochEnd {
    EpochEnd { epoch, end_offset }
}

#[test]
fn answers_where_an_epoch_ends() {
    let cache = cache(&[(2, 10), (4, 20), (5, 30)]);
    assert_eq!(cache.end_offset_for(5, 35), end(5, 35), "the latest ends with the log");
    assert_eq!(cache.end_offset_for(4, 35), end(4, 30));
    assert_eq!(
        cache.end_offset_for(3, 35),
        end(2, 20),
        "an epoch without records: the largest below it (KIP-279)"
    );
    assert_eq!(cache.end_offset_for(2, 35), end(2, 20));
    assert_eq!(cache.end_offset_for(1, 35), end(1, 10), "below all known: where the first known begins");
    assert_eq!(cache.end_offset_for(6, 35), EpochEnd::UNDEFINED);
    assert_eq!(cache.end_offset_for(-1, 35), EpochEnd::UNDEFINED);
    assert_eq!(EpochCache::new().end_offset_for(0, 0), EpochEnd::UNDEFINED);
}

#[test]
fn epoch_zero_is_an_epoch_like_others() {
    let cache = cache(&[(0, 0)]);
    assert_eq!(cache.end_offset_for(0, 7), end(0, 7));
    assert_eq!(cache.epoch_of(3), Some(0));
    assert_eq!(cache.latest_epoch(), Some(0));
    assert_eq!(cache.previous_epoch(), None);
}

#[test]
fn assigning_drops_what_a_truncation_left_behind() {
    let mut cache = cache(&[(1, 0), (2, 10), (3, 20)]);
    assert!(cache.assign(4, 15));
    assert_eq!(
        cache.entries(),
        [
            EpochEntry { epoch: 1, start_offset: 0 },
            EpochEntry { epoch: 2, start_offset: 10 },
            EpochEntry { epoch: 4, start_offset: 15 }
        ]
    );
    assert!(!cache.assign(4, 18), "a later batch of the same epoch changes nothing");
    assert!(!cache.assign(-1, 18), "batches without an epoch are not noted");
    assert_eq!(cache.epoch_before(4), Some(2));
    assert_eq!(cache.start_of(2), Some(10));
    assert_eq!(cache.start_of(3), None);
}

#[test]
fn truncating_the_start_keeps_the_epoch_that_covers_it() {
    let mut cache = cache(&[(1, 0), (2, 10), (3, 20)]);
    assert!(cache.truncate_from_start(12));
    assert_eq!(cache.entries()[0], EpochEntry { epoch: 2, start_offset: 12 });
    assert!(!cache.truncate_from_start(12), "twice is once");
    assert!(!cache.truncate_from_start(5));
    assert!(cache.truncate_from_start(20));
    assert_eq!(cache.entries(), [EpochEntry { epoch: 3, start_offset: 20 }]);
}

/// A log as the epoch of each offset, from which the entries can be recomputed.
#[derive(Debug, Default)]
struct Log {
    start: i64,
    epochs: Vec<i32>,
}

impl Log {
    fn end(&self) -> i64 {
        self.start + self.epochs.len() as i64
    }

    fn entries(&self) -> Vec<EpochEntry> {
        let mut entries: Vec<EpochEntry> = Vec::new();
        for (at, epoch) in self.epochs.iter().enumerate() {
            if entries.last().is_none_or(|last| last.epoch != *epoch) {
                entries.push(EpochEntry { epoch: *epoch, start_offset: self.start + at as i64 });
            }
        }
        entries
    }
}

#[derive(Debug, Clone)]
enum Step {
    Append { count: u8 },
    NewEpoch { by: u8 },
    TruncateEnd { share: u8 },
    TruncateStart { share: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..6u8).prop_map(|count| Step::Append { count }),
        2 => (1..4u8).prop_map(|by| Step::NewEpoch { by }),
        1 => any::<u8>().prop_map(|share| Step::TruncateEnd { share }),
        1 => any::<u8>().prop_map(|share| Step::TruncateStart { share }),
    ]
}

proptest! {
    #[test]
    fn the_cache_is_what_a_scan_of_the_log_gives(steps in prop::collection::vec(step(), 1..60)) {
        let (mut log, mut cache, mut epoch) = (Log::default(), EpochCache::new(), 0);
        for step in steps {
            match step {
                Step::Append { count } => {
                    cache.assign(epoch, log.end());
                    log.epochs.extend(std::iter::repeat_n(epoch, usize::from(count)));
                }
                Step::NewEpoch { by } => epoch += i32::from(by),
                Step::TruncateEnd { share } => {
                    let keep = log.epochs.len() * usize::from(share) / 255;
                    log.epochs.truncate(keep);
                    cache.truncate_from_end(log.end());
                }
                Step::TruncateStart { share } => {
                    let drop = log.epochs.len() * usize::from(share) / 255;
                    log.epochs.drain(..drop);
                    log.start += drop as i64;
                    cache.truncate_from_start(log.start);
                }
            }
            // An emptied log keeps the epoch it ended with, at its end: no record, so no entry in a scan.
            let with_records: Vec<_> =
                cache.entries().iter().copied().filter(|entry| entry.start_offset < log.end()).collect();
            prop_assert_eq!(&with_records, &log.entries());
            prop_assert_eq!(&EpochCache::from_entries(cache.entries().iter().copied()), &cache);
            for offset in log.start..log.end() {
                prop_assert_eq!(cache.epoch_of(offset), Some(log.epochs[(offset - log.start) as usize]));
            }
            for asked in 0..=epoch {
                let below = log.epochs.iter().filter(|known| **known <= asked).count() as i64;
                let answer = cache.end_offset_for(asked, log.end());
                if log.epochs.iter().any(|known| *known >= asked) {
                    prop_assert_eq!(answer.end_offset, log.start + below);
                }
            }
        }
    }
}
