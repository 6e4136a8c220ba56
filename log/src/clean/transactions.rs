//! Which batches belong to aborted transactions, and which markers nobody needs any more.

use std::collections::{HashMap, HashSet};

use ottla_mutant::mutant;
use ottla_records::{Batch, BatchError, ControlRecord, ControlType};

use crate::AbortedTxn;

/// Walks the batches of a log in order.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    /// Aborted transactions that begin behind the batches seen so far, the first one last.
    coming: Vec<AbortedTxn>,
    /// By producer: the aborted transaction it is in, and whether a batch of it was seen.
    aborted: HashMap<i64, (AbortedTxn, bool)>,
    /// Producers of which a batch of a transaction was seen that was not aborted.
    committed: HashSet<i64>,
    /// Aborted transactions of which a batch and the marker were seen, since they were last [taken](Self::take_index).
    index: Vec<AbortedTxn>,
}

impl Transactions {
    /// More aborted transactions, those of the segment that comes next. One that reaches over several may be told of with
    /// each of them.
    pub(crate) fn add(&mut self, aborted: impl IntoIterator<Item = AbortedTxn>) {
        self.coming.extend(aborted);
        self.coming.sort_by_key(|txn| std::cmp::Reverse(txn.first_offset));
    }

    /// Passes a data batch. True when it belongs to an aborted transaction.
    pub(crate) fn on_data(&mut self, batch: &Batch) -> bool {
        let header = batch.header();
        self.begin(header.last_offset());
        if !header.is_transactional() {
            return false;
        }
        match self.aborted.get_mut(&header.producer_id) {
            Some(_) if mutant!("aborted_data_kept") => false,
            Some((_, seen)) => {
                *seen = true;
                true
            }
            None => {
                self.committed.insert(header.producer_id);
                false
            }
        }
    }

    /// Passes a control batch. True when no batch of the transaction it ends was seen: then no reader needs it, once
    /// those that are behind have passed.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn on_control(&mut self, batch: &Batch) -> Result<bool, BatchError> {
        let header = batch.header();
        self.begin(header.last_offset());
        let Some(record) = ControlRecord::all(batch)?.into_iter().next() else {
            // Only what it says of its producer was kept.
            return Ok(true);
        };
        match record.kind {
            ControlType::Abort => match self.aborted.remove(&header.producer_id) {
                Some((txn, true)) => {
                    self.index.push(txn);
                    Ok(false)
                }
                _ => Ok(true),
            },
            ControlType::Commit => Ok(!self.committed.remove(&header.producer_id)),
            _ => Ok(false),
        }
    }

    /// What belongs into the index of aborted transactions of the batches passed since the last call.
    pub(crate) fn take_index(&mut self) -> Vec<AbortedTxn> {
        std::mem::take(&mut self.index)
    }

    fn begin(&mut self, offset: i64) {
        while let Some(txn) = self.coming.pop_if(|txn| txn.first_offset <= offset) {
            self.aborted.entry(txn.producer_id).or_insert((txn, false));
        }
    }
}
