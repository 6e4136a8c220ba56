//! EndTxn, and ends the coordinator decides itself.

use super::{
    Producer, Record, State, Transaction, Transactions,
    command::EndTransaction,
    entry::{LAST_EPOCH, NO_EPOCH, NO_ID},
    reply::Reply,
    settings::EPOCH_PER_TRANSACTION,
};
use crate::{Effects, Ticket};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Millis, Str};

/// What an EndTxn means where the transaction stands.
enum Decision {
    /// The transaction ends now.
    End,
    /// The same request again, answered as the first time.
    Again,
    Refused(ErrorCode),
}

impl Transactions {
    pub(super) fn end(&mut self, now: Millis, ticket: Ticket, request: &EndTransaction) -> Effects<Self> {
        let refuse = |error| Effects::reply(ticket, Reply::Producer(Err(error)));
        let id = &request.transactional_id;
        if id.is_empty() {
            return refuse(ErrorCode::INVALID_REQUEST);
        }
        let Some(current) = self.durable.get(id).cloned() else {
            return refuse(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
        };
        // Without the feature its log cannot say what a bump needs.
        let bumps = request.version >= EPOCH_PER_TRANSACTION && self.settings.transaction_version > 0;
        let decision =
            if bumps { decide_bumping(&current, request) } else { decide_plain(&current, request) };
        match decision {
            Decision::Refused(error) => refuse(error),
            Decision::Again => Effects::reply(ticket, Reply::Producer(Ok(current.producer))),
            Decision::End if bumps && current.is_exhausted() && request.fresh_id.is_none() => {
                Effects::reply(ticket, Reply::NeedsProducerId)
            }
            Decision::End => {
                let (version, last_epoch) =
                    if bumps { (request.version, current.producer.epoch) } else { (0, self.last_epoch(id)) };
                let next_id = request.fresh_id.filter(|_| bumps && current.is_exhausted()).unwrap_or(NO_ID);
                let decided = current.ending(request.commit, version, next_id, now);
                self.remember_epoch(id, last_epoch);
                let mut effects =
                    Effects::reply(ticket, Reply::Producer(Ok(decided.completed(now).producer)));
                self.decide(now, id, decided, &mut effects);
                effects
            }
        }
    }

    /// Writes a decision and lines its markers up; without any partition it is complete at once.
    fn decide(&mut self, now: Millis, id: &Str, decided: Transaction, effects: &mut Effects<Self>) {
        let completed = decided.partitions.is_empty().then(|| decided.completed(now));
        if completed.is_none() {
            self.markers.push(&Str::from(id.to_string()), &decided);
        }
        if completed.is_some() || !mutant!("markers_before_the_decision") {
            effects.records.push(self.record(id, decided));
        }
        effects.records.extend(completed.map(|completed| self.record(id, completed)));
    }

    /// Aborts an open transaction under an epoch nobody has, so that its producer cannot go on with it. `None` when that
    /// needs a producer id and there is none.
    pub(super) fn abort_and_fence(
        &mut self,
        now: Millis,
        id: &Str,
        current: &Transaction,
        fresh_id: Option<i64>,
    ) -> Option<Record> {
        let level = self.settings.transaction_version;
        let (decided, last_epoch) = if level >= EPOCH_PER_TRANSACTION {
            // The end of the transaction itself moves the epoch; once is enough (KAFKA-19367).
            let next_id = if current.is_exhausted() { fresh_id? } else { NO_ID };
            (current.ending(false, level, next_id, now), current.producer.epoch)
        } else {
            let fenced =
                if mutant!("timeout_fences_nobody") { current.clone() } else { current.clone().fenced() };
            (fenced.ending(false, 0, NO_ID, now), NO_EPOCH)
        };
        self.remember_epoch(id, last_epoch);
        self.markers.push(&Str::from(id.to_string()), &decided);
        Some(self.record(id, decided))
    }
}

/// What an end means that was asked for when the transaction had ended already.
fn repeated(current: &Transaction, commit: bool) -> Decision {
    match (current.state, commit) {
        (State::CompleteCommit, true) | (State::CompleteAbort, false) => Decision::Again,
        _ => Decision::Refused(ErrorCode::INVALID_TXN_STATE),
    }
}

/// Transaction versions 0 and 1: all transactions of a producer have one epoch.
fn decide_plain(current: &Transaction, request: &EndTransaction) -> Decision {
    if current.producer.id != request.producer.id {
        Decision::Refused(ErrorCode::INVALID_PRODUCER_ID_MAPPING)
    } else if current.producer.epoch != request.producer.epoch && !mutant!("fenced_end_accepted") {
        Decision::Refused(ErrorCode::PRODUCER_FENCED)
    } else if current.state.is_ending() {
        Decision::Refused(ErrorCode::CONCURRENT_TRANSACTIONS)
    } else if current.state == State::Ongoing {
        Decision::End
    } else {
        repeated(current, request.commit)
    }
}

/// Transaction version 2: the epoch tells which transaction is meant, and whether the request came before.
fn decide_bumping(current: &Transaction, request: &EndTransaction) -> Decision {
    if current.state.is_ending() {
        // The same request again, or already that for the next transaction: to be asked again, whoever it is.
        return Decision::Refused(ErrorCode::CONCURRENT_TRANSACTIONS);
    }
    let Producer { id, epoch } = request.producer;
    // The answer got lost in which the producer was told its next id.
    let again_with_new_id =
        current.previous_producer_id == id && epoch == LAST_EPOCH && current.producer.epoch == 0;
    if current.producer.id != id && !again_with_new_id {
        return Decision::Refused(ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    }
    let is_current = current.producer.epoch == epoch;
    let has_ended = matches!(current.state, State::CompleteCommit | State::CompleteAbort);
    let is_repeated = i32::from(current.producer.epoch) == i32::from(epoch) + 1 || again_with_new_id;
    let epoch_fits = is_current || has_ended && is_repeated;
    match current.state {
        _ if !epoch_fits && !mutant!("late_end_accepted") => Decision::Refused(ErrorCode::PRODUCER_FENCED),
        State::Ongoing => Decision::End,
        // Nothing was added to this transaction: it may be aborted, and the epoch moves.
        _ if !is_repeated && !request.commit => Decision::End,
        _ if !is_repeated => Decision::Refused(ErrorCode::INVALID_TXN_STATE),
        _ => repeated(current, request.commit),
    }
}
