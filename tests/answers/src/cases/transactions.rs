//! Transactions: producers, partitions, offsets, ends, and what operators ask.

mod coordinator;
mod markers;
mod offsets;
mod records;

use bytes::Bytes;
use ottla_records::BatchBuilder;
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    add_partitions_to_txn_request::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
    },
    describe_transactions_request::DescribeTransactionsRequest,
    end_txn_request::EndTxnRequest,
    find_coordinator_request::FindCoordinatorRequest,
    init_producer_id_request::InitProducerIdRequest,
    produce_request::ProduceRequest,
};

use super::batches::filled;
use crate::{Cases, Run, Stop, Topic};

pub(super) fn add(cases: &mut Cases) {
    coordinator::add(cases);
    offsets::add(cases);
    records::add(cases);
    markers::add(cases);
}

/// A transactional producer.
#[derive(Debug, Clone)]
pub(super) struct Producer {
    pub(super) name: Str,
    pub(super) id: i64,
    pub(super) epoch: i16,
}

pub(super) fn init(name: &Str) -> InitProducerIdRequest {
    InitProducerIdRequest {
        transactional_id: Some(name.clone()),
        transaction_timeout_ms: 60_000,
        producer_id: -1,
        producer_epoch: -1,
        ..Default::default()
    }
}

/// Waits until transactions are coordinated at all: the first question makes the topic they live in.
fn ready(run: &mut Run, name: &Str) -> Result<(), Stop> {
    let find = FindCoordinatorRequest { key_type: 1, key: name.clone(), ..Default::default() };
    run.wait_until(2, &find, |found| found.error_code.is_ok())?;
    let nobody = DescribeTransactionsRequest { transactional_ids: vec![name.clone()] };
    run.wait_until(0, &nobody, |described| {
        described.transaction_states[0].error_code == ErrorCode::TRANSACTIONAL_ID_NOT_FOUND
    })
    .map(drop)
}

/// A producer of the case, initialized without recording.
pub(super) fn producer(run: &mut Run) -> Result<Producer, Stop> {
    let name = run.name("tx");
    ready(run, &name)?;
    let given = run.ask_quietly(4, &init(&name))?;
    run.note(&format!("{name} is initialized"));
    Ok(Producer { name, id: given.producer_id, epoch: given.producer_epoch })
}

/// Up to version 3 of one producer, from 4 on as brokers ask.
pub(super) fn adding(
    version: i16,
    producer: &Producer,
    topics: &[(&Str, &[i32])],
    verify_only: bool,
) -> AddPartitionsToTxnRequest {
    let topic = |&(name, partitions): &(&Str, &[i32])| AddPartitionsToTxnTopic {
        name: name.clone(),
        partitions: partitions.to_vec(),
    };
    let topics: Vec<_> = topics.iter().map(topic).collect();
    if version >= 4 {
        let transaction = AddPartitionsToTxnTransaction {
            transactional_id: producer.name.clone(),
            producer_id: producer.id,
            producer_epoch: producer.epoch,
            verify_only,
            topics,
        };
        return AddPartitionsToTxnRequest { transactions: vec![transaction], ..Default::default() };
    }
    AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: producer.name.clone(),
        v3_and_below_producer_id: producer.id,
        v3_and_below_producer_epoch: producer.epoch,
        v3_and_below_topics: topics,
        ..Default::default()
    }
}

pub(super) fn end(producer: &Producer, committed: bool) -> EndTxnRequest {
    EndTxnRequest {
        transactional_id: producer.name.clone(),
        producer_id: producer.id,
        producer_epoch: producer.epoch,
        committed,
    }
}

/// Opens a transaction over a topic's first partition, without recording.
pub(super) fn open(run: &mut Run, producer: &Producer, topic: &Topic) -> Result<(), Stop> {
    run.note(&format!("partition 0 of {} is added", topic.name));
    run.ask_quietly(3, &adding(3, producer, &[(&topic.name, &[0])], false)).map(drop)
}

/// Waits until every marker of a transaction is written.
pub(super) fn settled(run: &mut Run, producer: &Producer) -> Result<(), Stop> {
    let ask = DescribeTransactionsRequest { transactional_ids: vec![producer.name.clone()] };
    let is_idle = |state: &str| state == "Empty" || state.starts_with("Complete");
    run.wait_until(0, &ask, |described| is_idle(&described.transaction_states[0].transaction_state)).map(drop)
}

/// A batch of a transaction.
fn transactional(producer: &Producer, sequence: i32, values: &[&str]) -> Bytes {
    filled(BatchBuilder::new().producer(producer.id, producer.epoch, sequence).transactional(), values)
}

/// A produce request of the producer.
fn produce(producer: &Producer, topic: &Topic, batches: &[(i32, Bytes)]) -> ProduceRequest {
    let transactional_id = Some(producer.name.clone());
    ProduceRequest { transactional_id, ..super::data::produce_to(topic, batches) }
}
