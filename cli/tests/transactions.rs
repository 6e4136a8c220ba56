//! `ottla txn` on a transaction that is open.

use std::process::Command;

use ottla_client::Client;
use ottla_records::{BatchBuilder, NewRecord};
use ottla_testkit::{Node, Target, ottla_binary};
use ottla_types::Str;
use ottla_wire::messages::{
    add_partitions_to_txn_request::{
        AddPartitionsToTxnRequest, AddPartitionsToTxnTopic, AddPartitionsToTxnTransaction,
    },
    find_coordinator_request::FindCoordinatorRequest,
    init_producer_id_request::InitProducerIdRequest,
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
};

fn ottla(node: &Node, words: &str) -> (i32, String) {
    let mut ottla = Command::new(ottla_binary());
    let done =
        ottla.args(words.split(' ')).env("OTTLA_BOOTSTRAP", node.address()).output().expect("it can be run");
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

fn json(node: &Node, words: &str) -> serde_json::Value {
    let (code, said) = ottla(node, words);
    assert_eq!(code, 0, "{words}: {said}");
    serde_json::from_str(&said).expect("JSON")
}

/// Writes a record in a transaction, and leaves it open.
async fn begin(client: &Client, id: &'static str, topic: &str) {
    let find = FindCoordinatorRequest {
        key_type: 1,
        coordinator_keys: vec![Str::from(id)],
        ..FindCoordinatorRequest::default()
    };
    let init = InitProducerIdRequest {
        transactional_id: Some(Str::from(id)),
        transaction_timeout_ms: 600_000,
        producer_id: -1,
        producer_epoch: -1,
        ..InitProducerIdRequest::default()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    // The topic in which transactions live is made on first use.
    let producer = loop {
        client.ask(&find).await.expect("an answer");
        let answer = client.ask(&init).await.expect("an answer");
        if answer.error_code.is_ok() {
            break answer;
        }
        assert!(
            answer.error_code.is_retriable() && std::time::Instant::now() < deadline,
            "{}",
            answer.error_code
        );
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    let topics = vec![AddPartitionsToTxnTopic { name: topic.into(), partitions: vec![0] }];
    let transaction = AddPartitionsToTxnTransaction {
        transactional_id: Str::from(id),
        producer_id: producer.producer_id,
        producer_epoch: producer.producer_epoch,
        topics: topics.clone(),
        ..AddPartitionsToTxnTransaction::default()
    };
    // Both forms: which one is sent hangs on the version the broker serves.
    let add = AddPartitionsToTxnRequest {
        transactions: vec![transaction],
        v3_and_below_transactional_id: Str::from(id),
        v3_and_below_producer_id: producer.producer_id,
        v3_and_below_producer_epoch: producer.producer_epoch,
        v3_and_below_topics: topics,
    };
    let _ = client.ask(&add).await;
    let mut batch =
        BatchBuilder::new().producer(producer.producer_id, producer.producer_epoch, 0).transactional();
    batch.push(&NewRecord { value: Some(b"open"), timestamp: 1_700_000_000_000, ..NewRecord::default() });
    let partition = PartitionProduceData { index: 0, records: Some(batch.finish().freeze().into()) };
    let info = client.topic(topic, false).await.expect("the topic");
    let data = TopicProduceData { name: topic.into(), topic_id: info.id, partition_data: vec![partition] };
    let produce = ProduceRequest {
        transactional_id: Some(Str::from(id)),
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![data],
    };
    let answer = client.ask(&produce).await.expect("an answer");
    let code = answer.responses[0].partition_responses[0].error_code;
    assert!(code.is_ok(), "{code}");
}

#[test]
fn an_open_transaction_is_listed_described_and_aborted() {
    let node = Node::start(Target::from_env());
    assert_eq!(ottla(&node, "topic create t -p 1").0, 0);
    assert_eq!(ottla(&node, "txn ls -o json").1, "[]\n");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let client = Client::connect(node.address()).await.expect("the broker");
        begin(&client, "orders-etl", "t").await;
    });
    let listed = &json(&node, "txn ls -o json")[0];
    assert_eq!((&listed["id"], &listed["state"]), (&"orders-etl".into(), &"Ongoing".into()));
    let described = &json(&node, "txn describe orders-etl -o json")[0];
    assert_eq!((&described["state"], &described["partitions"][0]), (&"Ongoing".into(), &"t-0".into()));
    assert_eq!(described["producer"], listed["producer"]);
    // Its coordinator knows it, however old it is.
    assert_eq!(ottla(&node, "txn find-hanging --older-than-minutes 0 -o json").1, "[]\n");

    let (code, said) = ottla(&node, "txn abort t 0 --start-offset 7");
    assert_eq!(code, 1);
    assert!(said.contains("no open transaction begins at offset 7 of t-0"), "{said}");
    let (code, said) = ottla(&node, "txn abort t 0 --start-offset 0");
    assert_eq!(code, 0, "{said}");
    // The marker takes an offset, and the transaction is over for the partition.
    assert_eq!(json(&node, "offsets t -o json")[0]["end"], 2);
    assert_eq!(ottla(&node, "txn abort t 0 --start-offset 0").0, 1);
    let (code, said) = ottla(&node, "txn describe nobody");
    assert_eq!(code, 1);
    assert!(said.contains("TRANSACTIONAL_ID_NOT_FOUND"), "{said}");
}
