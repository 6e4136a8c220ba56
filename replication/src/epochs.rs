//! Which leader epoch wrote which offsets: the content of `leader-epoch-checkpoint`.
//!
//! A replica that comes back truncates to where its log and the leader's began to differ, and asks this table where
//! that is (KIP-101, KIP-279); a client learns from it that its log was truncated (KIP-320).

/// The first offset a leader epoch wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EpochEntry {
    /// The leader epoch, not negative.
    pub epoch: i32,
    /// The offset of its first record.
    pub start_offset: i64,
}

/// The answer to "where does this epoch end?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EpochEnd {
    /// The largest epoch known that is not above the one asked for; −1 when nothing is known.
    pub epoch: i32,
    /// One past its last offset; −1 when nothing is known.
    pub end_offset: i64,
}

impl EpochEnd {
    /// Nothing is known of the epoch: the asker falls back to its high watermark, as before KIP-101.
    pub const UNDEFINED: Self = Self { epoch: -1, end_offset: -1 };
}

/// The epochs of one log, ascending in epoch and in start offset.
///
/// Always equal to what a scan of the log's batches would give, whatever was appended, truncated or deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EpochCache {
    entries: Vec<EpochEntry>,
}

impl EpochCache {
    /// The cache of an empty log.
    #[must_use]
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    /// Takes the entries of a checkpoint file. Entries that contradict a later one are dropped, as Kafka does.
    #[must_use]
    pub fn from_entries(entries: impl IntoIterator<Item = EpochEntry>) -> Self {
        let mut cache = Self::new();
        for entry in entries {
            cache.assign(entry.epoch, entry.start_offset);
        }
        cache
    }

    /// The entries as they stand in the checkpoint file.
    #[must_use]
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// Notes that the batch at `start_offset` was written in `epoch`; true when the checkpoint must be written.
    ///
    /// Entries of this epoch or a later one, or at this offset or behind it, belonged to a log that was truncated
    /// meanwhile and are dropped (KAFKA-10706). A batch of the current epoch behind its start changes nothing.
    pub fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        if epoch < 0 {
            return false;
        }
        if self.entries.last().is_some_and(|last| last.epoch == epoch && last.start_offset <= start_offset) {
            return false;
        }
        while self.entries.last().is_some_and(|last| last.epoch >= epoch || last.start_offset >= start_offset)
        {
            self.entries.pop();
        }
        self.entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// The newest epoch that has records.
    #[must_use]
    pub fn latest_epoch(&self) -> Option<i32> {
        self.entries.last().map(|entry| entry.epoch)
    }

    /// The oldest entry.
    #[must_use]
    pub fn earliest(&self) -> Option<EpochEntry> {
        self.entries.first().copied()
    }

    /// The newest epoch below the latest.
    #[must_use]
    pub fn previous_epoch(&self) -> Option<i32> {
        self.entries.len().checked_sub(2).map(|at| self.entries[at].epoch)
    }

    /// The newest epoch below `epoch`.
    #[must_use]
    pub fn epoch_before(&self, epoch: i32) -> Option<i32> {
        let at = self.entries.partition_point(|entry| entry.epoch < epoch);
        at.checked_sub(1).map(|at| self.entries[at].epoch)
    }

    /// The epoch that wrote the record at `offset`, or `None` below the first entry.
    ///
    /// Does not know the log's end: an offset behind it gets the latest epoch.
    #[must_use]
    pub fn epoch_of(&self, offset: i64) -> Option<i32> {
        let at = self.entries.partition_point(|entry| entry.start_offset <= offset);
        at.checked_sub(1).map(|at| self.entries[at].epoch)
    }

    /// Where `epoch` begins, if it has records.
    #[must_use]
    pub fn start_of(&self, epoch: i32) -> Option<i64> {
        let at = self.entries.binary_search_by_key(&epoch, |entry| entry.epoch).ok()?;
        Some(self.entries[at].start_offset)
    }

    /// Where `epoch`, or the largest epoch below it, ends in a log that ends at `log_end` (KIP-101, KIP-279).
    ///
    /// An epoch above all known is undefined; one below all known ends where the first known begins.
    #[must_use]
    pub fn end_offset_for(&self, epoch: i32, log_end: i64) -> EpochEnd {
        if epoch == EpochEnd::UNDEFINED.epoch {
            return EpochEnd::UNDEFINED;
        }
        if self.latest_epoch() == Some(epoch) {
            return EpochEnd { epoch, end_offset: log_end };
        }
        let above = self.entries.partition_point(|entry| entry.epoch <= epoch);
        let Some(next) = self.entries.get(above) else { return EpochEnd::UNDEFINED };
        let floor = above.checked_sub(1).map_or(epoch, |at| self.entries[at].epoch);
        EpochEnd { epoch: floor, end_offset: next.start_offset }
    }

    /// The log now ends at `log_end`: forgets epochs that have no records left. True when something changed.
    pub fn truncate_from_end(&mut self, log_end: i64) -> bool {
        let keep = self.entries.partition_point(|entry| entry.start_offset < log_end);
        let changed = keep < self.entries.len();
        self.entries.truncate(keep);
        changed
    }

    /// The log now starts at `log_start`: forgets epochs wholly before it and lets the first one left start there.
    /// True when something changed.
    pub fn truncate_from_start(&mut self, log_start: i64) -> bool {
        let before = self.entries.partition_point(|entry| entry.start_offset <= log_start);
        let Some(covering) = before.checked_sub(1) else { return false };
        if covering == 0 && self.entries[0].start_offset == log_start {
            return false;
        }
        self.entries.drain(..covering);
        self.entries[0].start_offset = log_start;
        true
    }

    /// Forgets everything: the log was emptied.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}

#[cfg(test)]
mod tests;
