//! InitProducerId: who may write under a transactional id from now on.

use super::{
    Producer, State, Transaction, Transactions,
    command::InitProducer,
    entry::{NO_EPOCH, is_exhausted},
    reply::Reply,
};
use crate::{Effects, Ticket};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Millis};

/// What becomes of a producer.
enum Next {
    /// This, and the epoch it had before if it recovers.
    Is(Producer, i16),
    NeedsProducerId,
    Refused(ErrorCode),
}

impl Transactions {
    pub(super) fn init(&mut self, now: Millis, ticket: Ticket, request: &InitProducer) -> Effects<Self> {
        let refuse = |error| Effects::reply(ticket, Reply::Producer(Err(error)));
        if request.transactional_id.is_empty() {
            return refuse(ErrorCode::INVALID_REQUEST);
        }
        if !(1..=self.settings.max_timeout_ms).contains(&request.timeout_ms) {
            return refuse(ErrorCode::INVALID_TRANSACTION_TIMEOUT);
        }
        let (current, is_new) = match (self.durable.get(&request.transactional_id), request.fresh_id) {
            (Some(known), _) => (known.clone(), false),
            (None, Some(fresh)) => (Transaction::unborn(fresh), true),
            (None, None) => return Effects::reply(ticket, Reply::NeedsProducerId),
        };
        if current.state.is_ending() {
            return refuse(ErrorCode::CONCURRENT_TRANSACTIONS);
        }
        let id_is_ours = |expected: Producer| {
            is_new
                || expected.id == current.producer.id
                // A repeated request whose first answer got lost: the last epoch was followed by a new id.
                || expected.id == current.previous_producer_id && is_exhausted(expected.epoch)
        };
        if !request.expected.is_none_or(id_is_ours) {
            return refuse(ErrorCode::PRODUCER_FENCED);
        }
        match current.state {
            State::Ongoing => self.fence(now, ticket, request, &current),
            State::Empty | State::CompleteCommit | State::CompleteAbort => {
                self.initialize(now, ticket, request, &current)
            }
            _ => refuse(ErrorCode::UNKNOWN_SERVER_ERROR),
        }
    }

    /// A transaction is open: it is aborted first, under an epoch nobody has. The producer asks again.
    fn fence(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &InitProducer,
        current: &Transaction,
    ) -> Effects<Self> {
        let mut effects = Effects::default();
        let answer = match self.abort_and_fence(now, &request.transactional_id, current, request.fresh_id) {
            Some(record) => {
                effects.records.push(record);
                Reply::Producer(Err(ErrorCode::CONCURRENT_TRANSACTIONS))
            }
            None => Reply::NeedsProducerId,
        };
        effects.replies.push((ticket, answer));
        effects
    }

    fn initialize(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &InitProducer,
        current: &Transaction,
    ) -> Effects<Self> {
        let id = &request.transactional_id;
        let (producer, last_epoch) = match self.next_producer(request, current) {
            Next::Is(producer, last_epoch) => (producer, last_epoch),
            Next::NeedsProducerId => return Effects::reply(ticket, Reply::NeedsProducerId),
            Next::Refused(error) => return Effects::reply(ticket, Reply::Producer(Err(error))),
        };
        let mut effects = Effects::reply(ticket, Reply::Producer(Ok(producer)));
        let record = self.record(id, current.initialized(producer, request.timeout_ms, now));
        effects.records.push(record);
        self.remember_epoch(id, last_epoch);
        effects
    }

    fn next_producer(&self, request: &InitProducer, current: &Transaction) -> Next {
        let Producer { id, epoch } = current.producer;
        let last_epoch = self.last_epoch(&request.transactional_id);
        let bumped = |last| match (current.is_exhausted(), request.fresh_id) {
            (false, _) => Next::Is(
                Producer { id, epoch: epoch + i16::from(!mutant!("incarnations_share_an_epoch")) },
                last,
            ),
            (true, Some(fresh)) => Next::Is(Producer { id: fresh, epoch: 0 }, last),
            (true, None) => Next::NeedsProducerId,
        };
        match request.expected {
            None => bumped(NO_EPOCH),
            Some(expected) if epoch == NO_EPOCH || expected.epoch == epoch => bumped(epoch),
            // The answer to the same request got lost: nobody else has asked since, or there were no last epoch.
            Some(expected) if expected.epoch == last_epoch => Next::Is(current.producer, last_epoch),
            Some(_) => Next::Refused(ErrorCode::PRODUCER_FENCED),
        }
    }

    pub(super) fn last_epoch(&self, transactional_id: &str) -> i16 {
        self.last_epochs.get(transactional_id).copied().unwrap_or(NO_EPOCH)
    }

    pub(super) fn remember_epoch(&mut self, transactional_id: &ottla_types::Str, epoch: i16) {
        if epoch == NO_EPOCH {
            self.last_epochs.remove(transactional_id);
        } else {
            self.last_epochs.insert(ottla_types::Str::from(transactional_id.to_string()), epoch);
        }
    }
}
