//! What the partitions of topics are like: replicas in sync, eligible leaders, moves under way.

use std::collections::BTreeMap;

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    describe_topic_partitions_request::{Cursor, DescribeTopicPartitionsRequest, TopicRequest},
    describe_topic_partitions_response::{
        DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
    },
    list_partition_reassignments_request::ListPartitionReassignmentsRequest,
};

use super::check;
use crate::{Client, ClientError, PartitionInfo, TopicInfo};

/// A move of a partition to other brokers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reassignment {
    /// All replicas while it lasts.
    pub replicas: Vec<i32>,
    /// Those that come.
    pub adding: Vec<i32>,
    /// Those that go.
    pub removing: Vec<i32>,
}

impl Client {
    /// Topics with their eligible leader replicas (KIP-966), in no particular order; those that are not there are left
    /// out. `limit` is how many partitions one answer may hold.
    ///
    /// # Errors
    /// The broker refuses. One that knows nothing of eligible leaders is asked for the rest.
    pub async fn describe_topics(&self, names: &[String], limit: i32) -> Result<Vec<TopicInfo>, ClientError> {
        let topics = names.iter().map(|name| TopicRequest { name: name.as_str().into() }).collect();
        let mut request =
            DescribeTopicPartitionsRequest { topics, response_partition_limit: limit, cursor: None };
        let mut found: BTreeMap<String, TopicInfo> = BTreeMap::new();
        loop {
            let response = match self.ask(&request).await {
                Err(ClientError::Unsupported(_)) => return self.topics_named(names).await,
                response => response?,
            };
            for topic in response.topics {
                let name = topic.name.clone().unwrap_or_default().to_string();
                if topic.error_code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION {
                    continue;
                }
                check(|| format!("topic {name}"), topic.error_code, None)?;
                let known = found.entry(name.clone()).or_insert_with(|| TopicInfo {
                    name,
                    id: topic.topic_id,
                    internal: topic.is_internal,
                    partitions: Vec::new(),
                });
                known.partitions.extend(partitions(topic));
            }
            let Some(next) = response.next_cursor else { break };
            let cursor = Cursor { topic_name: next.topic_name, partition_index: next.partition_index };
            // What stands before the cursor is answered; the broker goes on in the order of the names.
            request.topics.retain(|topic| topic.name >= cursor.topic_name);
            request.cursor = Some(cursor);
        }
        Ok(found.into_values().collect())
    }

    async fn topics_named(&self, names: &[String]) -> Result<Vec<TopicInfo>, ClientError> {
        let mut topics = self.topics().await?;
        topics.retain(|topic| names.contains(&topic.name));
        Ok(topics)
    }

    /// The moves that are under way, by topic and partition.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn reassignments(&self) -> Result<BTreeMap<(String, i32), Reassignment>, ClientError> {
        let request = ListPartitionReassignmentsRequest { topics: None, ..Default::default() };
        let response = self.ask(&request).await?;
        check(|| "reassignments".into(), response.error_code, response.error_message.as_deref())?;
        let mut moves = BTreeMap::new();
        for topic in response.topics {
            for partition in topic.partitions {
                let at = (topic.name.to_string(), partition.partition_index);
                let (adding, removing) = (partition.adding_replicas, partition.removing_replicas);
                moves.insert(at, Reassignment { replicas: partition.replicas, adding, removing });
            }
        }
        Ok(moves)
    }
}

fn partitions(topic: DescribeTopicPartitionsResponseTopic) -> impl Iterator<Item = PartitionInfo> {
    topic.partitions.into_iter().map(|partition: DescribeTopicPartitionsResponsePartition| PartitionInfo {
        index: partition.partition_index,
        leader: partition.leader_id,
        leader_epoch: partition.leader_epoch,
        replicas: partition.replica_nodes,
        isr: partition.isr_nodes,
        eligible: partition.eligible_leader_replicas,
        last_known_eligible: partition.last_known_elr,
    })
}
