//! Decides what happens to the metadata: the machine behind every admin request.

mod assignment;
mod brokers;
mod command;
mod configs;
mod create_partitions;
mod create_topics;
mod delete_topics;
mod draft;
mod elect_leaders;
mod features;
mod options;
mod partition_change;
mod placement;
mod producer_ids;

pub use brokers::{BrokerHeartbeat, HeartbeatAnswer};
pub use command::{Command, Reply};
pub use configs::{ConfigChanges, ConfigOp};
pub use features::{FeatureUpdate, UpgradeType};
pub use options::{ConfigRules, Options, Refusal};
pub use producer_ids::{PRODUCER_ID_BLOCK, ProducerIdBlock};

use crate::{ConfigResource, Delta, Image, Loader, bootstrap, feature};
use draft::Draft;
use ottla_coordinator::{Effects, Machine, Ticket};
use ottla_types::Millis;
use ottla_wire::{MetadataRecord, log_records::metadata::config_record::ConfigRecord};

/// The setting that bounds how small an ISR may become.
const MIN_IN_SYNC_REPLICAS: &str = "min.insync.replicas";
/// The `metadata.version` with metadata transactions (3.6-IV1).
const METADATA_TRANSACTIONS: i16 = 13;
/// The `metadata.version` with registered controllers (3.7-IV0).
const CONTROLLER_REGISTRATION: i16 = 15;
/// More records than this in one batch are refused, as Kafka does.
const MAX_RECORDS_PER_BATCH: usize = 10_000;

/// The controller: every durable change of the metadata is decided here and comes back through
/// [`replay`](Machine::replay).
#[derive(Debug)]
pub struct Controller {
    options: Options,
    loader: Loader,
    next_offset: i64,
}

impl Controller {
    /// A controller over the metadata in `loader` (empty, or read from a snapshot); the log's records follow through
    /// [`replay`](Machine::replay).
    #[must_use]
    pub fn new(options: Options, loader: Loader) -> Self {
        Self { options, loader, next_offset: 0 }
    }

    /// Tells the offset the next record will get: a broker's epoch is the offset at which it registers. To be called
    /// before every [`step`](Machine::step).
    pub const fn set_next_offset(&mut self, offset: i64) {
        self.next_offset = offset;
    }

    /// The metadata, including what is decided but not yet committed.
    #[must_use]
    pub const fn image(&self) -> &Image {
        self.loader.image()
    }

    /// Whether a metadata transaction is open: nothing may be published or written as a snapshot meanwhile.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.loader.in_transaction()
    }

    /// What was touched since the last call.
    pub fn take_delta(&mut self) -> Delta {
        self.loader.take_delta()
    }

    /// The first records of a new cluster, in one metadata transaction as Kafka writes them where there are any.
    fn bootstrap(&self, draft: &mut Draft) {
        let mut first = Image::default();
        self.options.bootstrap.iter().for_each(|record| first.apply(record, &mut Delta::default()));
        let in_transaction = first.features.level(feature::METADATA_VERSION) >= METADATA_TRANSACTIONS;
        if in_transaction {
            draft.push(bootstrap::begin());
        }
        self.options.bootstrap.iter().for_each(|record| draft.push(record.clone()));
        if draft.image.features.elr_enabled() {
            self.ensure_min_in_sync_replicas(draft);
        }
        if in_transaction {
            draft.push(bootstrap::end());
        }
    }

    /// With eligible leader replicas on, the cluster-wide minimum must be set explicitly.
    fn ensure_min_in_sync_replicas(&self, draft: &mut Draft) {
        let cluster = ConfigResource::broker_default();
        if draft.image.configs.value(&cluster, MIN_IN_SYNC_REPLICAS).is_none() {
            draft.push(ConfigRecord {
                resource_type: cluster.kind,
                resource_name: cluster.name,
                name: MIN_IN_SYNC_REPLICAS.into(),
                value: Some(self.options.default_min_in_sync_replicas.to_string().into()),
            });
        }
    }
}

impl Machine for Controller {
    type Command = Command;
    type Reply = Reply;
    type Record = MetadataRecord;

    fn step(&mut self, _now: Millis, ticket: Ticket, command: Command) -> Effects<Self> {
        let mut draft = Draft::of(self.image());
        let reply = match command {
            Command::RegisterController(node) => {
                if draft.image.features.level(feature::METADATA_VERSION) >= CONTROLLER_REGISTRATION {
                    draft.push(node.to_record());
                }
                Reply::RegisterController
            }
            Command::RegisterBroker(request) => {
                Reply::RegisterBroker(self.register_broker(&mut draft, &request))
            }
            Command::Heartbeat(heartbeat) => Reply::Heartbeat(brokers::heartbeat(&mut draft, &heartbeat)),
            Command::UnregisterBroker { broker_id } => {
                Reply::UnregisterBroker(brokers::unregister(&mut draft, broker_id))
            }
            Command::CreateTopics { request, ids } => {
                Reply::CreateTopics(self.create_topics(&mut draft, &request, &ids))
            }
            Command::DeleteTopics(request) => Reply::DeleteTopics(self.delete_topics(&mut draft, request)),
            Command::CreatePartitions(request) => {
                let room = self.room_for_partitions(&draft.image);
                let room = create_partitions::Room { left: room, most: self.options.max_partitions };
                Reply::CreatePartitions(create_partitions::create_partitions(&mut draft, &request, room))
            }
            Command::AlterConfigs { changes, validate_only } => {
                Reply::AlterConfigs(self.alter_configs(&mut draft, changes, validate_only))
            }
            Command::ElectLeaders(request) => {
                Reply::ElectLeaders(elect_leaders::elect_leaders(&mut draft, &request))
            }
            Command::UpdateFeatures { updates, kraft_version, validate_only } => Reply::UpdateFeatures(
                self.update_features(&mut draft, &updates, kraft_version, validate_only),
            ),
            Command::AllocateProducerIds { broker_id, broker_epoch } => {
                Reply::AllocateProducerIds(producer_ids::allocate(&mut draft, broker_id, broker_epoch))
            }
        };
        Effects { records: draft.records, replies: vec![(ticket, reply)] }
    }

    /// Nothing becomes due while the only broker is in this process.
    fn tick(&mut self, _now: Millis) -> Effects<Self> {
        Effects::default()
    }

    fn replay(&mut self, record: &MetadataRecord) {
        self.loader.replay(record);
    }

    fn deadline(&self) -> Option<Millis> {
        None
    }

    /// An empty log gets its first records; a metadata transaction its writer did not finish is aborted.
    fn loaded(&mut self, _now: Millis) -> Effects<Self> {
        let mut draft = Draft::of(self.image());
        if self.in_transaction() {
            let mut after = self.loader.clone();
            after.replay(&bootstrap::abort());
            draft = Draft::of(after.image());
            draft.push(bootstrap::abort());
        }
        if draft.image.features.iter().next().is_none() {
            self.bootstrap(&mut draft);
        }
        Effects { records: draft.records, replies: Vec::new() }
    }
}
