use std::{collections::BTreeMap, time::Duration};

use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::metadata_request::{MetadataRequest, MetadataRequestTopic};

use crate::{Client, ClientError};

/// How long a topic that is being made may take to have leaders.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);

/// One partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionInfo {
    /// Its index.
    pub index: i32,
    /// The broker that leads it, −1 for none.
    pub leader: i32,
    /// How often that has changed; −1 where the broker is too old to tell.
    pub leader_epoch: i32,
    /// All replicas.
    pub replicas: Vec<i32>,
    /// Those in sync.
    pub isr: Vec<i32>,
    /// Those that may lead beside them (KIP-966); `None` where it was not asked.
    pub eligible: Option<Vec<i32>>,
    /// Those that were the last to be in sync or eligible; `None` where it was not asked.
    pub last_known_eligible: Option<Vec<i32>>,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicInfo {
    /// Its name.
    pub name: String,
    /// Its id; zero when the broker is too old to tell.
    pub id: Uuid,
    /// Kafka's own.
    pub internal: bool,
    /// In order.
    pub partitions: Vec<PartitionInfo>,
}

impl TopicInfo {
    /// Its partitions by the broker that leads them.
    pub(crate) fn by_leader(&self) -> BTreeMap<i32, Vec<i32>> {
        let mut leaders: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for partition in &self.partitions {
            leaders.entry(partition.leader).or_default().push(partition.index);
        }
        leaders
    }
}

impl Client {
    /// All topics, by name.
    ///
    /// # Errors
    /// No broker can be reached.
    pub async fn topics(&self) -> Result<Vec<TopicInfo>, ClientError> {
        let mut topics =
            self.readable(&MetadataRequest { topics: None, ..MetadataRequest::default() }).await?;
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// Those of some topics that can be told about now, made on the way where the broker allows it.
    ///
    /// # Errors
    /// No broker can be reached.
    pub(crate) async fn known_topics(
        &self,
        names: impl IntoIterator<Item = String>,
    ) -> Result<Vec<TopicInfo>, ClientError> {
        let topic = |name: String| MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
        let request = MetadataRequest {
            topics: Some(names.into_iter().map(topic).collect()),
            allow_auto_topic_creation: true,
            ..MetadataRequest::default()
        };
        self.readable(&request).await
    }

    async fn readable(&self, request: &MetadataRequest) -> Result<Vec<TopicInfo>, ClientError> {
        let topics = self.metadata(request).await?.topics.into_iter();
        Ok(topics.filter(|topic| topic.error_code.is_ok()).map(info).collect())
    }

    /// Those of some topics that can be told about now, by their ids.
    ///
    /// # Errors
    /// No broker can be reached.
    pub(crate) async fn topics_by_id(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<TopicInfo>, ClientError> {
        let topic = |topic_id: Uuid| MetadataRequestTopic { topic_id, name: None };
        let topics = Some(ids.into_iter().map(topic).collect());
        self.readable(&MetadataRequest { topics, ..MetadataRequest::default() }).await
    }

    /// One topic, made on the way if `create` and the broker allow it.
    ///
    /// # Errors
    /// There is none.
    pub async fn topic(&self, name: &str, create: bool) -> Result<TopicInfo, ClientError> {
        let request = MetadataRequest {
            topics: Some(vec![MetadataRequestTopic {
                name: Some(Str::from(name)),
                ..MetadataRequestTopic::default()
            }]),
            allow_auto_topic_creation: create,
            ..MetadataRequest::default()
        };
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let response = self.metadata(&request).await?;
            let topic = response.topics.into_iter().next().ok_or(ClientError::NoTopic(name.to_owned()))?;
            match topic.error_code {
                ErrorCode::NONE if topic.partitions.iter().all(|p| p.leader_id >= 0) => {
                    return Ok(info(topic));
                }
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION if !create => {
                    return Err(ClientError::NoTopic(name.to_owned()));
                }
                code if !code.is_ok() && !code.is_retriable() => {
                    return Err(ClientError::refused(format!("topic {name}"), code, None));
                }
                _ if tokio::time::Instant::now() > deadline => {
                    return Err(ClientError::NoTopic(name.to_owned()));
                }
                _ => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

fn info(topic: ottla_wire::messages::metadata_response::MetadataResponseTopic) -> TopicInfo {
    let mut partitions: Vec<_> = topic
        .partitions
        .into_iter()
        .map(|partition| PartitionInfo {
            index: partition.partition_index,
            leader: partition.leader_id,
            leader_epoch: partition.leader_epoch,
            replicas: partition.replica_nodes,
            isr: partition.isr_nodes,
            eligible: None,
            last_known_eligible: None,
        })
        .collect();
    partitions.sort_by_key(|partition| partition.index);
    TopicInfo {
        name: topic.name.unwrap_or_default().to_string(),
        id: topic.topic_id,
        internal: topic.is_internal,
        partitions,
    }
}
