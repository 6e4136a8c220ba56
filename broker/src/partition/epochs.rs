//! What a leader says about epochs.

use ottla_replication::epochs::{EpochCache, EpochEnd, EpochEntry};

use super::{Partition, State};

impl Partition {
    /// Where a leader epoch ended.
    pub(crate) fn end_of_epoch(&self, epoch: i32) -> EpochEnd {
        let state = self.state.lock();
        state.epochs().end_offset_for(epoch, state.log.next_offset())
    }

    /// The first offset and the epoch it belongs to.
    pub(crate) fn earliest(&self) -> (i64, Option<i32>) {
        let state = self.state.lock();
        let offset = state.log.log_start();
        let first: Option<EpochEntry> =
            state.epochs().earliest().filter(|entry| entry.start_offset <= offset);
        (offset, first.map(|entry| entry.epoch))
    }
}

impl State {
    /// The epochs of the log, and the leader's own, which begins where it took the lead: to others it exists from then
    /// on, in the log only with its first record.
    pub(super) fn epochs(&self) -> EpochCache {
        let mut epochs = self.log.epochs().clone();
        if epochs.latest_epoch() != Some(self.leader.epoch()) {
            epochs.assign(self.leader.epoch(), self.leader.epoch_start());
        }
        epochs
    }
}
