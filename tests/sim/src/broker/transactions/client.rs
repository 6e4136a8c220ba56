//! A transactional producer and a reader of committed records, by requests.

use std::{collections::BTreeMap, sync::Arc};

use ottla_broker::format;
use ottla_disk::{Disk, SimDisk};
use ottla_records::{BatchBuilder, Batches, Limits, NewRecord};
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    Records,
    messages::{
        create_topics_request::{CreatableTopic, CreateTopicsRequest},
        describe_transactions_request::DescribeTransactionsRequest,
        end_txn_request::EndTxnRequest,
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        find_coordinator_request::FindCoordinatorRequest,
        init_producer_id_request::InitProducerIdRequest,
        offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
        txn_offset_commit_request::{
            TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
        },
        write_txn_markers_request::{WritableTxnMarker, WritableTxnMarkerTopic, WriteTxnMarkersRequest},
    },
};

use super::super::{Client, config};

const TOPIC: &str = "t";
const GROUP: &str = "g";
const ID: &str = "x";

/// Codes after which one asks again: a coordinator is loading, the former transaction is ending.
const PASSING: [ErrorCode; 6] = [
    ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode::COORDINATOR_NOT_AVAILABLE,
    ErrorCode::NOT_COORDINATOR,
    ErrorCode::CONCURRENT_TRANSACTIONS,
    ErrorCode::NOT_ENOUGH_REPLICAS,
    ErrorCode::UNSTABLE_OFFSET_COMMIT,
];
/// How often; only a broker that hangs needs it.
const ATTEMPTS: usize = 20_000;

/// Whether to ask again. Markers wait for a flush while nobody waits for them.
async fn passes(client: &Client, attempt: usize, code: ErrorCode) -> Result<bool, String> {
    if code.is_ok() {
        Ok(false)
    } else if PASSING.contains(&code) && attempt < ATTEMPTS {
        pause(client).await;
        Ok(true)
    } else {
        Err(code.to_string())
    }
}

async fn pause(client: &Client) {
    let _ = client.broker.flush_waiting();
    tokio::task::yield_now().await;
}

/// A broker with a topic of two partitions and both kinds of coordinators.
pub(super) async fn prepare(disk: &SimDisk) -> Result<Client, String> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    format(&shared, &config(), "3Db5QLSqSZieL3rJBUUegA").map_err(|error| error.to_string())?;
    let client = Client::start(disk).await?;
    let topic =
        CreatableTopic { name: TOPIC.into(), num_partitions: 2, replication_factor: 1, ..Default::default() };
    let request = CreateTopicsRequest { topics: vec![topic], timeout_ms: 30_000, ..Default::default() };
    client.ask(7, &request).await?;
    find(&client, 0, GROUP).await?;
    Ok(client)
}

async fn find(client: &Client, key_type: i8, key: &str) -> Result<(), String> {
    for attempt in 0.. {
        let request = FindCoordinatorRequest { key_type, key: key.into(), ..Default::default() };
        if !passes(client, attempt, client.ask(3, &request).await?.error_code).await? {
            break;
        }
    }
    Ok(())
}

/// The producer of the transactional id, fresh; what was open is aborted by that.
pub(super) async fn producer(client: &Client) -> Result<Producer, String> {
    find(client, 1, ID).await?;
    let request = InitProducerIdRequest {
        transactional_id: Some(ID.into()),
        transaction_timeout_ms: 60_000,
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    };
    for attempt in 0.. {
        let given = client.ask(4, &request).await?;
        if !passes(client, attempt, given.error_code).await? {
            return Ok(Producer { id: given.producer_id, epoch: given.producer_epoch });
        }
    }
    Err("not initialized".to_owned())
}

/// What a producer is in its present transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Producer {
    id: i64,
    epoch: i16,
}

impl Producer {
    /// The number of the transaction, as its first record in a partition.
    pub(super) async fn produce(self, client: &Client, index: i32, number: usize) -> Result<(), String> {
        let mut batch = BatchBuilder::new().producer(self.id, self.epoch, 0).transactional();
        let value = number.to_string();
        batch.push(&NewRecord { timestamp: 1, key: None, value: Some(value.as_bytes()), headers: &[] });
        let records = Some(Records::from(batch.finish().freeze()));
        let partition_data = vec![PartitionProduceData { index, records }];
        let topic = TopicProduceData { name: TOPIC.into(), partition_data, ..Default::default() };
        let request = ProduceRequest {
            transactional_id: Some(ID.into()),
            acks: -1,
            timeout_ms: 30_000,
            topic_data: vec![topic],
        };
        for attempt in 0.. {
            let answer = client.ask(12, &request).await?;
            if !passes(client, attempt, answer.responses[0].partition_responses[0].error_code).await? {
                break;
            }
        }
        Ok(())
    }

    /// Ends in a partition, past the coordinator, what this producer has open there.
    pub(super) async fn write_marker(self, client: &Client, index: i32) -> Result<(), String> {
        let topic = WritableTxnMarkerTopic { name: TOPIC.into(), partition_indexes: vec![index] };
        let marker = WritableTxnMarker {
            producer_id: self.id,
            producer_epoch: self.epoch,
            topics: vec![topic],
            ..Default::default()
        };
        let answer = client.ask(1, &WriteTxnMarkersRequest { markers: vec![marker] }).await?;
        let code = answer.markers[0].topics[0].partitions[0].error_code;
        if code.is_ok() { Ok(()) } else { Err(code.to_string()) }
    }

