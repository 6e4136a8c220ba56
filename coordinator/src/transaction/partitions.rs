//! AddPartitionsToTxn: what a transaction writes to, and whether it does (KIP-890, part 1).

use super::{
    Partitions, Producer, State, Transaction, Transactions,
    command::{AddPartitions, Verify},
    reply::{Reply, Verified},
};
use crate::{Effects, Ticket};
use ottla_types::{ErrorCode, Millis};

/// Whether `producer` is the one that may write now.
fn check(transaction: &Transaction, producer: Producer) -> Result<(), ErrorCode> {
    if transaction.producer.id != producer.id {
        Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING)
    } else if transaction.producer.epoch != producer.epoch {
        Err(ErrorCode::PRODUCER_FENCED)
    } else if transaction.state.is_ending() {
        Err(ErrorCode::CONCURRENT_TRANSACTIONS)
    } else {
        Ok(())
    }
}

fn contains_all(transaction: &Transaction, partitions: &Partitions) -> bool {
    partitions.iter().all(|(topic, indices)| {
        transaction.partitions.get(topic).is_some_and(|known| indices.is_subset(known))
    })
}

impl Transactions {
    fn known(&self, transactional_id: &str) -> Result<&Transaction, ErrorCode> {
        if transactional_id.is_empty() {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        self.durable.get(transactional_id).ok_or(ErrorCode::INVALID_PRODUCER_ID_MAPPING)
    }

    pub(super) fn add_partitions(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &AddPartitions,
    ) -> Effects<Self> {
        let answer = |error| Effects::reply(ticket, Reply::Done(error));
        let id = &request.transactional_id;
        let current = match self.known(id) {
            Ok(current) => current,
            Err(error) => return answer(error),
        };
        if current.state.is_ending() {
            return answer(ErrorCode::CONCURRENT_TRANSACTIONS);
        }
        if let Err(error) = check(current, request.producer) {
            return answer(error);
        }
        let mut effects = answer(ErrorCode::NONE);
        let nothing_new = current.state == State::Ongoing && contains_all(current, &request.partitions);
        if !nothing_new {
            let next = current.with_partitions(&request.partitions, request.version, now);
            effects.records.push(self.record(id, next));
        }
        effects
    }

    pub(super) fn verify(&self, request: &Verify) -> Verified {
        let current = self.known(&request.transactional_id);
        let checked = current.and_then(|current| check(current, request.producer).map(|()| current));
        match checked {
            Err(error) => Verified::Refused(error),
            Ok(current) => {
                let one = |topic: &ottla_types::Str, index: i32| {
                    let known = current.partitions.get(topic).is_some_and(|known| known.contains(&index));
                    let error = if known { ErrorCode::NONE } else { ErrorCode::TRANSACTION_ABORTABLE };
                    (topic.clone(), index, error)
                };
                let each = request.partitions.iter();
                Verified::Each(
                    each.flat_map(|(topic, indices)| indices.iter().map(move |index| one(topic, *index)))
                        .collect(),
                )
            }
        }
    }
}
