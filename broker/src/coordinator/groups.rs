use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};

use ottla_assign::Assignor;
use ottla_config::BrokerConfig;
use ottla_coordinator::{
    group::{
        Command, ConsumerSettings, Groups, KeyValue, ListGroups, ListedGroup, Metadata, MigrationPolicy,
        Record, Reply, Settings,
    },
    partition_for,
};
use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::{DecodeError, EncodeError};
use parking_lot::RwLock;

use super::{
    desk::{Desk, Refusal},
    journal::{Entry, Journal, Journaled},
};

/// How long to wait for a coordinator that is loading before telling it again.
const LOADING_PAUSE: Duration = Duration::from_millis(100);
/// How long the metadata waits at most until the offsets of deleted topics are gone.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

impl Journaled for Groups {
    fn encode(record: &Record) -> Result<Option<KeyValue>, EncodeError> {
        record.encode()
    }

    fn decode(entry: &Entry) -> Result<Record, DecodeError> {
        match entry {
            Entry::Data { key, value, producer_id } => Record::decode(key, value.as_ref(), *producer_id),
            Entry::TransactionEnd { producer_id, committed } => {
                Ok(Record::TransactionEnd { producer_id: *producer_id, committed: *committed })
            }
        }
    }
}

/// The group coordinators this broker runs: one desk for every partition of `__consumer_offsets` it leads.
///
/// Whoever follows the metadata says which those are; handlers ask by group.
pub(crate) struct GroupDesks<J: Journal> {
    clock: fn() -> Millis,
    /// How long the log may take to commit what was asked.
    commit_timeout: Duration,
    settings: RwLock<Settings>,
    /// The cluster as groups see it.
    metadata: RwLock<Arc<Metadata>>,
    /// How many partitions the topic has; 0 while there is no such topic.
    partition_count: AtomicI32,
    desks: RwLock<BTreeMap<i32, Arc<Desk<Groups, J>>>>,
}

impl<J: Journal> GroupDesks<J> {
    /// Without any partition. `clock` must not jump: it drives sessions, and stands in commit timestamps.
    pub(crate) fn new(settings: Settings, commit_timeout: Duration, clock: fn() -> Millis) -> Self {
        Self {
            clock,
            commit_timeout,
            settings: RwLock::new(settings),
            metadata: RwLock::default(),
            partition_count: AtomicI32::new(0),
            desks: RwLock::default(),
        }
    }

    /// The topic has this many partitions now.
    pub(crate) fn set_partition_count(&self, count: i32) {
        self.partition_count.store(count, Ordering::Release);
    }

    /// This broker leads the partition: its groups are loaded and served. Needs a running tokio runtime.
    pub(crate) fn lead(self: &Arc<Self>, partition: i32, journal: Arc<J>) {
        let desks = Arc::downgrade(self);
        let fresh = move || match desks.upgrade() {
            Some(desks) => Groups::with_metadata(desks.settings.read().clone(), desks.metadata()),
            None => Groups::default(),
        };
        let desk = Desk::new(journal, self.clock, fresh);
        if let Some(before) = self.desks.write().insert(partition, Arc::clone(&desk)) {
            before.close();
        }
        tokio::spawn(async move { desk.run().await });
    }

    /// This broker no longer leads the partition.
    pub(crate) fn resign(&self, partition: i32) {
        if let Some(desk) = self.desks.write().remove(&partition) {
            desk.close();
        }
    }

    /// The partitions led here.
    pub(crate) fn led(&self) -> Vec<i32> {
        self.desks.read().keys().copied().collect()
    }

    /// The broker is about to stop: members who wait for each other are sent away, so that their connections can end.
    pub(crate) fn retire(&self) {
        self.all().iter().for_each(|desk| desk.retire());
    }

    /// Stops them all.
    pub(crate) fn close(&self) {
        for partition in self.led() {
            self.resign(partition);
        }
    }

    /// The partition that keeps the group; `None` while the topic does not exist.
    pub(crate) fn partition_of(&self, group_id: &str) -> Option<i32> {
        let count = self.partition_count.load(Ordering::Acquire);
        (count > 0).then(|| partition_for(group_id, count))
    }

    fn desk_of(&self, partition: Option<i32>) -> Option<Arc<Desk<Groups, J>>> {
        self.desks.read().get(&partition?).cloned()
    }

    /// Asks the coordinator of a group.
    pub(crate) async fn ask(&self, group_id: &str, command: Command) -> Result<Reply, ErrorCode> {
        let desk = self.desk_of(self.partition_of(group_id)).ok_or(ErrorCode::NOT_COORDINATOR)?;
        // These wait for other members, for as long as their rebalance timeouts say.
        if matches!(command, Command::Join(_) | Command::Sync(_)) {
            return desk.submit(command).await.map_err(Refusal::code);
        }
        match tokio::time::timeout(self.commit_timeout, desk.submit(command)).await {
            Ok(answer) => answer.map_err(Refusal::code),
            Err(_) => Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
        }
    }