    /// The group's offset is the number of the transaction.
    pub(super) async fn commit_offset(self, client: &Client, number: usize) -> Result<(), String> {
        let partition = TxnOffsetCommitRequestPartition {
            committed_offset: number as i64,
            committed_leader_epoch: -1,
            ..Default::default()
        };
        let request = TxnOffsetCommitRequest {
            transactional_id: ID.into(),
            group_id: GROUP.into(),
            producer_id: self.id,
            producer_epoch: self.epoch,
            generation_id: -1,
            topics: vec![TxnOffsetCommitRequestTopic { name: TOPIC.into(), partitions: vec![partition] }],
            ..Default::default()
        };
        for attempt in 0.. {
            let answer = client.ask(5, &request).await?;
            if !passes(client, attempt, answer.topics[0].partitions[0].error_code).await? {
                break;
            }
        }
        Ok(())
    }

    /// Ends the transaction, and says what the producer is in the next.
    pub(super) async fn end(self, client: &Client, committed: bool) -> Result<Self, String> {
        let request = EndTxnRequest {
            transactional_id: ID.into(),
            producer_id: self.id,
            producer_epoch: self.epoch,
            committed,
        };
        let answer = client.ask(5, &request).await?;
        if !answer.error_code.is_ok() {
            return Err(answer.error_code.to_string());
        }
        Ok(Self { id: answer.producer_id, epoch: answer.producer_epoch })
    }

    /// Waits until the coordinator has nothing left to do.
    pub(super) async fn settle(self, client: &Client) -> Result<(), String> {
        let request = DescribeTransactionsRequest { transactional_ids: vec![ID.into()] };
        for attempt in 0..ATTEMPTS {
            let answer = client.ask(0, &request).await?;
            let state = &answer.transaction_states[0];
            if !passes(client, attempt, state.error_code).await?
                && ["Empty", "CompleteCommit", "CompleteAbort"].contains(&&*state.transaction_state)
            {
                return Ok(());
            }
            pause(client).await;
        }
        Err("a transaction does not end".to_owned())
    }
}

/// The numbers readers of committed records see in a partition, in order.
pub(super) async fn committed_values(client: &Client, partition: i32) -> Result<Vec<usize>, String> {
    let (mut values, mut at) = (Vec::new(), 0);
    loop {
        let fetch = FetchPartition {
            partition,
            fetch_offset: at,
            partition_max_bytes: 1 << 20,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            ..Default::default()
        };
        let topic = FetchTopic { topic: TOPIC.into(), partitions: vec![fetch], ..Default::default() };
        let request = FetchRequest {
            isolation_level: 1,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![topic],
            ..Default::default()
        };
        let answer = client.ask(12, &request).await?;
        let slot = &answer.responses[0].partitions[0];
        if !slot.error_code.is_ok() {
            return Err(slot.error_code.to_string());
        }
        // A transaction that was aborted: its producer's records from that offset on, until its marker.
        let aborted = slot.aborted_transactions.iter().flatten();
        let mut aborted: BTreeMap<i64, i64> =
            aborted.map(|txn| (txn.first_offset, txn.producer_id)).collect();
        let mut dropped: Vec<i64> = Vec::new();
        let bytes = slot.records.clone().map(Records::into_memory).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(values);
        }
        for batch in Batches::new(bytes) {
            let batch = batch.map_err(|error| error.to_string())?;
            let header = *batch.header();
            at = header.next_offset();
            while let Some((first, id)) = aborted.first_key_value().map(|(first, id)| (*first, *id)) {
                if first > header.last_offset() {
                    break;
                }
                aborted.remove(&first);
                dropped.push(id);
            }
            if header.is_control() {
                dropped.retain(|id| *id != header.producer_id);
            } else if !dropped.contains(&header.producer_id) {
                let records = batch.records(&Limits::default()).map_err(|error| error.to_string())?;
                for record in records.iter() {
                    let record = record.map_err(|error| error.to_string())?;
                    let text = String::from_utf8_lossy(record.value.unwrap_or_default()).into_owned();
                    values.push(text.parse().map_err(|_| format!("{text} is no number"))?);
                }
            }
        }
    }
}

/// The group's offset, where no transaction may still change it.
pub(super) async fn committed_offset(client: &Client) -> Result<Option<i64>, String> {
    let topics = OffsetFetchRequestTopics {
        name: Str::from_static(TOPIC),
        partition_indexes: vec![0],
        ..Default::default()
    };
    let group =
        OffsetFetchRequestGroup { group_id: GROUP.into(), topics: Some(vec![topics]), ..Default::default() };
    let request = OffsetFetchRequest { groups: vec![group], require_stable: true, ..Default::default() };
    for attempt in 0.. {
        let answer = client.ask(8, &request).await?;
        let group = &answer.groups[0];
        if passes(client, attempt, group.error_code).await? {
            continue;
        }
        let slot = &group.topics[0].partitions[0];
        if !passes(client, attempt, slot.error_code).await? {
            return Ok((slot.committed_offset >= 0).then_some(slot.committed_offset));
        }
    }
    Err("no offset".to_owned())
}
