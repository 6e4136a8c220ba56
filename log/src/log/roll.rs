//! Beginning a new segment.

use std::{io, path::Path};

use ottla_mutant::mutant;
use ottla_records::BatchHeader;
use ottla_types::Millis;

use super::Log;
use crate::segment::Segment;

impl Log {
    pub(super) fn roll_if_needed(&mut self, batch: &BatchHeader, now: Millis) -> io::Result<()> {
        let active = self.active();
        if active.size > 0 && self.is_old(batch, now)
            || active.is_full(batch, batch.last_offset(), &self.config)
        {
            self.roll()?;
            self.active_since = now;
        }
        Ok(())
    }

    /// `segment.ms` counts in record time where there are timestamps, else from when the segment began.
    fn is_old(&self, batch: &BatchHeader, now: Millis) -> bool {
        let active = self.active();
        let age = match active.first_timestamp {
            Some(first) if first >= 0 => batch.max_timestamp.saturating_sub(first),
            _ => now.0.saturating_sub(self.active_since.0),
        };
        age > self.config.max_segment_ms().saturating_sub(self.jitter(active.base_offset))
    }

    /// Between 0 and `segment.jitter.ms`, different for every segment, so that not all logs roll at once.
    fn jitter(&self, base_offset: i64) -> i64 {
        let most = self.config.segment_jitter_ms.min(self.config.max_segment_ms());
        if most <= 0 {
            return 0;
        }
        i64::from(hash(&self.dir, base_offset)) % most
    }

    /// Begins a new segment at the end of the log. The old one's indexes and the state of the producers are written;
    /// the next flush makes them durable, until then a restart scans the old segment again.
    ///
    /// # Errors
    /// As the disk says; the old segment stays the active one.
    pub fn roll(&mut self) -> io::Result<()> {
        if self.active().size == 0 {
            return Ok(());
        }
        let files = self.active_mut().write_indexes()?;
        let snapshot = self.write_snapshot()?;
        let next = Segment::create(&self.disk, &self.dir, self.next_offset)?;
        self.active_mut().forget_indexes();
        self.active_mut().release();
        // Who flushes or reads it has a handle of its own; a log of a thousand segments needs no thousand descriptors.
        self.active().close_file();
        if !mutant!("finished_index_not_synced") {
            snapshot.into_iter().chain(files).for_each(|file| self.must_sync(file));
        }
        self.unflushed_names = true;
        self.rolled = true;
        self.segments.insert(self.next_offset, next);
        Ok(())
    }
}

/// FNV-1a; nothing depends on its quality.
fn hash(dir: &Path, base_offset: i64) -> u32 {
    let bytes = dir.as_os_str().as_encoded_bytes().iter().copied().chain(base_offset.to_be_bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_of_one_log_jitter_differently() {
        let spread: std::collections::BTreeSet<u32> =
            (0..50).map(|at| hash(Path::new("/data/t-0"), at * 100) % 1000).collect();
        assert!(spread.len() > 30);
    }
}