    /// Asks the coordinators of many groups, each once about all of its groups.
    pub(crate) async fn ask_each(
        &self,
        group_ids: Vec<Str>,
        command: fn(Vec<Str>) -> Command,
    ) -> Vec<(Vec<Str>, Result<Reply, ErrorCode>)> {
        let mut by_partition: BTreeMap<Option<i32>, Vec<Str>> = BTreeMap::new();
        for group_id in group_ids {
            by_partition.entry(self.partition_of(&group_id)).or_default().push(group_id);
        }
        let mut answers = Vec::with_capacity(by_partition.len());
        for (partition, group_ids) in by_partition {
            let answer = match self.desk_of(partition) {
                Some(desk) => desk.submit(command(group_ids.clone())).await.map_err(Refusal::code),
                None => Err(ErrorCode::NOT_COORDINATOR),
            };
            answers.push((group_ids, answer));
        }
        answers
    }

    /// The groups of all partitions led here.
    pub(crate) async fn list(&self, filter: &ListGroups) -> Result<Vec<ListedGroup>, ErrorCode> {
        let mut listed = Vec::new();
        for desk in self.all() {
            match desk.submit(Command::ListGroups(filter.clone())).await {
                Ok(Reply::List(groups)) => listed.extend(groups),
                // It has just gone elsewhere, where its groups are listed.
                Ok(_) | Err(Refusal::NotCoordinator) => {}
                Err(refusal @ Refusal::Loading) => return Err(refusal.code()),
            }
        }
        Ok(listed)
    }

    /// Topics are gone: so are the offsets of every group. Returns when that is done, or is taking long: the metadata
    /// does not wait for a coordinator that is loading or whose disk is broken.
    pub(crate) async fn topics_deleted(&self, names: &[Str]) {
        let told = tokio::spawn(tell(self.all(), Command::TopicsDeleted(names.to_vec())));
        // What takes longer goes on by itself.
        let _ = tokio::time::timeout(LONGEST_WAIT, told).await;
    }

    /// The cluster as groups see it.
    pub(crate) fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.metadata.read())
    }

    /// The cluster has changed. Nobody waits for coordinators to take note: members learn it with their next heartbeats.
    pub(crate) fn metadata_changed(&self, metadata: Arc<Metadata>) {
        *self.metadata.write() = Arc::clone(&metadata);
        tokio::spawn(tell(self.all(), Command::MetadataChanged(metadata)));
    }

    /// The broker's settings for groups have changed.
    pub(crate) fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        let settings = {
            let mut settings = self.settings.write();
            change(&mut settings);
            settings.clone()
        };
        tokio::spawn(tell(self.all(), Command::ChangeSettings(settings)));
    }

    /// Looks at every loaded coordinator, for metrics.
    pub(crate) fn survey(&self, mut look: impl FnMut(&Groups)) {
        for desk in self.all() {
            desk.peek(&mut look);
        }
    }

    fn all(&self) -> Vec<Arc<Desk<Groups, J>>> {
        self.desks.read().values().cloned().collect()
    }
}

/// Tells every coordinator, those that are loading once they are done.
async fn tell<J: Journal>(desks: Vec<Arc<Desk<Groups, J>>>, command: Command) {
    for desk in desks {
        while matches!(desk.submit(command.clone()).await, Err(Refusal::Loading)) {
            tokio::time::sleep(LOADING_PAUSE).await;
        }
    }
}

/// The coordinator's limits as the broker is configured.
pub(crate) fn settings_of(config: &BrokerConfig) -> Settings {
    let count = |value: i32| usize::try_from(value).unwrap_or(0);
    let consumer = &config.group_consumer;
    Settings {
        min_session_timeout_ms: config.group_min_session_timeout_ms,
        max_session_timeout_ms: config.group_max_session_timeout_ms,
        initial_rebalance_delay_ms: config.group_initial_rebalance_delay_ms,
        max_group_size: count(config.group_max_size),
        offset_metadata_max_length: count(config.offset_metadata_max_bytes),
        offsets_retention_ms: config.offsets_retention_minutes.saturating_mul(60_000),
        retention_check_interval_ms: config.offsets_retention_check_interval_ms,
        consumer: ConsumerSettings {
            session_timeout_ms: consumer.session_timeout_ms,
            heartbeat_interval_ms: consumer.heartbeat_interval_ms,
            assignment_interval_ms: consumer.assignment_interval_ms,
            max_size: count(consumer.max_size),
            assignors: assignors(&consumer.assignors),
            migration: MigrationPolicy::by_name(&consumer.migration_policy),
            ..ConsumerSettings::default()
        },
        ..Settings::default()
    }
}

/// The assignors of these names. What is none, a class for example, is told at start and left out.
fn assignors(names: &[String]) -> Vec<Assignor> {
    let known = |name: &String| {
        let found = Assignor::by_name(name);
        if found.is_none() {
            tracing::warn!(assignor = %name, "there is no such assignor of consumer groups, it is left out");
        }
        found
    };
    let found: Vec<Assignor> = names.iter().filter_map(known).collect();
    if found.is_empty() { Assignor::ALL.to_vec() } else { found }
}
