//! Transactions: which there are, what they hold, and ending those that nobody will end.

use std::collections::{BTreeMap, BTreeSet};

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    describe_producers_request::{DescribeProducersRequest, TopicRequest},
    describe_transactions_request::DescribeTransactionsRequest,
    find_coordinator_request::FindCoordinatorRequest,
    list_transactions_request::ListTransactionsRequest,
    write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest},
};

use super::check;
use crate::{Client, ClientError, TopicInfo, retry::Retry};

/// A transactional id in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionListing {
    /// `transactional.id`.
    pub id: String,
    /// The broker that coordinates it.
    pub coordinator: i32,
    /// Whose.
    pub producer_id: i64,
    /// `Empty`, `Ongoing`, `PrepareCommit`, …
    pub state: String,
}

/// A transactional id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionInfo {
    /// The broker that coordinates it.
    pub coordinator: i32,
    /// `Empty`, `Ongoing`, `PrepareCommit`, …
    pub state: String,
    /// Whose.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// After how long it is aborted, in milliseconds.
    pub timeout_ms: i32,
    /// When the open transaction began, in milliseconds; `None` where none is open.
    pub began: Option<i64>,
    /// The partitions in it.
    pub partitions: BTreeSet<(String, i32)>,
}

/// A producer as a partition remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProducerInfo {
    /// Its id.
    pub id: i64,
    /// Its epoch.
    pub epoch: i32,
    /// The sequence of its last record.
    pub last_sequence: i32,
    /// When that was written, in milliseconds.
    pub last_timestamp: i64,
    /// The epoch of the coordinator that ended its last transaction; −1 for none.
    pub coordinator_epoch: i32,
    /// Where its open transaction begins; `None` where none is open.
    pub open_since: Option<i64>,
}

