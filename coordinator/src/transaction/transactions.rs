use super::{
    Transaction,
    command::Command,
    markers::MarkerQueue,
    record::Record,
    reply::{Reply, Work},
    settings::Settings,
};
use crate::{Effects, Machine, Ticket};
use ottla_types::{ErrorCode, Millis, Str};
use std::collections::BTreeMap;

/// Everything the log says: a pure function of the last record of every transactional id.
#[derive(Debug, Clone, Default)]
pub struct Durable {
    transactions: BTreeMap<Str, Transaction>,
    unknown_records: u64,
}

impl PartialEq for Durable {
    /// How many unknown records were skipped is not state: compaction changes it.
    fn eq(&self, other: &Self) -> bool {
        self.transactions == other.transactions
    }
}

impl Durable {
    fn apply(&mut self, record: &Record) {
        match record {
            Record::Transaction { transactional_id, value: Some(value), .. } => {
                self.transactions.insert(transactional_id.clone(), value.clone());
            }
            Record::Transaction { transactional_id, value: None, .. } => {
                self.transactions.remove(transactional_id);
            }
            Record::Unknown { .. } => self.unknown_records += 1,
        }
    }

    /// Where a transactional id stands.
    #[must_use]
    pub fn get(&self, transactional_id: &str) -> Option<&Transaction> {
        self.transactions.get(transactional_id)
    }

    /// Every transactional id, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &Transaction)> {
        self.transactions.iter()
    }

    /// How many records of later kinds or versions were skipped.
    #[must_use]
    pub fn unknown_records(&self) -> u64 {
        self.unknown_records
    }
}

/// The coordinator of one `__transaction_state` partition.
#[derive(Debug, Default)]
pub struct Transactions {
    pub(super) settings: Settings,
    pub(super) durable: Durable,
    /// The epoch each producer had before it was last initialized by itself; what a repeated request may still name
    /// (KIP-360). Lost with the coordinator, as in Kafka: then such a request is fenced.
    pub(super) last_epochs: BTreeMap<Str, i16>,
    pub(super) markers: MarkerQueue,
    /// Who is to write markers, and has nothing to do.
    pub(super) worker: Option<Ticket>,
    /// An id for a transaction that times out at its last epoch.
    pub(super) spare_id: Option<i64>,
    /// A timed-out transaction waits for such an id; true once the worker knows.
    pub(super) spare_wanted: Option<bool>,
    /// `None` until loaded.
    pub(super) next_abort_check: Option<Millis>,
    /// `None` until loaded.
    pub(super) next_expiry_check: Option<Millis>,
}

impl Transactions {
    /// An empty coordinator, ready to replay.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// The cluster's level of `transaction.version`, as it was last told.
    #[must_use]
    pub fn transaction_version(&self) -> i16 {
        self.settings.transaction_version
    }

    /// What the log says, for metrics and tests.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// A record of a transactional id's new value, in the version the cluster's features allow.
    pub(super) fn record(&self, transactional_id: &Str, value: Transaction) -> Record {
        let version = self.settings.value_version();
        let value = if version == 0 { value.into_version_0() } else { value };
        let transactional_id = Str::from(transactional_id.to_string());
        Record::Transaction { transactional_id, value: Some(value), version }
    }

    /// Gives the worker what there is to do. Its reply leaves when everything written so far is committed, so that no
    /// marker is written before the decision it follows is durable.
    pub(super) fn offer_work(&mut self, now: Millis, effects: &mut Effects<Self>) {
        let wants_id = self.spare_wanted == Some(false);
        if self.worker.is_none() || !(wants_id || self.markers.has_ready(now)) {
            return;
        }
        if let Some(worker) = self.worker.take() {
            let work = Work { markers: self.markers.take_ready(now), needs_producer_id: wants_id };
            if wants_id {
                self.spare_wanted = Some(true);
            }
            effects.replies.push((worker, Reply::Work(work)));
        }
    }

    fn await_work(&mut self, ticket: Ticket) -> Effects<Self> {
        let before = self.worker.replace(ticket);
        let replies = before.map(|before| (before, Reply::Work(Work::default())));
        Effects { records: Vec::new(), replies: replies.into_iter().collect() }
    }

    fn supply(&mut self, now: Millis, ticket: Ticket, producer_id: i64) -> Effects<Self> {
        self.spare_id = Some(producer_id);
        let mut effects = Effects::reply(ticket, Reply::Done(ErrorCode::NONE));
        if self.spare_wanted.take().is_some() {
            self.abort_timed_out(now, &mut effects);
        }
        effects
    }
}

impl Machine for Transactions {
    type Command = Command;
    type Reply = Reply;
    type Record = Record;

    fn step(&mut self, now: Millis, ticket: Ticket, command: Command) -> Effects<Self> {
        let mut effects = match command {
            Command::Init(request) => self.init(now, ticket, &request),
            Command::AddPartitions(request) => self.add_partitions(now, ticket, &request),
            Command::Verify(request) => Effects::reply(ticket, Reply::Verified(self.verify(&request))),
            Command::End(request) => self.end(now, ticket, &request),
            Command::AwaitWork => self.await_work(ticket),
            Command::MarkersWritten(request) => self.markers_written(now, ticket, &request),
            Command::SupplyProducerId(producer_id) => self.supply(now, ticket, producer_id),
            Command::Describe(ids) => Effects::reply(ticket, Reply::Describe(self.describe(&ids))),
            Command::List(request) => Effects::reply(ticket, Reply::List(self.list(now, &request))),
            Command::ChangeSettings(settings) => {
                self.settings = settings;
                Effects::reply(ticket, Reply::Done(ErrorCode::NONE))
            }
        };
        self.offer_work(now, &mut effects);
        effects
    }

    fn tick(&mut self, now: Millis) -> Effects<Self> {
        let mut effects = Effects::default();
        if self.next_abort_check.is_some_and(|at| at <= now) {
            self.abort_timed_out(now, &mut effects);
        }
        if self.next_expiry_check.is_some_and(|at| at <= now) {
            self.forget_expired(now, &mut effects);
        }
        self.offer_work(now, &mut effects);
        effects
    }

    fn replay(&mut self, record: &Record) {
        self.durable.apply(record);
        if let Record::Transaction { transactional_id, value: None, .. } = record {
            self.last_epochs.remove(transactional_id);
        }
    }

    fn deadline(&self) -> Option<Millis> {
        // Markers that wait to be tried again are due only when somebody is there to write them.
        let retry = self.worker.and_then(|_| self.markers.next_retry());
        self.next_abort_check.into_iter().chain(self.next_expiry_check).chain(retry).min()
    }

    fn loaded(&mut self, now: Millis) -> Effects<Self> {
        self.markers.number_from(now);
        for (id, transaction) in &self.durable.transactions {
            if transaction.state.is_ending() {
                self.markers.push(id, transaction);
            }
        }
        self.next_abort_check = Some(now.plus(self.settings.abort_check_interval_ms));
        self.next_expiry_check = Some(now.plus(self.settings.expiry_check_interval_ms));
        self.complete_without_markers(now)
    }
}
