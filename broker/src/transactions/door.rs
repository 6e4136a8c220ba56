//! The way of a transaction's first batch into a partition.

use std::{sync::Arc, time::Duration};

use ottla_coordinator::transaction::{AddPartitions, Command, Partitions, Producer, Reply, Verified, Verify};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Str};
use tokio::time::Instant;

use crate::{
    broker::Broker,
    partition::{Partition, Word},
};

/// How long to wait for the former transaction at first: most need a write or two, and the setting's 20 ms would be what a
/// producer that commits one transaction after the other spends most of its time on.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// What a client's version of a request means for transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// It has told the coordinator itself, and does not know that a transaction may have to be aborted.
    Old,
    /// It has told the coordinator itself.
    Verified,
    /// The broker tells the coordinator (transaction version 2).
    Implicit,
}

/// A transaction that wants into partitions.
pub(crate) struct Door<'a> {
    pub(crate) broker: &'a Broker,
    pub(crate) transactional_id: &'a Str,
    /// Id and epoch.
    pub(crate) producer: (i64, i16),
    pub(crate) form: Form,
}

impl Door<'_> {
    /// The coordinator's word for each of these partitions; the number is the first sequence of the batch for it.
    pub(crate) async fn ask(&self, into: &[(Arc<Partition>, i32)]) -> Vec<Result<Word, ErrorCode>> {
        let implicit = self.form == Form::Implicit;
        if !implicit && !self.broker.dynamic.load().transaction_partition_verification_enable {
            return vec![Ok(Word::NotWanted); into.len()];
        }
        let config = &self.broker.config.transactions;
        let longest = Duration::from_millis(config.add_partitions_to_txn_retry_backoff_ms.into());
        let mut pause = FIRST_PAUSE.min(longest);
        let until =
            Instant::now() + Duration::from_millis(config.add_partitions_to_txn_retry_backoff_max_ms.into());
        loop {
            let words = self.try_once(into).await;
            // The former transaction of the producer may still be ending; with version 2 that is so common that the broker
            // tries again by itself for a moment.
            let concurrent = words.contains(&Err(ErrorCode::CONCURRENT_TRANSACTIONS));
            if !concurrent || !implicit || Instant::now() >= until {
                return words;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    /// Each time under guards of its own: a marker of the former transaction takes back those given before it.
    async fn try_once(&self, into: &[(Arc<Partition>, i32)]) -> Vec<Result<Word, ErrorCode>> {
        let guards: Vec<_> = into
            .iter()
            .map(|(partition, sequence)| {
                partition.ask_first(self.producer, *sequence, self.form == Form::Implicit)
            })
            .collect();
        let mut wanted = Partitions::new();
        for ((partition, _), _) in into.iter().zip(&guards).filter(|(_, guard)| guard.is_some()) {
            wanted.entry(partition.topic().clone()).or_default().insert(partition.index());
        }
        if wanted.is_empty() {
            return vec![Ok(Word::NotAsked); into.len()];
        }
        let answer = self.ask_once(wanted).await;
        let word = |((partition, _), guard): (&(Arc<Partition>, i32), Option<_>)| match guard {
            None => Ok(Word::NotAsked),
            Some(guard) => match self.translate(answer.of(partition)) {
                // The marker of the former transaction came after the guard and before the coordinator's word. No other can
                // come now, so the next guard will hold.
                ErrorCode::NONE
                    if !partition.holds(self.producer.0, guard) && !mutant!("guard_not_asked_for_again") =>
                {
                    Err(ErrorCode::CONCURRENT_TRANSACTIONS)
                }
                ErrorCode::NONE => Ok(Word::Given(guard)),
                code => Err(code),
            },
        };
        into.iter().zip(guards).map(word).collect()
    }

    async fn ask_once(&self, partitions: Partitions) -> Answer {
        let transactional_id = self.transactional_id.clone();
        let (id, epoch) = self.producer;
        let producer = Producer { id, epoch };
        let command = if self.form == Form::Implicit {
            Command::AddPartitions(AddPartitions { transactional_id, producer, partitions, version: 2 })
        } else {
            Command::Verify(Verify { transactional_id, producer, partitions })
        };
        match self.broker.transactions.ask(self.transactional_id, command).await {
            Ok(Reply::Done(code) | Reply::Verified(Verified::Refused(code))) => Answer::All(code),
            Ok(Reply::Verified(Verified::Each(each))) => Answer::Each(each),
            Ok(_) => Answer::All(ErrorCode::UNKNOWN_SERVER_ERROR),
            Err(code) => Answer::All(code),
        }
    }

    /// What a producer understands of the coordinator's codes.
    fn translate(&self, code: ErrorCode) -> ErrorCode {
        match code {
            ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
            ErrorCode::TRANSACTION_ABORTABLE if self.form == Form::Old => ErrorCode::INVALID_TXN_STATE,
            other => other,
        }
    }
}

enum Answer {
    All(ErrorCode),
    Each(Vec<(Str, i32, ErrorCode)>),
}

impl Answer {
    fn of(&self, partition: &Partition) -> ErrorCode {
        match self {
            Self::All(code) => *code,
            Self::Each(each) => {
                let same = |(topic, index, _): &&(Str, i32, ErrorCode)| {
                    topic == partition.topic() && *index == partition.index()
                };
                each.iter().find(same).map_or(ErrorCode::UNKNOWN_SERVER_ERROR, |(.., code)| *code)
            }
        }
    }
}
