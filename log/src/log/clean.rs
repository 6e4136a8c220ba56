//! What of a log may be compacted, and cleaned segments taking their place.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use ottla_mutant::mutant;
use ottla_replication::producer::SnapshotEntry;
use ottla_types::Millis;

use super::{Log, retention::rename_deleted, swap};
use crate::{
    CleanError, Cleaned, Cleaning,
    clean::{Extent, LastRecord, Source},
    failure, names,
    segment::Segment,
    snapshot,
};

/// How much of a log is to be compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleanable {
    /// Everything below was compacted before.
    pub first_dirty: i64,
    /// Nothing at or behind may be compacted yet.
    pub end: i64,
    /// Bytes of the segments that were.
    pub clean_bytes: u64,
    /// Bytes of those that may be.
    pub dirty_bytes: u64,
    /// When the oldest of these begin.
    pub oldest_dirty: Option<i64>,
}

impl Cleanable {
    /// Which part of the log is dirty, from 0 to 1.
    #[must_use]
    pub fn dirty_ratio(&self) -> f64 {
        let all = self.clean_bytes + self.dirty_bytes;
        if all == 0 { 0.0 } else { self.dirty_bytes as f64 / all as f64 }
    }
}

impl Log {
    /// What is to be compacted of a log that was up to `cleaned` before. Nothing at or behind `bound` is: the high
    /// watermark, the last stable offset, what a checkpoint says is durable. The log itself leaves out its active segment,
    /// open transactions, and what `min.compaction.lag.ms` protects.
    #[must_use]
    pub fn cleanable(&self, cleaned: i64, bound: i64, now: Millis) -> Cleanable {
        let end = if mutant!("cleaner_bound") { self.next_offset } else { bound.min(self.recovery_point) };
        let end = end.min(self.producers.first_open_offset().unwrap_or(i64::MAX));
        // A checkpoint that cannot be is one of another life.
        let known = (self.log_start..=self.next_offset).contains(&cleaned);
        let first_dirty = if known { cleaned } else { self.log_start };
        let mut cleanable =
            Cleanable { first_dirty, end: first_dirty, clean_bytes: 0, dirty_bytes: 0, oldest_dirty: None };
        let active = self.active().base_offset;
        let nexts = self.segments.keys().skip(1);
        for (segment, next) in self.segments.values().zip(nexts) {
            if segment.base_offset < first_dirty {
                cleanable.clean_bytes += segment.size;
            }
            if *next <= first_dirty {
                continue;
            }
            if *next > end || segment.base_offset >= active || self.is_too_young(segment, now) {
                break;
            }
            cleanable.end = *next;
            cleanable.dirty_bytes += segment.size;
            let begins = segment.first_timestamp.filter(|begins| *begins > 0);
            cleanable.oldest_dirty = match (cleanable.oldest_dirty, begins) {
                (Some(oldest), Some(begins)) => Some(oldest.min(begins)),
                (known, begins) => known.or(begins),
            };
        }
        cleanable
    }

    fn is_too_young(&self, segment: &Segment, now: Millis) -> bool {
        let lag = self.config.min_compaction_lag_ms;
        lag > 0 && segment.max_timestamp.timestamp > now.0.saturating_sub(lag)
    }

    /// Decides a cleaning of everything up to [`end`](Cleanable::end).
    ///
    /// # Errors
    /// As the disk says.
    pub fn plan_cleaning(&self, cleanable: &Cleanable, now: Millis) -> io::Result<Cleaning> {
        let nexts = self.segments.keys().skip(1);
        let whole = self.segments.values().zip(nexts).take_while(|(_, next)| **next <= cleanable.end);
        let source = |(segment, next): (&Segment, &i64)| Source {
            extent: Extent { base: segment.base_offset, next: *next, size: segment.size },
            path: segment.path(),
            identity: Arc::clone(&segment.checked),
        };
        let sources: Vec<Source> = whole.map(source).collect();
        let first = self.segments.keys().next().copied().unwrap_or_default();
        Ok(Cleaning {
            disk: Arc::clone(&self.disk),
            dir: self.dir.clone(),
            config: self.config,
            room: self.room.clone(),
            first_dirty: cleanable.first_dirty,
            truncations: self.truncations,
            aborted: self.aborted_between(first, cleanable.end)?,
            producers: self.last_records(cleanable.end),
            sources,
            now,
        })
    }

