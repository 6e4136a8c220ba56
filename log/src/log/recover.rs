//! Finding the end of a log again, and with it the state of its producers and epochs.
//!
//! What lies below the recovery point was flushed: its segments are trusted as far as their lengths agree, and an end
//! before it is damage. Behind it the last writes may be torn: the tail of the file is cut, but only if nothing sound
//! stands behind the cut in it, because then it was no tail (bugs of others: a committed middle taken for a torn end).
//! A flush covers segments in their order, so what stands in segments behind a lost tail was never flushed: it is cut
//! too, and the log ends where its records without a gap do. Compaction leaves gaps, so there only torn tails count.
//! Whatever can be computed from records (indexes, aborted transactions, producers, epochs) is computed again for every
//! segment that is scanned. The checksums of what was flushed are not verified: a crash does not touch it, and it may be a gigabyte
//! for each partition.

mod cut;
mod scan;
mod trusted;

use std::collections::{BTreeMap, BTreeSet};

use ottla_mutant::mutant;

use super::{Log, OpenLog, OpenLogError};

impl Log {
    /// Finds the end of the log. A log that was stopped cleanly is not scanned, except where an index is missing.
    pub(super) fn recover(&mut self, open: &OpenLog, clean: bool) -> Result<(), OpenLogError> {
        let io = |source| OpenLogError::Io { dir: open.dir.display().to_string(), source };
        let bases: Vec<i64> = self.segments.keys().copied().collect();
        let (first, last) = (bases[0], bases[bases.len() - 1]);
        let epochs_known = !self.epochs.entries().is_empty();
        let scan_from = match clean {
            true => i64::MAX,
            false if !epochs_known => first,
            // The segment that ends just there was perhaps finished after the flush, and its indexes were not flushed.
            false => {
                let at = self.recovery_point + i64::from(mutant!("finished_segment_trusted_too_early"));
                bases.iter().rev().find(|base| **base < at).copied().unwrap_or(first)
            }
        };
        let mut scan = BTreeSet::new();
        let mut ends = BTreeMap::new();
        for base in &bases {
            let trusted = *base < scan_from && self.trust(*base).map_err(io)?;
            match if trusted { self.end_by_headers(*base).map_err(io)? } else { None } {
                Some(end) => drop(ends.insert(*base, end)),
                None => drop(scan.insert(*base)),
            }
        }
        if !clean {
            self.epochs.truncate_from_end(scan_from);
        }
        let clean_end = ends.get(&last).copied().unwrap_or(last);
        let limit = scan.first().copied().unwrap_or(clean_end);
        let replay_from = self.load_producers(limit, open.now).map_err(io)?;
        for base in bases {
            if !self.segments.contains_key(&base) {
                break;
            }
            if base > first
                && base > self.next_offset
                && !self.config.compact
                && self.cut_behind_gap(base, open)?
            {
                break;
            }
            if base > first && base < self.next_offset && self.is_leftover(base).map_err(io)? {
                continue;
            }
            if scan.contains(&base) {
                self.scan(base, replay_from, open)?;
            } else {
                self.replay_headers(base, replay_from, open.now).map_err(io)?;
                self.next_offset = ends.get(&base).copied().unwrap_or(self.next_offset);
            }
        }
        self.epochs_dirty |= self.epochs.truncate_from_end(self.next_offset);
        self.producers.advance_to(self.next_offset);
        self.remove_snapshots(self.next_offset).map_err(io)
    }
}
