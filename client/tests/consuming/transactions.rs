//! What transactions wrote, written by hand: the client's producer has none yet.

use std::time::Duration;

use ottla_client::{Client, ConsumerOptions, OutgoingRecord, Position};
use ottla_records::{BatchBuilder, NewRecord};
use ottla_testkit::{Node, Target};
use ottla_types::Str;
use ottla_wire::{
    Request,
    messages::{
        add_partitions_to_txn_request::{AddPartitionsToTxnRequest, AddPartitionsToTxnTopic},
        end_txn_request::EndTxnRequest,
        find_coordinator_request::FindCoordinatorRequest,
        init_producer_id_request::InitProducerIdRequest,
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    },
};
use tokio::time::timeout;

use super::{TOPIC, client_of, make, producer};

const TRANSACTION: Str = Str::from_static("by-hand");

/// Asks again while a coordinator is loading, or busy with the transaction before.
async fn insist<R: Request>(
    client: &Client,
    request: &R,
    code: impl Fn(&R::Response) -> ottla_types::ErrorCode,
) -> R::Response {
    let answered = async {
        loop {
            let response = client.ask(request).await.expect("the broker answers");
            let code = code(&response);
            if code.is_ok() {
                return response;
            }
            assert!(code.is_retriable(), "{code}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(60), answered).await.expect("it is done in time")
}

/// Writes a record in a transaction, and ends it.
async fn transaction(client: &Client, value: &str, commits: bool) {
    let find = FindCoordinatorRequest {
        key_type: 1,
        coordinator_keys: vec![TRANSACTION],
        ..FindCoordinatorRequest::default()
    };
    insist(client, &find, |found| found.coordinators[0].error_code).await;
    let init = InitProducerIdRequest {
        transactional_id: Some(TRANSACTION),
        transaction_timeout_ms: 60_000,
        ..InitProducerIdRequest::default()
    };
    let who = insist(client, &init, |response| response.error_code).await;
    let topic = client.topic(TOPIC, false).await.expect("the topic is there");
    let add = AddPartitionsToTxnRequest {
        v3_and_below_transactional_id: TRANSACTION,
        v3_and_below_producer_id: who.producer_id,
        v3_and_below_producer_epoch: who.producer_epoch,
        v3_and_below_topics: vec![AddPartitionsToTxnTopic { name: TOPIC.into(), partitions: vec![0] }],
        ..AddPartitionsToTxnRequest::default()
    };
    let node = topic.partitions[0].leader;
    let added =
        |response: &ottla_wire::messages::add_partitions_to_txn_response::AddPartitionsToTxnResponse| {
            response.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code
        };
    timeout(Duration::from_secs(60), async {
        while !added(&client.ask_node_up_to(node, &add, 3).await.expect("the broker answers")).is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("the partition is added");
    let mut batch = BatchBuilder::new().transactional().producer(who.producer_id, who.producer_epoch, 0);
    batch.push(&NewRecord { value: Some(value.as_bytes()), ..NewRecord::default() });
    let produce = ProduceRequest {
        transactional_id: Some(TRANSACTION),
        acks: -1,
        timeout_ms: 10_000,
        topic_data: vec![TopicProduceData {
            name: TOPIC.into(),
            topic_id: topic.id,
            partition_data: vec![PartitionProduceData {
                index: 0,
                records: Some(batch.finish().freeze().into()),
            }],
        }],
    };
    insist(client, &produce, |response| response.responses[0].partition_responses[0].error_code).await;
    let end = EndTxnRequest {
        transactional_id: TRANSACTION,
        producer_id: who.producer_id,
        producer_epoch: who.producer_epoch,
        committed: commits,
    };
    insist(client, &end, |response| response.error_code).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_aborted_is_read_only_by_who_wants_it() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let producer = producer(&client);
    for round in 0..3 {
        transaction(&client, &format!("aborted-{round}"), false).await;
        producer
            .send(TOPIC, OutgoingRecord::value(format!("plain-{round}")))
            .await
            .expect("it is acknowledged");
        transaction(&client, &format!("committed-{round}"), true).await;
    }
    for read_committed in [true, false] {
        let options = ConsumerOptions { read_committed, ..ConsumerOptions::default() };
        let consumer = client.consumer().read(TOPIC, Position::Start).options(options).start();
        let mut consumer = consumer.await.expect("it starts");
        let mut values = Vec::new();
        let end = client.offsets_at(TOPIC, Position::End).await.expect("it ends somewhere")[&0];
        let reads = async {
            while consumer.positions().into_values().next().is_none_or(|position| position < end) {
                // The end is a marker, which nobody is handed.
                if let Ok(record) = timeout(Duration::from_millis(100), consumer.next()).await {
                    let record = record.expect("it goes on").expect("it can be read");
                    values.push(
                        String::from_utf8_lossy(record.value.as_deref().expect("a value")).into_owned(),
                    );
                }
            }
        };
        timeout(Duration::from_secs(60), reads).await.expect("it comes to the end");
        let count = |kind: &str| values.iter().filter(|value| value.starts_with(kind)).count();
        assert_eq!((count("plain"), count("committed")), (3, 3), "{values:?}");
        assert_eq!(count("aborted"), if read_committed { 0 } else { 3 }, "{values:?}");
    }
}
