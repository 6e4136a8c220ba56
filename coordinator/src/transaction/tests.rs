//! Tables of the rules, with virtual time, and random producers against the invariants.

mod adding;
mod admin;
mod ending;
mod expiry;
mod format;
mod initializing;
mod random;

use super::*;
use crate::{
    Ticket,
    testing::{Replayable, Rig},
};
use ottla_types::{ErrorCode, Millis, Str};
use std::collections::BTreeSet;

impl Replayable for Transactions {
    type State = Durable;
    type Key = Str;

    fn durable_state(&self) -> Durable {
        self.durable().clone()
    }

    fn compaction_key(record: &Record) -> Option<Str> {
        match record {
            Record::Transaction { transactional_id, .. } => Some(transactional_id.clone()),
            Record::Unknown { key, .. } => Some(Str::from(format!("{key:?}"))),
        }
    }

    fn is_tombstone(record: &Record) -> bool {
        matches!(record, Record::Transaction { value: None, .. })
    }
}

const SECOND: i64 = 1_000;
const TIMEOUT: i32 = 60_000;

/// A coordinator on virtual time, with a worker that writes markers when told to.
struct Bench<F: Fn() -> Transactions> {
    rig: Rig<Transactions, F>,
    now: Millis,
    worker: Option<Ticket>,
    next_id: i64,
}

fn bench() -> Bench<impl Fn() -> Transactions> {
    bench_with(Settings::default())
}

fn bench_with(settings: Settings) -> Bench<impl Fn() -> Transactions> {
    let now = Millis(1_000_000);
    Bench { rig: Rig::new(move || Transactions::new(settings.clone()), now), now, worker: None, next_id: 100 }
}

fn text(value: &str) -> Str {
    Str::from(value.to_owned())
}

fn partitions(topic: &str, indices: &[i32]) -> Partitions {
    Partitions::from([(text(topic), BTreeSet::from_iter(indices.iter().copied()))])
}

fn producer(id: i64, epoch: i16) -> Producer {
    Producer { id, epoch }
}

impl<F: Fn() -> Transactions> Bench<F> {
    fn ask(&mut self, command: Command) -> Reply {
        let reply = self.rig.ask(self.now, command);
        self.rig.assert_replay_equal();
        reply
    }

    fn fresh_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }

    /// InitProducerId, with a fresh id when one is needed.
    fn init_with(&mut self, mut request: InitProducer) -> Result<Producer, ErrorCode> {
        loop {
            match self.ask(Command::Init(request.clone())) {
                Reply::Producer(answer) => return answer,
                Reply::NeedsProducerId if request.fresh_id.is_none() => {
                    request.fresh_id = Some(self.fresh_id())
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn init(&mut self, id: &str) -> Result<Producer, ErrorCode> {
        self.init_with(InitProducer {
            transactional_id: text(id),
            timeout_ms: TIMEOUT,
            ..InitProducer::default()
        })
    }

    fn recover(&mut self, id: &str, expected: Producer) -> Result<Producer, ErrorCode> {
        let expected = Some(expected);
        self.init_with(InitProducer {
            transactional_id: text(id),
            timeout_ms: TIMEOUT,
            expected,
            ..InitProducer::default()
        })
    }

    fn add(&mut self, id: &str, producer: Producer, index: i32, version: i16) -> ErrorCode {
        let partitions = partitions("t", &[index]);
        let command = AddPartitions { transactional_id: text(id), producer, partitions, version };
        match self.ask(Command::AddPartitions(command)) {
            Reply::Done(code) => code,
            other => panic!("{other:?}"),
        }
    }

    fn verify(&mut self, id: &str, producer: Producer, index: i32) -> ErrorCode {
        let command = Verify { transactional_id: text(id), producer, partitions: partitions("t", &[index]) };
        match self.ask(Command::Verify(command)) {
            Reply::Verified(Verified::Refused(code)) => code,
            Reply::Verified(Verified::Each(each)) => each[0].2,
            other => panic!("{other:?}"),
        }
    }

    fn end(
        &mut self,
        id: &str,
        producer: Producer,
        commit: bool,
        version: i16,
    ) -> Result<Producer, ErrorCode> {
        let mut request =
            EndTransaction { transactional_id: text(id), producer, commit, version, fresh_id: None };
        loop {
            match self.ask(Command::End(request.clone())) {
                Reply::Producer(answer) => return answer,
                Reply::NeedsProducerId if request.fresh_id.is_none() => {
                    request.fresh_id = Some(self.fresh_id())
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// What the worker is given to do, if anything.
    fn work(&mut self) -> Option<Work> {
        let ticket = match self.worker.take() {
            Some(ticket) => ticket,
            None => {
                let ticket = self.rig.submit(self.now, Command::AwaitWork);
                self.rig.assert_replay_equal();
                ticket
            }
        };
        match self.rig.take(ticket) {
            Some(Reply::Work(work)) => Some(work),
            Some(other) => panic!("{other:?}"),
            None => {
                self.worker = Some(ticket);
                None
            }
        }
    }

    fn written(&mut self, markers: &Markers, written: Partitions) {
        let (transactional_id, job) = (markers.transactional_id.clone(), markers.job);
        self.ask(Command::MarkersWritten(MarkersWritten { transactional_id, job, written, fenced: false }));
    }

    /// Writes every marker there is to write.
    fn write_markers(&mut self) -> Vec<Markers> {
        let mut all = Vec::new();
        while let Some(work) = self.work() {
            for markers in &work.markers {
                self.written(markers, markers.partitions.clone());
            }
            all.extend(work.markers);
        }
        all
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.plus(ms);
        self.rig.run_until(self.now);
        self.rig.assert_replay_equal();
    }

    fn restart(&mut self) {
        self.worker = None;
        self.rig.restart(self.now);
        self.rig.assert_replay_equal();
    }

    fn stands(&self, id: &str) -> Transaction {
        self.rig.live.durable().get(id).expect("the id is known").clone()
    }

    fn state(&self, id: &str) -> State {
        self.stands(id).state
    }

    /// As if the producer had gone through nearly all of its epochs.
    fn age(&mut self, id: &str, epoch: i16) {
        let mut value = self.stands(id);
        value.producer.epoch = epoch;
        let record = Record::Transaction { transactional_id: text(id), value: Some(value), version: 1 };
        crate::Machine::replay(&mut self.rig.live, &record);
        self.rig.log.push(record);
    }
}