impl Client {
    /// Transactional ids of all coordinators; only of some producers where any are given.
    ///
    /// # Errors
    /// A broker cannot be reached, or refuses.
    pub async fn transactions(&self, producers: &[i64]) -> Result<Vec<TransactionListing>, ClientError> {
        let request = ListTransactionsRequest {
            producer_id_filters: producers.to_vec(),
            duration_filter: -1,
            ..ListTransactionsRequest::default()
        };
        let mut found = Vec::new();
        for broker in self.cluster().await?.brokers {
            let mut retry = Retry::default();
            let response = loop {
                let response = self.ask_node(broker.id, &request).await?;
                match check(|| "listing transactions".into(), response.error_code, None) {
                    Err(error) => retry.after(error).await?,
                    Ok(()) => break response,
                }
            };
            found.extend(response.transaction_states.into_iter().map(|of| TransactionListing {
                id: of.transactional_id.to_string(),
                coordinator: broker.id,
                producer_id: of.producer_id,
                state: of.transaction_state.to_string(),
            }));
        }
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// A transactional id with its partitions.
    ///
    /// # Errors
    /// There is none (TRANSACTIONAL_ID_NOT_FOUND), or its coordinator refuses.
    pub async fn transaction(&self, id: &str) -> Result<TransactionInfo, ClientError> {
        let mut retry = Retry::default();
        loop {
            let described = match self.transaction_coordinator(id).await {
                Ok(coordinator) => self.transaction_at(id, coordinator).await,
                Err(error) => Err(error),
            };
            match described {
                Err(error) => retry.after(error).await?,
                found => return found,
            }
        }
    }

    async fn transaction_at(&self, id: &str, coordinator: i32) -> Result<TransactionInfo, ClientError> {
        let request = DescribeTransactionsRequest { transactional_ids: vec![id.into()] };
        let response = self.ask_node(coordinator, &request).await?;
        let missing =
            || ClientError::refused(format!("transaction {id}"), ErrorCode::TRANSACTIONAL_ID_NOT_FOUND, None);
        let of = response.transaction_states.into_iter().next().ok_or_else(missing)?;
        check(|| format!("transaction {id}"), of.error_code, None)?;
        let partitions = of
            .topics
            .iter()
            .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.topic.to_string(), *partition)));
        Ok(TransactionInfo {
            coordinator,
            state: of.transaction_state.to_string(),
            producer_id: of.producer_id,
            producer_epoch: of.producer_epoch,
            timeout_ms: of.transaction_timeout_ms,
            began: Some(of.transaction_start_time_ms).filter(|time| *time >= 0),
            partitions: partitions.collect(),
        })
    }

    /// The broker that coordinates a transactional id, asked for once.
    pub(crate) async fn transaction_coordinator(&self, id: &str) -> Result<i32, ClientError> {
        let request = FindCoordinatorRequest {
            key_type: 1,
            coordinator_keys: vec![id.into()],
            ..FindCoordinatorRequest::default()
        };
        let what = || format!("the coordinator of transaction {id}");
        let found = self.ask(&request).await?.coordinators.into_iter().next();
        let missing = || ClientError::refused(what(), ErrorCode::COORDINATOR_NOT_AVAILABLE, None);
        let found = found.ok_or_else(missing)?;
        check(what, found.error_code, found.error_message.as_deref())?;
        self.know([(found.node_id, format!("{}:{}", found.host, found.port))]).await;
        Ok(found.node_id)
    }

    /// The producers each partition of a topic remembers.
    ///
    /// # Errors
    /// A leader cannot be reached, or refuses.
    pub async fn producers(
        &self,
        topic: &TopicInfo,
    ) -> Result<BTreeMap<i32, Vec<ProducerInfo>>, ClientError> {
        let mut found = BTreeMap::new();
        for (leader, partition_indexes) in topic.by_leader() {
            let of = TopicRequest { name: topic.name.as_str().into(), partition_indexes };
            let response = self.ask_node(leader, &DescribeProducersRequest { topics: vec![of] }).await?;
            for partition in response.topics.into_iter().flat_map(|topic| topic.partitions) {
                let index = partition.partition_index;
                let what = || format!("producers of {}-{index}", topic.name);
                check(what, partition.error_code, partition.error_message.as_deref())?;
                let producers = partition.active_producers.into_iter().map(|of| ProducerInfo {
                    id: of.producer_id,
                    epoch: of.producer_epoch,
                    last_sequence: of.last_sequence,
                    last_timestamp: of.last_timestamp,
                    coordinator_epoch: of.coordinator_epoch,
                    open_since: Some(of.current_txn_start_offset).filter(|offset| *offset >= 0),
                });
                found.insert(index, producers.collect());
            }
        }
        Ok(found)
    }

    /// Writes an abort into a partition for a producer's open transaction, past its coordinator: only for transactions no
    /// coordinator will ever end (KIP-664).
    ///
    /// # Errors
    /// The leader refuses.
    pub async fn abort_in(
        &self,
        topic: &TopicInfo,
        partition: i32,
        producer: &ProducerInfo,
    ) -> Result<(), ClientError> {
        let what = || format!("aborting in {}-{partition}", topic.name);
        let leader = topic.partitions.iter().find(|of| of.index == partition).map(|of| of.leader);
        let missing = || ClientError::refused(what(), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None);
        let marker = WritableTxnMarker {
            producer_id: producer.id,
            producer_epoch: i16::try_from(producer.epoch).unwrap_or(-1),
            transaction_result: false,
            topics: vec![WritableTxnMarkerTopic {
                name: topic.name.as_str().into(),
                partition_indexes: vec![partition],
            }],
            // One that has ended none yet is unknown to the partition.
            coordinator_epoch: producer.coordinator_epoch.max(0),
            ..WritableTxnMarker::default()
        };
        let request = WriteTxnMarkersRequest { markers: vec![marker] };
        let response = self.ask_node(leader.ok_or_else(missing)?, &request).await?;
        let results = response.markers.into_iter().flat_map(|marker| marker.topics);
        for result in results.flat_map(|topic| topic.partitions) {
            check(what, result.error_code, None)?;
        }
        Ok(())
    }
}
