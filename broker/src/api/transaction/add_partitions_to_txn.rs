//! AddPartitionsToTxn (key 24): what a transaction writes to. Up to version 3 producers ask, for one transaction; from 4
//! on brokers do, for many, to add partitions or only to verify that they are in (KIP-890).

use ottla_coordinator::transaction::{AddPartitions, Command, Partitions, Producer, Reply, Verified, Verify};
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    add_partitions_to_txn_request::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
    },
    add_partitions_to_txn_response::{
        AddPartitionsToTxnPartitionResult, AddPartitionsToTxnResponse, AddPartitionsToTxnResult,
        AddPartitionsToTxnTopicResult,
    },
};

use super::{done, known_to};
use crate::{
    broker::INTERNAL_TOPICS,
    call::{Answer, Call},
};

/// The first version of brokers, and of clients that know transaction version 2.
const BATCHED: i16 = 4;

pub(crate) async fn handle(
    call: &Call,
    request: AddPartitionsToTxnRequest,
) -> Result<Answer<AddPartitionsToTxnResponse>, ErrorCode> {
    let mut response = AddPartitionsToTxnResponse::default();
    if call.version < BATCHED {
        let transaction = AddPartitionsToTxnTransaction {
            transactional_id: request.v3_and_below_transactional_id,
            producer_id: request.v3_and_below_producer_id,
            producer_epoch: request.v3_and_below_producer_epoch,
            verify_only: false,
            topics: request.v3_and_below_topics,
        };
        response.results_by_topic_v3_and_below = answer(call, transaction).await;
        return Ok(response.into());
    }
    for transaction in request.transactions {
        let transactional_id = transaction.transactional_id.clone();
        let topic_results = answer(call, transaction).await;
        response.results_by_transaction.push(AddPartitionsToTxnResult { transactional_id, topic_results });
    }
    Ok(response.into())
}

async fn answer(
    call: &Call,
    transaction: AddPartitionsToTxnTransaction,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let missing = |topic: &AddPartitionsToTxnTopic, index: i32| refusal(call, &topic.name, index);
    let refused = transaction
        .topics
        .iter()
        .any(|topic| topic.partitions.iter().any(|index| !missing(topic, *index).is_ok()));
    if refused {
        // All or nothing: what exists was not tried.
        return shape(&transaction.topics, |topic, index| match missing(topic, index) {
            ErrorCode::NONE => ErrorCode::OPERATION_NOT_ATTEMPTED,
            code => code,
        });
    }
    let (transactional_id, producer) = (
        transaction.transactional_id.clone(),
        Producer { id: transaction.producer_id, epoch: transaction.producer_epoch },
    );
    let mut partitions = Partitions::new();
    for topic in &transaction.topics {
        partitions.entry(topic.name.clone()).or_default().extend(&topic.partitions);
    }
    if transaction.verify_only {
        let verified = verify(call, Verify { transactional_id, producer, partitions }).await;
        return shape(&transaction.topics, |topic, index| of(&verified, &topic.name, index));
    }
    let version = if call.version >= BATCHED { 2 } else { 0 };
    let add = AddPartitions { transactional_id, producer, partitions, version };
    let code = done(call, &transaction.transactional_id, Command::AddPartitions(add)).await;
    let code = known_to(call.version, code);
    shape(&transaction.topics, |_, _| code)
}

/// Why a partition cannot be in a transaction at all.
fn refusal(call: &Call, topic: &str, index: i32) -> ErrorCode {
    if call.version < BATCHED && INTERNAL_TOPICS.contains(&topic) {
        // Only brokers write there.
        return ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    }
    let image = call.broker.image();
    match image.topics.by_name(topic) {
        Some(found) if found.partitions.contains_key(&index) => ErrorCode::NONE,
        _ => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
    }
}

async fn verify(call: &Call, verify: Verify) -> Verified {
    let transactional_id = verify.transactional_id.clone();
    match call.broker.transactions.ask(&transactional_id, Command::Verify(verify)).await {
        Ok(Reply::Verified(verified)) => verified,
        Ok(_) => Verified::Refused(ErrorCode::UNKNOWN_SERVER_ERROR),
        Err(code) => Verified::Refused(code),
    }
}

fn of(verified: &Verified, topic: &Str, index: i32) -> ErrorCode {
    match verified {
        Verified::Refused(code) => *code,
        Verified::Each(each) => each
            .iter()
            .find(|(name, at, _)| name == topic && *at == index)
            .map_or(ErrorCode::UNKNOWN_SERVER_ERROR, |(.., code)| *code),
    }
}

fn shape(
    topics: &[AddPartitionsToTxnTopic],
    code: impl Fn(&AddPartitionsToTxnTopic, i32) -> ErrorCode,
) -> Vec<AddPartitionsToTxnTopicResult> {
    let result = |topic: &AddPartitionsToTxnTopic| {
        let of_partition = |index: &i32| AddPartitionsToTxnPartitionResult {
            partition_index: *index,
            partition_error_code: code(topic, *index),
        };
        AddPartitionsToTxnTopicResult {
            name: topic.name.clone(),
            results_by_partition: topic.partitions.iter().map(of_partition).collect(),
        }
    };
    topics.iter().map(result).collect()
}
