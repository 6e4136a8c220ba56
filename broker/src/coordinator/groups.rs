use std::{sync::Arc, time::Duration};

use ottla_assign::Assignor;
use ottla_config::BrokerConfig;
use ottla_coordinator::group::{
    Command, ConsumerSettings, Groups, KeyValue, ListGroups, ListedGroup, Metadata, MigrationPolicy, Record,
    Reply, Settings,
};
use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::{DecodeError, EncodeError};
use parking_lot::RwLock;

use super::{
    desks::{Desks, tell},
    journal::{Entry, Envelope, Journal, Journaled},
};

/// How long the metadata waits at most until the offsets of deleted topics are gone.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What every group coordinator is told.
#[derive(Debug)]
pub(crate) struct GroupContext {
    settings: RwLock<Settings>,
    /// The cluster as groups see it.
    metadata: RwLock<Arc<Metadata>>,
}

impl Journaled for Groups {
    type Context = GroupContext;

    fn fresh(context: &GroupContext) -> Self {
        Self::with_metadata(context.settings.read().clone(), Arc::clone(&context.metadata.read()))
    }

    fn envelope(command: &Command) -> Envelope {
        match command {
            Command::CommitOffsets(commit) => {
                commit.producer.map_or(Envelope::Plain, |producer| Envelope::Transactional { producer })
            }
            Command::EndTransaction(end) => Envelope::Marker {
                producer: end.producer,
                commit: end.committed,
                coordinator_epoch: end.coordinator_epoch,
            },
            _ => Envelope::Plain,
        }
    }

    /// For other members, for as long as their rebalance timeouts say.
    fn waits_for_others(command: &Command) -> bool {
        matches!(command, Command::Join(_) | Command::Sync(_))
    }

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

/// The group coordinators this broker runs, one for every partition of `__consumer_offsets` it leads.
pub(crate) type GroupDesks<J> = Desks<Groups, J>;

impl<J: Journal> Desks<Groups, J> {
    /// Group coordinators with these settings, which know nothing of the cluster yet.
    pub(crate) fn new(settings: Settings, commit_timeout: Duration, clock: fn() -> Millis) -> Self {
        let context = GroupContext { settings: RwLock::new(settings), metadata: RwLock::default() };
        Self::around(context, commit_timeout, clock)
    }

    /// The groups of all partitions led here.
    pub(crate) async fn list(&self, filter: &ListGroups) -> Result<Vec<ListedGroup>, ErrorCode> {
        let replies = self.ask_all(Command::ListGroups(filter.clone())).await?;
        let groups = replies.into_iter().filter_map(|reply| match reply {
            Reply::List(groups) => Some(groups),
            _ => None,
        });
        Ok(groups.flatten().collect())
    }

    /// Topics are gone: so are the offsets of every group. Returns when that is done, or is taking long: the metadata
    /// does not wait for a coordinator that is loading or whose disk is broken.
    pub(crate) async fn topics_deleted(&self, names: &[Str]) {
        let names = names.to_vec();
        let told = tokio::spawn(tell(self.all(), move || Command::TopicsDeleted(names.clone())));
        // What takes longer goes on by itself.
        let _ = tokio::time::timeout(LONGEST_WAIT, told).await;
    }

    /// The cluster as groups see it.
    pub(crate) fn metadata(&self) -> Arc<Metadata> {
        Arc::clone(&self.context.metadata.read())
    }

    /// The cluster has changed. Coordinators that are loading learn it later.
    pub(crate) fn metadata_changed(&self, metadata: Arc<Metadata>) {
        *self.context.metadata.write() = metadata;
        self.tell_all(|context| Command::MetadataChanged(Arc::clone(&context.metadata.read())));
    }

    /// The broker's settings for groups have changed.
    pub(crate) fn change_settings(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.context.settings.write());
        self.tell_all(|context| Command::ChangeSettings(context.settings.read().clone()));
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
