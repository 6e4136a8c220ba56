//! What the handlers of one broker share.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use ottla_config::{BrokerConfig, DynamicBrokerConfig};
use ottla_disk::Disk;
use ottla_log::{Flusher, LogDir};
use ottla_metadata::Image;
use ottla_net::{ConnectionContext, ConnectionLimiter, Principal};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::create_topics_request::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use parking_lot::Mutex;

use crate::{
    coordinator::GroupDesks,
    fetch_sessions::FetchSessions,
    metadata_shell::MetadataShell,
    metrics::Metrics,
    partition::{PartitionJournal, Partitions},
    producer_ids::ProducerIds,
};

/// Committed offsets and group memberships.
pub(crate) const OFFSETS_TOPIC: &str = "__consumer_offsets";
/// Topics clients see as internal.
pub(crate) const INTERNAL_TOPICS: [&str; 3] = [OFFSETS_TOPIC, "__transaction_state", "__share_group_state"];

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
    pub(crate) groups: Arc<GroupDesks<PartitionJournal>>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) producer_ids: ProducerIds,
    pub(crate) fetch_sessions: Mutex<FetchSessions<Arc<Principal>>>,
    /// Files and directories that leave the disk when their delay is over: due time on the monotonic clock.
    pub(crate) doomed: Mutex<Vec<(i64, PathBuf)>>,
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
            self.create_offsets_topic().await;
        }
        let partition = self.groups.partition_of(group_id).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
        let image = self.image();
        let topic = image.topics.by_name(OFFSETS_TOPIC).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)?;
        let leader = topic.partitions.get(&partition).map_or(-1, |partition| partition.leader);
        if leader < 0 { Err(ErrorCode::COORDINATOR_NOT_AVAILABLE) } else { Ok(leader) }
    }

    async fn create_offsets_topic(&self) {
        let setting = |name: &'static str, value: &str| CreatableTopicConfig {
            name: Str::from_static(name),
            value: Some(value.into()),
        };
        let topic = CreatableTopic {
            name: Str::from_static(OFFSETS_TOPIC),
            num_partitions: self.config.offsets_topic_num_partitions,
            // A cluster of one cannot hold three replicas; asking for them would leave it without groups.
            replication_factor: self
                .config
                .offsets_topic_replication_factor
                .min(i16::try_from(self.image().brokers().len()).unwrap_or(i16::MAX))
                .max(1),
            assignments: Vec::new(),
            configs: vec![
                setting("cleanup.policy", "compact"),
                setting("compression.type", "producer"),
                setting("segment.bytes", &self.config.offsets_topic_segment_bytes.to_string()),
            ],
        };
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
            Err(error) => tracing::warn!(%error, "cannot create {OFFSETS_TOPIC}"),
        }
    }
}
