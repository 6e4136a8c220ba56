use std::collections::BTreeMap;

use ottla_types::Uuid;
use ottla_wire::messages::{
    describe_quorum_request::{DescribeQuorumRequest, PartitionData, TopicData},
    describe_quorum_response::ReplicaState,
};

use super::check;
use crate::{Client, ClientError};

/// The quorum that keeps the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumInfo {
    /// −1 for none.
    pub leader: i32,
    /// Its epoch.
    pub epoch: i32,
    /// Up to where a majority has the metadata.
    pub high_watermark: i64,
    /// Those that vote.
    pub voters: Vec<QuorumReplica>,
    /// Those that follow only: brokers.
    pub observers: Vec<QuorumReplica>,
    /// Where the voters listen, by id: `NAME://host:port`.
    pub endpoints: BTreeMap<i32, Vec<String>>,
}

/// A copy of the metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuorumReplica {
    /// Whose.
    pub id: i32,
    /// In which directory; zero where it is not told.
    pub directory: Uuid,
    /// One past its last record.
    pub log_end_offset: i64,
    /// When it asked last, in milliseconds; `None` where it is not told.
    pub last_fetch: Option<i64>,
    /// When it had all there was, in milliseconds; `None` where it is not told.
    pub last_caught_up: Option<i64>,
}

impl Client {
    /// The quorum, as its leader sees it.
    ///
    /// # Errors
    /// The broker refuses.
    pub async fn quorum(&self) -> Result<QuorumInfo, ClientError> {
        let partitions = vec![PartitionData { partition_index: 0 }];
        let topic = TopicData { topic_name: "__cluster_metadata".into(), partitions };
        let response = self.ask(&DescribeQuorumRequest { topics: vec![topic] }).await?;
        let what = || "the quorum".to_owned();
        check(what, response.error_code, response.error_message.as_deref())?;
        let partition = response.topics.into_iter().flat_map(|topic| topic.partitions).next();
        let partition = partition.ok_or(ClientError::TimedOut("describing the quorum"))?;
        check(what, partition.error_code, partition.error_message.as_deref())?;
        let endpoints = response.nodes.iter().map(|node| {
            let listeners = node.listeners.iter();
            (node.node_id, listeners.map(|of| format!("{}://{}:{}", of.name, of.host, of.port)).collect())
        });
        Ok(QuorumInfo {
            leader: partition.leader_id,
            epoch: partition.leader_epoch,
            high_watermark: partition.high_watermark,
            voters: partition.current_voters.iter().map(replica).collect(),
            observers: partition.observers.iter().map(replica).collect(),
            endpoints: endpoints.collect(),
        })
    }
}

fn replica(state: &ReplicaState) -> QuorumReplica {
    let told = |time: i64| Some(time).filter(|time| *time >= 0);
    QuorumReplica {
        id: state.replica_id,
        directory: state.replica_directory_id,
        log_end_offset: state.log_end_offset,
        last_fetch: told(state.last_fetch_timestamp),
        last_caught_up: told(state.last_caught_up_timestamp),
    }
}
