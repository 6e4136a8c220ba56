use std::collections::BTreeMap;

use ottla_mutant::mutant;

/// A transaction that a marker has ended. For an aborted one this is the line of the transaction index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompletedTxn {
    /// Whose transaction.
    pub producer_id: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of the marker.
    pub last_offset: i64,
    /// Whether the marker was an abort.
    pub aborted: bool,
    /// The last stable offset once this transaction is decided: the first offset of the oldest transaction that is
    /// still open, or one past the marker.
    pub last_stable_offset: i64,
}

/// The transactions of a partition that hold back the last stable offset, by first offset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Transactions {
    /// No marker yet: first offset → producer.
    open: BTreeMap<i64, i64>,
    /// Decided, but the marker is not below the high watermark yet: first offset → marker's offset.
    undecided_by_watermark: BTreeMap<i64, i64>,
}

impl Transactions {
    pub(super) fn begin(&mut self, first_offset: i64, producer_id: i64) {
        self.open.insert(first_offset, producer_id);
    }

    /// The oldest open transaction's first offset, leaving out the one that begins at `except`.
    pub(super) fn first_open_except(&self, except: i64) -> Option<i64> {
        self.open.keys().copied().find(|first| *first != except)
    }

    pub(super) fn complete(&mut self, first_offset: i64, marker_offset: i64) {
        self.open.remove(&first_offset);
        self.undecided_by_watermark.insert(first_offset, marker_offset);
    }

    pub(super) fn forget_below(&mut self, offset: i64) {
        self.undecided_by_watermark.retain(|_, marker| *marker >= offset);
    }

    pub(super) fn first_unstable(&self) -> Option<i64> {
        let open = self.open.keys().next().filter(|_| !mutant!("open_transactions_are_stable"));
        let replicating = self.undecided_by_watermark.keys().next();
        open.into_iter().chain(replicating).min().copied()
    }

    pub(super) fn first_open(&self) -> Option<i64> {
        self.open.keys().next().copied()
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.undecided_by_watermark.clear();
    }
}
