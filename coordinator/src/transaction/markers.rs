//! Markers that are still to be written.

use super::{
    Partitions, State, Transaction, Transactions,
    command::MarkersWritten,
    reply::{Markers, Reply},
};
use crate::{Effects, Ticket};
use ottla_types::{ErrorCode, Millis, Str};
use std::collections::{BTreeMap, BTreeSet};

/// The transactions that end, with the partitions whose marker is missing. Volatile: a loaded coordinator writes all
/// markers of such a transaction again, which the partitions take as done.
#[derive(Debug, Default)]
pub(super) struct MarkerQueue {
    by_id: BTreeMap<Str, Pending>,
    ready: BTreeSet<Str>,
    retries: BTreeSet<(Millis, Str)>,
    /// What the next transaction's markers are called.
    next_job: u64,
}

#[derive(Debug)]
struct Pending {
    markers: Markers,
    /// A partition said this coordinator or this epoch is old: another coordinator ends the transaction.
    abandoned: bool,
}

impl MarkerQueue {
    /// Begins counting jobs where no earlier life of the coordinator has been: an answer to its markers that comes late
    /// must not count for another transaction.
    pub(super) fn number_from(&mut self, now: Millis) {
        self.next_job = u64::try_from(now.0).unwrap_or(0) << 20;
    }

    /// Lines up the markers of a decided transaction.
    pub(super) fn push(&mut self, transactional_id: &Str, decided: &Transaction) {
        self.next_job += 1;
        let markers = Markers {
            job: self.next_job,
            transactional_id: transactional_id.clone(),
            producer: decided.producer,
            commit: decided.state == State::PrepareCommit,
            version: decided.version,
            partitions: decided.partitions.clone(),
        };
        self.ready.insert(transactional_id.clone());
        self.by_id.insert(transactional_id.clone(), Pending { markers, abandoned: false });
    }

    pub(super) fn missing(&self, transactional_id: &str) -> Option<&Partitions> {
        self.by_id.get(transactional_id).map(|pending| &pending.markers.partitions)
    }

    pub(super) fn has_ready(&self, now: Millis) -> bool {
        !self.ready.is_empty() || self.next_retry().is_some_and(|at| at <= now)
    }

    pub(super) fn next_retry(&self) -> Option<Millis> {
        self.retries.first().map(|(at, _)| *at)
    }

    pub(super) fn take_ready(&mut self, now: Millis) -> Vec<Markers> {
        while self.next_retry().is_some_and(|at| at <= now) {
            self.ready.extend(self.retries.pop_first().map(|(_, id)| id));
        }
        let ready = std::mem::take(&mut self.ready);
        ready.iter().filter_map(|id| self.by_id.get(id)).map(|pending| pending.markers.clone()).collect()
    }

    /// Notes what became of markers. True when that was the last missing one.
    fn on_written(&mut self, written: &MarkersWritten, retry_at: Millis) -> bool {
        let id = &written.transactional_id;
        let Some(pending) = self.by_id.get_mut(id) else { return false };
        if pending.markers.job != written.job || pending.abandoned {
            return false;
        }
        if written.fenced {
            pending.abandoned = true;
            return false;
        }
        let missing = &mut pending.markers.partitions;
        for (topic, indices) in &written.written {
            if let Some(left) = missing.get_mut(topic) {
                left.retain(|index| !indices.contains(index));
            }
        }
        missing.retain(|_, left| !left.is_empty());
        if missing.is_empty() {
            self.by_id.remove(id);
            return true;
        }
        self.retries.insert((retry_at, id.clone()));
        false
    }

    /// Takes out what has no partitions at all.
    fn take_empty(&mut self) -> Vec<Str> {
        let empty = |pending: &Pending| pending.markers.partitions.is_empty();
        let ids: Vec<Str> =
            self.by_id.iter().filter(|(_, pending)| empty(pending)).map(|(id, _)| id.clone()).collect();
        for id in &ids {
            self.by_id.remove(id);
            self.ready.remove(id);
        }
        ids
    }
}

impl Transactions {
    pub(super) fn markers_written(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &MarkersWritten,
    ) -> Effects<Self> {
        let mut effects = Effects::reply(ticket, Reply::Done(ErrorCode::NONE));
        let retry_at = now.plus(self.settings.marker_retry_ms.max(1));
        if self.markers.on_written(request, retry_at) {
            self.complete(now, &request.transactional_id, &mut effects);
        }
        effects
    }

    /// A transaction that was decided without any partition and not completed before the coordinator moved.
    pub(super) fn complete_without_markers(&mut self, now: Millis) -> Effects<Self> {
        let mut effects = Effects::default();
        for id in self.markers.take_empty() {
            self.complete(now, &id, &mut effects);
        }
        effects
    }

    fn complete(&self, now: Millis, transactional_id: &Str, effects: &mut Effects<Self>) {
        if let Some(decided) = self.durable.get(transactional_id).filter(|at| at.state.is_ending()) {
            effects.records.push(self.record(transactional_id, decided.completed(now)));
        }
    }
}
