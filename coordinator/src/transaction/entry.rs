//! One transactional id, and what may become of it.

use super::{Partitions, Producer, State, settings::EPOCH_PER_TRANSACTION};
use ottla_mutant::mutant;
use ottla_types::Millis;

/// No producer id.
pub(super) const NO_ID: i64 = -1;
/// No epoch: the producer is not initialized, or there was no epoch before.
pub(super) const NO_EPOCH: i16 = -1;
/// The last epoch a producer is given. The one above it fences it.
pub(super) const LAST_EPOCH: i16 = i16::MAX - 1;

/// Whether no transaction can be begun above this epoch.
pub(super) fn is_exhausted(epoch: i16) -> bool {
    epoch >= LAST_EPOCH
}

/// Where a transactional id stands, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The producer.
    pub producer: Producer,
    /// The producer id before the last change.
    pub previous_producer_id: i64,
    /// The producer id that follows when the markers are written, −1 for the same.
    pub next_producer_id: i64,
    /// How long a transaction may stay open.
    pub timeout_ms: i32,
    /// Where it stands.
    pub state: State,
    /// What the transaction has written to.
    pub partitions: Partitions,
    /// When the transaction began, −1 without one.
    pub start_ms: i64,
    /// When anything changed last.
    pub updated_ms: i64,
    /// The transaction version the producer spoke last.
    pub version: i16,
}

impl Transaction {
    /// A transactional id nobody has seen before: not in the log until its producer is initialized.
    pub(super) fn unborn(producer_id: i64) -> Self {
        Self {
            producer: Producer { id: producer_id, epoch: NO_EPOCH },
            previous_producer_id: NO_ID,
            next_producer_id: NO_ID,
            timeout_ms: 0,
            state: State::Empty,
            partitions: Partitions::new(),
            start_ms: -1,
            updated_ms: -1,
            version: 0,
        }
    }

    pub(super) fn is_exhausted(&self) -> bool {
        is_exhausted(self.producer.epoch)
    }

    /// The next state of this id; every transition starts here.
    fn moved(&self, to: State, now: Millis) -> Self {
        debug_assert!(to.may_follow(self.state), "{:?} after {:?}", to, self.state);
        Self { previous_producer_id: self.producer.id, state: to, updated_ms: now.0, ..self.clone() }
    }

    /// A producer begins anew under this id.
    pub(super) fn initialized(&self, producer: Producer, timeout_ms: i32, now: Millis) -> Self {
        Self {
            producer,
            timeout_ms,
            partitions: Partitions::new(),
            start_ms: -1,
            ..self.moved(State::Empty, now)
        }
    }

    /// The transaction writes to these partitions too; the first ones open it.
    pub(super) fn with_partitions(&self, added: &Partitions, version: i16, now: Millis) -> Self {
        let mut next = self.moved(State::Ongoing, now);
        if self.state.is_idle() {
            next.start_ms = now.0;
        }
        for (topic, indices) in added {
            // What is kept must not hold the request's buffer.
            let topic = ottla_types::Str::from(topic.to_string());
            next.partitions.entry(topic).or_default().extend(indices);
        }
        next.version = version;
        next
    }

    /// The transaction is decided. From transaction version 2 on the epoch moves with it, so that nothing sent before
    /// can count in the next transaction.
    pub(super) fn ending(&self, commit: bool, version: i16, next_producer_id: i64, now: Millis) -> Self {
        let mut next = self.moved(State::prepare(commit), now);
        if version >= EPOCH_PER_TRANSACTION && !mutant!("lost_epoch_bump") {
            next.producer.epoch = self.producer.epoch.saturating_add(1);
        }
        if self.state.is_idle() {
            // An abort of nothing has no begin of its own.
            next.start_ms = now.0;
        }
        next.next_producer_id = next_producer_id;
        next.version = version;
        next
    }

    /// Its producer is fenced: the next epoch is nobody's.
    pub(super) fn fenced(mut self) -> Self {
        self.producer.epoch = self.producer.epoch.saturating_add(1);
        self
    }

    /// Every marker is written.
    pub(super) fn completed(&self, now: Millis) -> Self {
        let commit = self.state == State::PrepareCommit;
        let mut next = self.moved(if commit { State::CompleteCommit } else { State::CompleteAbort }, now);
        if self.version >= EPOCH_PER_TRANSACTION && self.next_producer_id != NO_ID {
            next.producer = Producer { id: self.next_producer_id, epoch: 0 };
        }
        next.next_producer_id = NO_ID;
        next.partitions = Partitions::new();
        next
    }

    /// Without what version 0 of its value cannot say.
    pub(super) fn into_version_0(mut self) -> Self {
        self.previous_producer_id = NO_ID;
        self.next_producer_id = NO_ID;
        self.version = 0;
        self
    }

    /// Whether it has been open for too long. `i32::MAX` is a transaction somebody else decides (KIP-939).
    pub(super) fn has_timed_out(&self, now: Millis) -> bool {
        self.state == State::Ongoing
            && self.timeout_ms != i32::MAX
            && self.start_ms.saturating_add(i64::from(self.timeout_ms)) < now.0
    }
}
