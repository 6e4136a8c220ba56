//! Topics: making, growing, trimming, removing them; where their offsets are.

use std::collections::BTreeMap;

use ottla_types::Str;
use ottla_wire::messages::{
    create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic},
    create_topics_request::{
        CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
    },
    delete_records_request::{DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic},
    delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
};

use super::check;
use crate::{Client, ClientError, TopicInfo, retry::Retry};

/// How long the broker may take.
const TIMEOUT_MS: i32 = 30_000;

impl Client {
    /// Makes a topic. −1 partitions or replicas take the broker's default.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn create_topic(
        &self,
        name: &str,
        partitions: i32,
        replicas: i16,
        configs: &[(String, String)],
    ) -> Result<(), ClientError> {
        self.create(name, (partitions, replicas), Vec::new(), configs).await
    }

    /// Makes a topic whose replicas are on chosen brokers: those of each partition, the one that shall lead first.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn create_topic_on(
        &self,
        name: &str,
        brokers: &[Vec<i32>],
        configs: &[(String, String)],
    ) -> Result<(), ClientError> {
        let assignment = |(partition_index, brokers): (i32, &Vec<i32>)| CreatableReplicaAssignment {
            partition_index,
            broker_ids: brokers.clone(),
        };
        let assignments = (0..).zip(brokers).map(assignment).collect();
        self.create(name, (-1, -1), assignments, configs).await
    }

    async fn create(
        &self,
        name: &str,
        (num_partitions, replication_factor): (i32, i16),
        assignments: Vec<CreatableReplicaAssignment>,
        configs: &[(String, String)],
    ) -> Result<(), ClientError> {
        let config = |(name, value): &(String, String)| CreatableTopicConfig {
            name: name.as_str().into(),
            value: Some(value.as_str().into()),
        };
        let topic = CreatableTopic {
            name: name.into(),
            num_partitions,
            replication_factor,
            assignments,
            configs: configs.iter().map(config).collect(),
        };
        let request =
            CreateTopicsRequest { topics: vec![topic], timeout_ms: TIMEOUT_MS, ..Default::default() };
        for result in self.ask(&request).await?.topics {
            let what = || format!("creating topic {name}");
            check(what, result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }

    /// Removes a topic with everything in it.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn delete_topic(&self, name: &str) -> Result<(), ClientError> {
        let named = DeleteTopicState { name: Some(name.into()), ..DeleteTopicState::default() };
        let request = DeleteTopicsRequest {
            topics: vec![named],
            topic_names: vec![Str::from(name)],
            timeout_ms: TIMEOUT_MS,
        };
        for result in self.delete(request).await?.responses {
            let what = || format!("removing topic {name}");
            check(what, result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }

    /// Gives a topic more partitions: `count` in all.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn add_partitions(&self, name: &str, count: i32) -> Result<(), ClientError> {
        self.grow(name, count, None).await
    }

    /// The same with the new partitions' replicas on chosen brokers.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn add_partitions_on(
        &self,
        name: &str,
        count: i32,
        brokers: &[Vec<i32>],
    ) -> Result<(), ClientError> {
        let assignment = |brokers: &Vec<i32>| CreatePartitionsAssignment { broker_ids: brokers.clone() };
        self.grow(name, count, Some(brokers.iter().map(assignment).collect())).await
    }

    async fn grow(
        &self,
        name: &str,
        count: i32,
        assignments: Option<Vec<CreatePartitionsAssignment>>,
    ) -> Result<(), ClientError> {
        let topic = CreatePartitionsTopic { name: name.into(), count, assignments };
        let request = CreatePartitionsRequest {
            topics: vec![topic],
            timeout_ms: TIMEOUT_MS,
            ..CreatePartitionsRequest::default()
        };
        for result in self.ask(&request).await?.results {
            let what = || format!("adding partitions to {name}");
            check(what, result.error_code, result.error_message.as_deref())?;
        }
        Ok(())
    }

    /// Removes the records before an offset, in each of some partitions; −1 stands for all there are. Answers where each
    /// begins then.
    ///
    /// # Errors
    /// The broker's refusal.
    pub async fn delete_records(
        &self,
        topic: &TopicInfo,
        before: &BTreeMap<i32, i64>,
    ) -> Result<BTreeMap<i32, i64>, ClientError> {
        let mut begin = BTreeMap::new();
        for (leader, indexes) in topic.by_leader() {
            let wanted = indexes.into_iter().filter_map(|index| Some((index, *before.get(&index)?)));
            let partitions: Vec<_> = wanted
                .map(|(partition_index, offset)| DeleteRecordsPartition { partition_index, offset })
                .collect();
            if partitions.is_empty() {
                continue;
            }
            let topics = vec![DeleteRecordsTopic { name: topic.name.as_str().into(), partitions }];
            let request = DeleteRecordsRequest { topics, timeout_ms: TIMEOUT_MS };
            let response = self.ask_node(leader, &request).await?;
            for partition in response.topics.iter().flat_map(|topic| &topic.partitions) {
                let index = partition.partition_index;
                check(|| format!("trimming {}-{index}", topic.name), partition.error_code, None)?;
                begin.insert(index, partition.low_watermark);
            }
        }
        Ok(begin)
    }

    /// An offset of every partition: of the first record at or after a time in milliseconds, −1 where there is none; with
    /// −1 one past the last, with −2 the first.
    ///
    /// # Errors
    /// A partition cannot be asked, not even after some time.
    pub async fn list_offsets(
        &self,
        topic: &TopicInfo,
        timestamp: i64,
    ) -> Result<BTreeMap<i32, i64>, ClientError> {
        let mut retry = Retry::default();
        let mut topic = topic.clone();
        loop {
            match self.try_list_offsets(&topic, timestamp).await {
                Err(error) => retry.after(error).await?,
                found => return found,
            }
            topic = self.topic(&topic.name, false).await?;
        }
    }

    async fn try_list_offsets(
        &self,
        topic: &TopicInfo,
        timestamp: i64,
    ) -> Result<BTreeMap<i32, i64>, ClientError> {
        let mut found = BTreeMap::new();
        for (leader, indexes) in topic.by_leader() {
            let partition = |index: i32| ListOffsetsPartition {
                partition_index: index,
                timestamp,
                ..ListOffsetsPartition::default()
            };
            let request = ListOffsetsRequest {
                replica_id: -1,
                topics: vec![ListOffsetsTopic {
                    name: Str::from(topic.name.as_str()),
                    partitions: indexes.into_iter().map(partition).collect(),
                }],
                ..ListOffsetsRequest::default()
            };
            let response = self.ask_node(leader, &request).await?;
            for partition in response.topics.iter().flat_map(|topic| &topic.partitions) {
                let index = partition.partition_index;
                check(|| format!("offsets of {}-{index}", topic.name), partition.error_code, None)?;
                found.insert(index, partition.offset);
            }
        }
        Ok(found)
    }

    /// The request names topics in another field from version 6 on.
    async fn delete(
        &self,
        mut request: DeleteTopicsRequest,
    ) -> Result<ottla_wire::messages::delete_topics_response::DeleteTopicsResponse, ClientError> {
        use ottla_wire::{Message, Request};
        let version = self.version_of(DeleteTopicsRequest::KEY, DeleteTopicsRequest::VERSIONS).await?;
        if version >= 6 {
            request.topic_names.clear()
        } else {
            request.topics.clear()
        }
        self.ask(&request).await
    }
}
