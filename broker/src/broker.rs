//! What the handlers of one broker share.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use ottla_config::{BrokerConfig, DynamicBrokerConfig};
use ottla_disk::Disk;
use ottla_log::{Flusher, LogDir};
use ottla_metadata::Image;
use ottla_net::{ConnectionContext, ConnectionLimiter, Principal};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::create_topics_request::CreateTopicsRequest;
use parking_lot::Mutex;

use crate::{
    api::cluster::auto_topics,
    cleaner::Cleaner,
    coordinator::{GroupDesks, TransactionDesks},
    fetch_sessions::FetchSessions,
    metadata_shell::MetadataShell,
    metrics::Metrics,
    partition::{PartitionJournal, Partitions},
    producer_ids::ProducerIds,
    settings::OwnedLayers,
};

/// Committed offsets and group memberships.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// Where transactions stand.
pub(crate) const TRANSACTIONS_TOPIC: &str = "__transaction_state";
/// Topics clients see as internal.
pub(crate) const INTERNAL_TOPICS: [&str; 3] = [OFFSETS_TOPIC, TRANSACTIONS_TOPIC, "__share_group_state"];

/// One data directory with its flushing thread.
#[derive(Debug)]
pub(crate) struct DataDir {
    pub(crate) dir: LogDir,
    pub(crate) flusher: Arc<Flusher>,
}

/// One broker at work.
pub struct Broker {
    /// The file's settings; those that may change at run time are in `dynamic`.
    pub(crate) config: BrokerConfig,
    pub(crate) dynamic: ArcSwap<DynamicBrokerConfig>,
    pub(crate) connections: ConnectionLimiter,
    pub(crate) cluster_id: Str,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) dirs: Vec<DataDir>,
    pub(crate) partitions: Partitions,
    pub(crate) metadata: Arc<MetadataShell>,
    pub(crate) groups: GroupDesks<PartitionJournal>,
    pub(crate) transactions: TransactionDesks<PartitionJournal>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) fetch_sessions: Mutex<FetchSessions<Arc<Principal>>>,
    /// Files and directories that leave the disk when their delay is over: due time on the monotonic clock.
    pub(crate) doomed: Mutex<Vec<(i64, PathBuf)>>,
    pub(crate) cleaner: Cleaner,
    /// Held while the offset checkpoints are written.
    pub(crate) checkpoints: Mutex<()>,
}

impl std::fmt::Debug for Broker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Broker").field("node_id", &self.config.node_id).finish_non_exhaustive()
    }
}

impl Broker {
    pub(crate) fn node_id(&self) -> i32 {
        self.config.node_id
    }

    /// The committed metadata.
    pub(crate) fn image(&self) -> Arc<Image> {
        self.metadata.image()
    }

    /// A broker's address on the listener a request came in on.
    pub(crate) fn address_of(&self, node_id: i32, connection: &ConnectionContext) -> Option<(Str, i32)> {
        let image = self.image();
        let listener = image.broker(node_id)?.listener(connection.listener())?;
        Some((listener.host.clone(), i32::from(listener.port)))
    }

    /// The broker that coordinates a group; the first such question creates the topic groups live in.
    pub(crate) async fn group_coordinator(&self, group_id: &str) -> Result<i32, ErrorCode> {
        if self.groups.partition_of(group_id).is_none() {
            self.create_internal_topic(OFFSETS_TOPIC).await;
        }
        self.leader_of(OFFSETS_TOPIC, self.groups.partition_of(group_id))
    }

    /// The broker that coordinates a transactional id; the first such question creates the topic they live in.
    pub(crate) async fn transaction_coordinator(&self, transactional_id: &str) -> Result<i32, ErrorCode> {
        if self.transactions.partition_of(transactional_id).is_none() {
            self.create_internal_topic(TRANSACTIONS_TOPIC).await;
        }
        self.leader_of(TRANSACTIONS_TOPIC, self.transactions.partition_of(transactional_id))
    }

    fn leader_of(&self, topic: &str, partition: Option<i32>) -> Result<i32, ErrorCode> {
        let image = self.image();
        let found = image.topics.by_name(topic).zip(partition);
        let leader = found.and_then(|(topic, partition)| Some(topic.partitions.get(&partition)?.leader));
        leader.filter(|leader| *leader >= 0).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)
    }

    async fn create_internal_topic(&self, name: &'static str) {
        let image = self.image();
        let layers = OwnedLayers::read(&self.config, &image);
        let topic = auto_topics::creatable(name, layers.view(), image.brokers().len());
        let request =
            CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..CreateTopicsRequest::default() };
        match self.metadata.create_topics(request).await {
            Ok(response) => {
                for topic in response.topics {
                    let expected = [ErrorCode::NONE, ErrorCode::TOPIC_ALREADY_EXISTS];
                    if !expected.contains(&topic.error_code) {
                        tracing::warn!(topic = %topic.name, error = %topic.error_code, "cannot create the topic");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "cannot create {name}"),
        }
    }
}
