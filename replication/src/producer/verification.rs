//! First batches of transactions that wait for the coordinator's word (KIP-890).
//!
//! Before a transaction writes its first batch to a partition, the coordinator is asked whether the partition belongs to
//! it, or told that it does. Between that answer and the append a marker may end the very transaction: the append would
//! open one that nobody ends (KAFKA-14884). So the question is given a [`Guard`] when it is asked, every marker and every
//! begun transaction of the producer takes guards back, and the append must present one that still holds.

use std::collections::HashMap;

use ottla_mutant::mutant;
use ottla_types::Millis;

use super::{BatchMeta, Refused};

/// Holds from the question to the coordinator until anything ends or begins a transaction of the producer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guard(u64);

#[derive(Debug, Clone, Copy)]
struct Asked {
    guard: Guard,
    epoch: i16,
    /// Of the batches seen since: one of them must go first.
    lowest_sequence: i32,
    /// Transaction version 2: a producer nothing is known of begins at 0.
    begins_at_zero: bool,
    since: Millis,
}

/// The questions of one partition, by producer. Volatile: after a restart they are asked again.
#[derive(Debug, Clone, Default)]
pub struct Verifications {
    asked: HashMap<i64, Asked>,
    given: u64,
}

impl Verifications {
    /// A batch with `sequence` is about to be asked for. Questions of one producer share their guard.
    pub fn ask(
        &mut self,
        (producer_id, epoch): (i64, i16),
        sequence: i32,
        begins_at_zero: bool,
        now: Millis,
    ) -> Guard {
        let given = &mut self.given;
        let asked = self.asked.entry(producer_id).or_insert_with(|| {
            *given += 1;
            let guard = Guard(*given);
            Asked { guard, epoch, lowest_sequence: sequence, begins_at_zero, since: now }
        });
        if epoch > asked.epoch {
            (asked.epoch, asked.lowest_sequence) = (epoch, sequence);
        } else if epoch == asked.epoch {
            asked.lowest_sequence = asked.lowest_sequence.min(sequence);
        }
        asked.guard
    }

    /// Decides about the first batch of a transaction; `is_known` says whether the partition has batches of the producer.
    ///
    /// # Errors
    /// The guard does not hold any more, or an earlier batch has to come first.
    pub fn check(&self, batch: &BatchMeta, guard: Option<Guard>, is_known: bool) -> Result<(), Refused> {
        let producer_id = batch.producer_id;
        let holds =
            |asked: &&Asked| guard == Some(asked.guard) || mutant!("guard_of_an_earlier_transaction_holds");
        let asked = self.asked.get(&producer_id).filter(holds);
        let Some(asked) = asked else { return Err(Refused::NotVerified { producer_id }) };
        let (sequence, current_sequence) = (batch.base_sequence, -1);
        let too_early = asked.begins_at_zero && !is_known && sequence > 0;
        // A batch before this one failed its verification: were this one appended, that one could never be.
        if too_early || sequence > asked.lowest_sequence {
            return Err(Refused::OutOfOrderSequence { producer_id, sequence, current_sequence });
        }
        Ok(())
    }

    /// Whether a guard that was given still holds: no transaction of the producer has begun or ended since.
    #[must_use]
    pub fn holds(&self, producer_id: i64, guard: Guard) -> bool {
        self.asked.get(&producer_id).is_some_and(|asked| asked.guard == guard)
    }

    /// A transaction of the producer has begun or ended: no guard given before holds.
    pub fn forget(&mut self, producer_id: i64) {
        self.asked.remove(&producer_id);
    }

    /// Forgets questions nobody came back with.
    pub fn expire(&mut self, now: Millis, expiration_ms: i64) {
        self.asked.retain(|_, asked| now.since(asked.since) < expiration_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000);

    fn batch(sequence: i32) -> BatchMeta {
        BatchMeta {
            producer_id: 7,
            producer_epoch: 1,
            base_sequence: sequence,
            last_offset_delta: 0,
            max_timestamp: 0,
            transactional: true,
        }
    }

    #[test]
    fn a_guard_holds_until_the_producers_transactions_move() {
        let mut asked = Verifications::default();
        assert_eq!(asked.check(&batch(0), None, true), Err(Refused::NotVerified { producer_id: 7 }));
        let guard = asked.ask((7, 1), 0, false, NOW);
        assert_eq!(asked.ask((7, 1), 5, false, NOW), guard, "asked again");
        assert_eq!(asked.check(&batch(0), Some(guard), true), Ok(()));
        assert!(asked.holds(7, guard) && !asked.holds(8, guard));
        assert!(asked.check(&batch(0), None, true).is_err());
        asked.forget(7);
        assert!(!asked.holds(7, guard));
        assert!(asked.check(&batch(0), Some(guard), true).is_err());
        let later = asked.ask((7, 1), 0, false, NOW);
        assert_ne!(later, guard);
        assert!(asked.check(&batch(0), Some(guard), true).is_err(), "of the transaction before");
        assert_eq!(asked.check(&batch(0), Some(later), true), Ok(()));
    }

    #[test]
    fn the_lowest_sequence_goes_first() {
        let mut asked = Verifications::default();
        let guard = asked.ask((7, 1), 5, false, NOW);
        assert_eq!(asked.ask((7, 1), 3, false, NOW), guard);
        assert!(matches!(asked.check(&batch(5), Some(guard), true), Err(Refused::OutOfOrderSequence { .. })));
        assert_eq!(asked.check(&batch(3), Some(guard), true), Ok(()));
        asked.ask((7, 2), 9, false, NOW);
        assert_eq!(asked.check(&batch(9), Some(guard), true), Ok(()), "another epoch counts anew");
    }

    #[test]
    fn an_unknown_producer_begins_at_zero_from_version_2_on() {
        let mut asked = Verifications::default();
        let guard = asked.ask((7, 1), 3, true, NOW);
        assert!(matches!(
            asked.check(&batch(3), Some(guard), false),
            Err(Refused::OutOfOrderSequence { .. })
        ));
        assert_eq!(asked.check(&batch(3), Some(guard), true), Ok(()));
    }

    #[test]
    fn questions_age() {
        let mut asked = Verifications::default();
        let guard = asked.ask((7, 1), 0, false, NOW);
        asked.expire(NOW.plus(99), 100);
        assert_eq!(asked.check(&batch(0), Some(guard), true), Ok(()));
        asked.expire(NOW.plus(100), 100);
        assert!(asked.check(&batch(0), Some(guard), true).is_err());
    }
}
