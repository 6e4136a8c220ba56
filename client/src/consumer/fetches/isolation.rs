use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_records::{Batch, BatchError, Batches, ControlRecord, ControlType};
use ottla_wire::messages::fetch_response::AbortedTransaction;

/// The batches of one answer that are to be read: without control batches, and without those of aborted transactions.
#[derive(Debug)]
pub(super) struct Visible {
    batches: Batches,
    /// By first offset, the latest first.
    aborted: Vec<AbortedTransaction>,
    /// Producers whose transaction is an aborted one here.
    within: BTreeSet<i64>,
}

impl Visible {
    pub(super) fn new(records: Bytes, mut aborted: Vec<AbortedTransaction>) -> Self {
        aborted.sort_by_key(|of| std::cmp::Reverse(of.first_offset));
        Self { batches: Batches::new(records), aborted, within: BTreeSet::new() }
    }

    fn is_read(&mut self, batch: &Batch) -> Result<bool, BatchError> {
        let header = batch.header();
        while self.aborted.last().is_some_and(|next| next.first_offset <= header.last_offset()) {
            self.within.extend(self.aborted.pop().map(|next| next.producer_id));
        }
        if !header.is_control() {
            return Ok(!(header.is_transactional() && self.within.contains(&header.producer_id)));
        }
        if self.within.contains(&header.producer_id) {
            batch.verify()?;
            let ends = ControlRecord::all(batch)?.iter().any(|record| record.kind == ControlType::Abort);
            if ends {
                self.within.remove(&header.producer_id);
            }
        }
        Ok(false)
    }
}

impl Iterator for Visible {
    /// Each batch, with whether its records are to be read.
    type Item = Result<(Batch, bool), BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        Some(self.is_read(&batch).map(|read| (batch, read)))
    }
}
