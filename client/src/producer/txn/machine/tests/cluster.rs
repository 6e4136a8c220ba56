//! Ottla's transaction coordinator with partitions that know their producers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicI64, Ordering::Relaxed},
};

use ottla_coordinator::{
    Effects, Machine, Ticket,
    transaction::{
        AddPartitions, Command, EndTransaction, InitProducer, MarkersWritten, Partitions, Producer, Record,
        Reply, Settings, Transactions, Verified, Verify, Work,
    },
};
use ottla_types::{ErrorCode, Millis, Str};

use crate::producer::txn::action::{Action, Answer, Request, Who};

const TOPIC: Str = Str::from_static("t");
const ID: Str = Str::from_static("id");
/// The partition offsets are in.
pub(super) const OFFSETS: i32 = 9;

/// How a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Answered,
    /// It does not arrive.
    Unheard,
    /// It is done, and its answer gets lost.
    Unsaid,
    /// The broker is not the coordinator any more.
    Elsewhere,
}

/// What a partition holds of a producer.
#[derive(Default)]
struct Log {
    /// Of transactions that are open here.
    open: BTreeMap<i64, BTreeSet<u32>>,
    committed: BTreeSet<u32>,
    epochs: BTreeMap<i64, i16>,
}

pub(super) struct Cluster {
    transactions: Transactions,
    records: Vec<Record>,
    settings: Settings,
    tickets: u64,
    ids: AtomicI64,
    logs: BTreeMap<i32, Log>,
    works: Vec<Work>,
}

impl Cluster {
    pub(super) fn new(now: Millis, version: i16) -> Self {
        let settings = Settings { transaction_version: version, ..Settings::default() };
        let transactions = Transactions::new(settings.clone());
        let mut new = Self {
            transactions,
            records: Vec::new(),
            settings,
            tickets: 0,
            ids: AtomicI64::new(100),
            logs: BTreeMap::new(),
            works: Vec::new(),
        };
        let effects = new.transactions.loaded(now);
        new.apply(effects);
        new
    }

    pub(super) fn restart(&mut self, now: Millis) {
        self.transactions = Transactions::new(self.settings.clone());
        self.records.iter().for_each(|record| self.transactions.replay(record));
        let effects = self.transactions.loaded(now);
        self.apply(effects);
    }

    /// Another producer begins with the id.
    pub(super) fn fence(&mut self, now: Millis) {
        for _ in 0..100 {
            if matches!(self.init(now, None), Reply::Producer(Ok(_))) {
                return;
            }
            self.write_markers(now);
        }
        panic!("the coordinator is never ready");
    }

    /// Whether a record, or offsets, are there for everybody to read.
    pub(super) fn has(&self, (partition, value): &(i32, u32)) -> bool {
        self.logs.get(partition).is_some_and(|log| log.committed.contains(value))
    }

    pub(super) fn produce(
        &mut self,
        now: Millis,
        (id, epoch): (i64, i16),
        adds: bool,
        partition: i32,
        value: u32,
    ) -> ErrorCode {
        let producer = Producer { id, epoch };
        let log = self.logs.entry(partition).or_default();
        if log.epochs.get(&id).is_some_and(|known| epoch < *known) {
            return ErrorCode::INVALID_PRODUCER_EPOCH;
        }
        let code =
            if adds { self.add(now, producer, partition, 2) } else { self.verify(now, producer, partition) };
        if code.is_ok() {
            let log = self.logs.entry(partition).or_default();
            log.epochs.insert(id, epoch);
            log.open.entry(id).or_default().insert(value);
        }
        match code {
            ErrorCode::PRODUCER_FENCED => ErrorCode::INVALID_PRODUCER_EPOCH,
            code => code,
        }
    }

    pub(super) fn answer(&mut self, now: Millis, action: &Action, fate: Fate) -> Answer {
        match (fate, action) {
            (Fate::Unheard, _) => return Answer::Lost,
            (Fate::Elsewhere, Action::Ask(..)) => return Answer::Refused(ErrorCode::NOT_COORDINATOR),
            _ => {}
        }
        let answer = match action {
            Action::Find => Answer::Found(1, self.settings.transaction_version >= 2),
            Action::FindGroup(_) => Answer::FoundGroup(1),
            Action::Ask(_, request) => self.serve(now, request),
        };
        if fate == Fate::Unsaid { Answer::Lost } else { answer }
    }

