//! What time does: transactions that are open for too long, and ids nobody has used for long.

use super::{State, Transaction, Transactions, record::Record};
use crate::Effects;
use ottla_types::{Millis, Str};

/// What one record takes in the log besides its strings, generously.
const RECORD_BYTES: usize = 128;

fn record_bytes(id: &Str, transaction: Option<&Transaction>) -> usize {
    let topics = transaction.into_iter().flat_map(|transaction| &transaction.partitions);
    let of_topic =
        |(topic, indices): (&Str, &std::collections::BTreeSet<i32>)| topic.len() + 8 + 4 * indices.len();
    RECORD_BYTES + id.len() + topics.map(of_topic).sum::<usize>()
}

impl Transactions {
    /// Aborts what has been open for longer than its producer allowed. What more than one batch holds follows at once.
    pub(super) fn abort_timed_out(&mut self, now: Millis, effects: &mut Effects<Self>) {
        let mut room = self.settings.max_batch_bytes / 2;
        let mut next = now.plus(self.settings.abort_check_interval_ms.max(1));
        let overdue =
            |(id, at): (&Str, &Transaction)| at.has_timed_out(now).then(|| (id.clone(), at.clone()));
        let timed_out: Vec<(Str, Transaction)> = self.durable.iter().filter_map(overdue).collect();
        for (id, transaction) in timed_out {
            let bytes = record_bytes(&id, Some(&transaction));
            if bytes > room && !effects.records.is_empty() {
                next = now;
                break;
            }
            room = room.saturating_sub(bytes);
            let spare = self.spare_id;
            match self.abort_and_fence(now, &id, &transaction, spare) {
                Some(record) => {
                    if uses(&record, spare) {
                        self.spare_id = None;
                    }
                    effects.records.push(record);
                }
                None => self.spare_wanted = Some(self.spare_wanted.unwrap_or(false)),
            }
        }
        self.next_abort_check = Some(next);
    }

    /// Forgets ids without a transaction that nobody has used for long.
    pub(super) fn forget_expired(&mut self, now: Millis, effects: &mut Effects<Self>) {
        let mut room = self.settings.max_batch_bytes / 2;
        let mut next = now.plus(self.settings.expiry_check_interval_ms.max(1));
        let expired = |at: &Transaction| {
            at.state.is_idle() && now.since(Millis(at.updated_ms)) >= self.settings.id_expiration_ms
        };
        for (id, _) in self.durable.iter().filter(|(_, at)| expired(at)) {
            let Some(left) = room.checked_sub(record_bytes(id, None)) else {
                next = now;
                break;
            };
            room = left;
            let transactional_id = id.clone();
            let version = self.settings.value_version();
            effects.records.push(Record::Transaction { transactional_id, value: None, version });
        }
        self.next_expiry_check = Some(next);
    }
}

fn uses(record: &Record, spare: Option<i64>) -> bool {
    let Record::Transaction { value: Some(value), .. } = record else { return false };
    value.state == State::PrepareAbort && Some(value.next_producer_id) == spare
}