    /// The last batches of every producer: as the log knows them now, and as they were at `end`, a segment's base. What
    /// stands behind it may not be durable, and a crash that takes it must leave the ones before.
    fn last_records(&self, end: i64) -> HashMap<i64, Vec<LastRecord>> {
        let path = names::file(&self.dir, end, names::SNAPSHOT);
        let before = snapshot::load(&*self.disk, &path).unwrap_or_default();
        let mut records: HashMap<i64, Vec<LastRecord>> = HashMap::new();
        for entries in [self.producers.snapshot_entries(), before] {
            // The last line of a producer is that of its last batch.
            let last = |entry: &SnapshotEntry| LastRecord {
                last_offset: (entry.last_offset >= 0).then_some(entry.last_offset),
                epoch: entry.producer_epoch,
            };
            let of_each: HashMap<i64, LastRecord> =
                entries.iter().map(|entry| (entry.producer_id, last(entry))).collect();
            for (id, last) in of_each {
                records.entry(id).or_default().push(last);
            }
        }
        records
    }

    /// Whether other segments stand where the cleaning was decided for some: then what it has read means nothing.
    #[must_use]
    pub fn has_changed_since(&self, cleaning: &Cleaning) -> bool {
        // The cleaning itself joins segments, but the first one begins where it did.
        let first = cleaning.sources.first().map(|source| source.extent.base);
        cleaning.truncations != self.truncations || self.segments.keys().next().copied() != first
    }

    /// Puts a cleaned segment in the place of those it was made from. Answers the renamed files, which the caller removes
    /// after `file.delete.delay.ms`.
    ///
    /// # Errors
    /// Those no longer stand, or the disk fails: then the log takes no more appends, and the next open ends what was begun.
    pub fn replace(&mut self, cleaned: Cleaned) -> Result<Vec<PathBuf>, CleanError> {
        let stands = |source: &Source| {
            let segment = self.segments.get(&source.extent.base);
            segment.is_some_and(|segment| Arc::ptr_eq(&segment.checked, &source.identity))
        };
        if self.failed.is_some()
            || cleaned.truncations != self.truncations
            || !cleaned.sources.iter().all(stands)
        {
            if self.failed.is_none() {
                cleaned.discard(&*self.disk);
            }
            return Err(CleanError::Changed);
        }
        let removed = self.swap(&cleaned).inspect_err(|error| {
            self.failed.get_or_insert(format!("a cleaned segment could not take its place: {error}"));
        })?;
        let Cleaned { segment, sources, .. } = cleaned;
        for source in &sources {
            self.segments.remove(&source.extent.base);
        }
        segment.close_file();
        self.segments.insert(segment.base_offset, segment);
        self.replacements += 1;
        Ok(removed)
    }

    /// The new files become whole under the name of ones that count, then the old ones go, then the new ones take their
    /// names: at every moment a crash leaves something from which [`swap::finish`] gets to one of the two.
    fn swap(&self, cleaned: &Cleaned) -> io::Result<Vec<PathBuf>> {
        let new = cleaned.segment.all_paths();
        for path in &new {
            self.rename_existing(path, names::BEING_CLEANED, names::SWAP)?;
        }
        self.settle_names()?;
        let mut removed = Vec::new();
        for source in &cleaned.sources {
            source.identity.set_replaced();
            let base = source.extent.base;
            let mut paths = Segment::new(&self.disk, &self.dir, base).paths();
            let snapshot = names::file(&self.dir, base, names::SNAPSHOT);
            // No segment begins there any more, and newer ones say what it says.
            if base != cleaned.segment.base_offset && self.disk.exists(&snapshot) {
                paths.push(snapshot);
            }
            for path in paths {
                removed.push(rename_deleted(self, &path)?);
            }
        }
        self.settle_names()?;
        let [records, others @ ..] = &new;
        self.rename_existing(records, names::SWAP, "")?;
        self.settle_names()?;
        // Names of indexes that a crash takes back are given again by the next open: nothing waits for them.
        for path in others {
            self.rename_existing(path, names::SWAP, "")?;
        }
        Ok(removed)
    }

    fn rename_existing(&self, path: &std::path::Path, from: &str, to: &str) -> io::Result<()> {
        swap::rename(&*self.disk, path, from, to)
    }

    /// The names so far are durable before the next ones change. Where there is no descriptor for that, those of this log
    /// are given back: half a swap would take it offline.
    fn settle_names(&self) -> io::Result<()> {
        match self.disk.sync_dir(&self.dir) {
            Err(error) if failure::is_no_descriptor(&error) => {
                self.close_files();
                self.disk.sync_dir(&self.dir)
            }
            other => other,
        }
    }
}