    fn serve(&mut self, now: Millis, request: &Request) -> Answer {
        match request {
            Request::Init(who) => self.answer_init(now, *who),
            Request::Partitions(who, queues) => {
                // All or none.
                let partitions = queues.iter().map(|queue| *queue as i32).collect();
                let code = self.add_all(now, named(*who), partitions, 1);
                Answer::Partitions(queues.iter().map(|queue| (*queue, code)).collect())
            }
            Request::Group(who, _) => match self.add(now, named(*who), OFFSETS, 1) {
                ErrorCode::NONE => Answer::Group,
                code => Answer::Refused(code),
            },
            Request::Offsets(who, offsets, adds) => {
                let mut codes = BTreeMap::new();
                for (at, mark) in &offsets.marks {
                    let value = u32::try_from(mark.offset).expect("a small number");
                    let code = self.produce(now, (who.id, who.epoch), *adds, OFFSETS, value);
                    codes.insert(at.clone(), code);
                }
                Answer::Offsets(codes)
            }
            Request::End { who, commit, new_epoch } => self.end(now, *who, *commit, *new_epoch),
        }
    }

    fn answer_init(&mut self, now: Millis, who: Option<Who>) -> Answer {
        match self.init(now, who) {
            Reply::Producer(Ok(Producer { id, epoch })) => Answer::Init(Who { id, epoch }),
            Reply::Producer(Err(code)) => Answer::Refused(code),
            other => panic!("no answer to InitProducerId: {other:?}"),
        }
    }

    fn init(&mut self, now: Millis, who: Option<Who>) -> Reply {
        let fresh_id = Some(self.ids.fetch_add(1, Relaxed));
        let expected = who.map(named);
        let init = InitProducer { transactional_id: ID, timeout_ms: 60_000, expected, fresh_id };
        self.ask(now, Command::Init(init))
    }

    fn end(&mut self, now: Millis, who: Who, commit: bool, new_epoch: bool) -> Answer {
        let end = EndTransaction {
            transactional_id: ID,
            producer: named(who),
            commit,
            version: if new_epoch { 2 } else { 0 },
            fresh_id: Some(self.ids.fetch_add(1, Relaxed)),
        };
        match self.ask(now, Command::End(end)) {
            Reply::Producer(Ok(Producer { id, epoch })) => {
                Answer::Ended(new_epoch.then_some(Who { id, epoch }))
            }
            Reply::Producer(Err(code)) => Answer::Refused(code),
            other => panic!("no answer to EndTxn: {other:?}"),
        }
    }

    fn add(&mut self, now: Millis, producer: Producer, partition: i32, version: i16) -> ErrorCode {
        self.add_all(now, producer, [partition].into(), version)
    }

    fn add_all(&mut self, now: Millis, producer: Producer, of: BTreeSet<i32>, version: i16) -> ErrorCode {
        let partitions = Partitions::from([(TOPIC, of)]);
        let add = AddPartitions { transactional_id: ID, producer, partitions, version };
        match self.ask(now, Command::AddPartitions(add)) {
            Reply::Done(code) => code,
            other => panic!("no answer to AddPartitionsToTxn: {other:?}"),
        }
    }

    fn verify(&mut self, now: Millis, producer: Producer, partition: i32) -> ErrorCode {
        let partitions = Partitions::from([(TOPIC, [partition].into())]);
        match self.ask(now, Command::Verify(Verify { transactional_id: ID, producer, partitions })) {
            Reply::Verified(Verified::Refused(code)) => code,
            Reply::Verified(Verified::Each(each)) => each[0].2,
            other => panic!("not a verification: {other:?}"),
        }
    }

    /// The markers that are due come to their partitions.
    pub(super) fn write_markers(&mut self, now: Millis) {
        self.tickets += 1;
        let effects = self.transactions.step(now, Ticket(self.tickets), Command::AwaitWork);
        self.apply(effects);
        for markers in self.works.drain(..).flat_map(|work| work.markers).collect::<Vec<_>>() {
            for partition in markers.partitions.values().flatten() {
                let log = self.logs.entry(*partition).or_default();
                log.epochs.insert(markers.producer.id, markers.producer.epoch);
                let open = log.open.remove(&markers.producer.id).unwrap_or_default();
                if markers.commit {
                    log.committed.extend(open);
                }
            }
            let written = MarkersWritten {
                transactional_id: markers.transactional_id,
                job: markers.job,
                written: markers.partitions,
                fenced: false,
            };
            self.ask(now, Command::MarkersWritten(written));
        }
    }

    fn ask(&mut self, now: Millis, command: Command) -> Reply {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let effects = self.transactions.step(now, ticket, command);
        self.apply(effects).remove(&ticket).expect("it is answered at once")
    }

    fn apply(&mut self, effects: Effects<Transactions>) -> BTreeMap<Ticket, Reply> {
        for record in effects.records {
            self.transactions.replay(&record);
            self.records.push(record);
        }
        let mut replies = BTreeMap::new();
        for (ticket, reply) in effects.replies {
            match reply {
                Reply::Work(work) => self.works.push(work),
                reply => drop(replies.insert(ticket, reply)),
            }
        }
        replies
    }
}

fn named(who: Who) -> Producer {
    Producer { id: who.id, epoch: who.epoch }
}
