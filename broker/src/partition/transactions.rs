//! Transactions in a partition: who may open one, and who may end it.

use ottla_records::BatchHeader;
use ottla_replication::producer::{BatchMeta, Guard, Marker, Refused, Verdict};

use super::{Partition, State};
use crate::clock;

/// What the coordinator has said about the first batch of a transaction in a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// It was not asked: the batch is of no transaction, or of one that is open here.
    NotAsked,
    /// The partition is in the transaction, as long as the guard holds.
    Given(Guard),
    /// Nobody has to ask (`transaction.partition.verification.enable=false`).
    NotWanted,
}

/// The end of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EndMarker {
    /// Id, and the epoch the marker says.
    pub(crate) producer: (i64, i16),
    pub(crate) commit: bool,
    /// Of the coordinator that decided.
    pub(crate) coordinator_epoch: i32,
    /// From version 2 on the marker's epoch is above the transaction's.
    pub(crate) transaction_version: i16,
}

impl EndMarker {
    fn as_logged(&self) -> Marker {
        let (producer_id, producer_epoch) = self.producer;
        let (coordinator_epoch, commit) = (self.coordinator_epoch, self.commit);
        Marker { producer_id, producer_epoch, coordinator_epoch, commit, timestamp: clock::wall() }
    }
}

/// Where a batch comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'a> {
    Client(Word),
    /// Of the broker's own making; a coordinator has asked before.
    Broker,
    /// The end of a transaction.
    Coordinator(&'a EndMarker),
}

impl State {
    /// Whether a batch may be appended as far as its producer goes.
    pub(super) fn admit(&self, header: &BatchHeader, source: Source<'_>) -> Result<Verdict, Refused> {
        let producers = self.log.producers();
        if let Source::Coordinator(marker) = source {
            producers.check_marker(&marker.as_logged(), marker.transaction_version)?;
            return Ok(Verdict::Append);
        }
        if !header.has_producer() || header.is_control() {
            return Ok(Verdict::Append);
        }
        let meta = ottla_log::batch_meta(header);
        let verdict = producers.check(&meta);
        match source {
            // What stands here already was verified when it came first.
            Source::Client(word) if !matches!(verdict, Ok(Verdict::Duplicate(_))) => {
                self.verify(&meta, word)?;
            }
            _ => {}
        }
        verdict
    }

    /// The first batch of a transaction needs the coordinator's word.
    fn verify(&self, meta: &BatchMeta, word: Word) -> Result<(), Refused> {
        let producers = self.log.producers();
        let opens =
            meta.transactional && !producers.has_open_transaction(meta.producer_id, meta.producer_epoch);
        let guard = match word {
            _ if !opens => return Ok(()),
            Word::NotWanted => return Ok(()),
            Word::Given(guard) => Some(guard),
            Word::NotAsked => None,
        };
        self.verifications.check(meta, guard, producers.has_batches(meta.producer_id))
    }
}

impl Partition {
    /// The guard to ask the coordinator under before a batch of a transaction is appended; `None` when the transaction is
    /// open here already. `begins_at_zero` with transaction version 2.
    pub(crate) fn ask_first(
        &self,
        producer: (i64, i16),
        base_sequence: i32,
        begins_at_zero: bool,
    ) -> Option<Guard> {
        let mut state = self.state.lock();
        let (id, epoch) = producer;
        if state.log.producers().has_open_transaction(id, epoch) {
            return None;
        }
        Some(state.verifications.ask(producer, base_sequence, begins_at_zero, clock::wall()))
    }

    /// Whether a guard of the producer still holds.
    pub(crate) fn holds(&self, producer_id: i64, guard: Guard) -> bool {
        self.state.lock().verifications.holds(producer_id, guard)
    }

    /// Whether a coordinator's own batch of this producer's transaction may be appended now.
    pub(crate) fn may_write(&self, producer: (i64, i16), word: Word) -> Result<(), Refused> {
        let state = self.state.lock();
        let (producer_id, producer_epoch) = producer;
        let meta = BatchMeta {
            producer_id,
            producer_epoch,
            base_sequence: -1,
            last_offset_delta: 0,
            max_timestamp: -1,
            transactional: true,
        };
        state.log.producers().check(&meta)?;
        state.verify(&meta, word)
    }

    /// Whether a marker may be appended now.
    pub(crate) fn may_end(&self, marker: &EndMarker) -> Result<(), Refused> {
        let state = self.state.lock();
        state.log.producers().check_marker(&marker.as_logged(), marker.transaction_version)
    }
}
