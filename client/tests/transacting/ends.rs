//! How transactions end.

use std::time::Duration;

use ottla_client::{SendError, Txn, TxnError, TxnProducer};
use ottla_testkit::{Node, Target};
use tokio::time::timeout;

use super::{ID, TOPIC, change_level, client_of, make, numbered, numbers, quick, send, transactor};

const PARTITIONS: i32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_read_whole_or_not_at_all() {
    whole_or_not(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_below_version_2_is_read_whole_or_not_at_all() {
    whole_or_not(1).await;
    whole_or_not(0).await;
}

async fn at_level(level: i16) -> (Node, ottla_client::Client) {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    change_level(&client, level).await;
    (node, client)
}

async fn whole_or_not(level: i16) {
    let (_node, client) = at_level(level).await;
    make(&client, TOPIC, PARTITIONS).await;
    let mut producer = transactor(&client).await;
    let mut committed = Vec::new();
    for round in 0..9 {
        let (first, last) = (round * 100, round * 100 + 100);
        let txn = producer.begin().await.expect("it begins");
        send(&txn, first..last).await.expect("all are taken");
        match round % 3 {
            0 => {
                txn.commit().await.expect("it is committed");
                committed.extend(first..last);
            }
            1 => txn.abort().await.expect("it is aborted"),
            _ => drop(txn),
        }
    }
    // One without records.
    producer.begin().await.expect("it begins").commit().await.expect("it is committed");
    producer.begin().await.expect("it begins").abort().await.expect("it is aborted");
    let txn = producer.begin().await.expect("it begins");
    let ack = txn.send(TOPIC, numbered(1000)).await.expect("it is acknowledged");
    assert!(ack.offset >= 0);
    // What is not committed yet is not read either.
    assert!(!numbers_so_far(&client).await.contains(&1000));
    txn.commit().await.expect("it is committed");
    committed.push(1000);
    assert_eq!(numbers(&client, TOPIC, true).await, committed);
    let all = numbers(&client, TOPIC, false).await;
    // Aborted by hand or dropped, what was not sent by then never is.
    assert!(committed.iter().all(|number| all.contains(number)));
    assert!(all.is_sorted_by(|a, b| a < b), "something is there twice");
}

/// What can be read while a transaction is open.
async fn numbers_so_far(client: &ottla_client::Client) -> Vec<u32> {
    let options = ottla_client::ConsumerOptions { read_committed: true, ..Default::default() };
    let consumer = client.consumer().read(TOPIC, ottla_client::Position::Start).options(options).start();
    let mut consumer = consumer.await.expect("it starts");
    let mut numbers = Vec::new();
    while let Ok(Some(Ok(record))) = timeout(Duration::from_millis(500), consumer.next()).await {
        let value = record.value.as_deref().expect("a value");
        numbers.push(std::str::from_utf8(value).expect("text").parse().expect("a number"));
    }
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn who_begins_later_fences_who_was_there() {
    fencing(2).await;
    fencing(1).await;
}

async fn fencing(level: i16) {
    let (_node, client) = at_level(level).await;
    make(&client, TOPIC, PARTITIONS).await;
    let mut first = transactor(&client).await;
    let mut idle = client.transactor("other").await.expect("the coordinator answers");
    let txn = first.begin().await.expect("it begins");
    txn.send(TOPIC, numbered(1)).await.expect("it is acknowledged");
    let mut second = transactor(&client).await;
    let other = second.begin().await.expect("it begins");
    other.send(TOPIC, numbered(2)).await.expect("it is acknowledged");
    let error = txn.commit().await.expect_err("it is aborted");
    assert!(error.is_fatal() && matches!(error, TxnError::Fenced { .. }), "{error}");
    let error = first.begin().await.expect_err("it is over");
    assert!(matches!(error, TxnError::Fenced { .. }), "{error}");
    other.commit().await.expect("nobody is in its place");
    // Another id is another's.
    let txn = idle.begin().await.expect("it begins");
    txn.send(TOPIC, numbered(3)).await.expect("it is acknowledged");
    txn.commit().await.expect("it is committed");
    assert_eq!(numbers(&client, TOPIC, true).await, [2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_fails_forbids_the_commit() {
    failing(2).await;
    failing(1).await;
}

async fn failing(level: i16) {
    let (_node, client) = at_level(level).await;
    let small = [("max.message.bytes".to_owned(), "1000".to_owned())];
    client.create_topic(TOPIC, 1, 1, &small).await.expect("the topic is made");
    let mut producer = TxnProducer::start(&client, ID, quick()).await.expect("the coordinator answers");
    for round in 0..3 {
        let txn = producer.begin().await.expect("it begins");
        txn.send(TOPIC, numbered(round)).await.expect("it is acknowledged");
        let large = ottla_client::OutgoingRecord::value(vec![b'1'; 5000]);
        let error = txn.send(TOPIC, large).await.expect_err("larger than the topic allows");
        assert!(matches!(error, SendError::Refused { .. }), "{error}");
        let error = txn.send(TOPIC, numbered(100)).await.expect_err("nothing will be committed");
        assert_eq!(error, SendError::Aborted);
        let error = txn.commit().await.expect_err("a record is missing");
        assert!(error.requires_abort() && !error.is_fatal(), "{error}");
        // The producer goes on.
        let txn = producer.begin().await.expect("it begins");
        txn.send(TOPIC, numbered(round + 10)).await.expect("it is acknowledged");
        txn.commit().await.expect("it is committed");
    }
    assert_eq!(numbers(&client, TOPIC, true).await, [10, 11, 12]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_committed_or_not_at_all() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let mut producer = transactor(&client).await;
    for round in 0..20 {
        let txn = producer.begin().await.expect("it begins");
        send(&txn, round * 10..round * 10 + 10).await.expect("all are taken");
        // The first look demands the commit; nobody waits for what becomes of it.
        let _ = timeout(Duration::from_millis(u64::from(round % 4)), txn.commit()).await;
        let _ = timeout(Duration::ZERO, producer.begin()).await;
    }
    producer.begin().await.expect("it begins").commit().await.expect("it is committed");
    let read = numbers(&client, TOPIC, true).await;
    for round in 0..20 {
        let count = read.iter().filter(|number| *number / 10 == round).count();
        assert_eq!(count, 10, "round {round}: {read:?}");
    }
    // A producer that is dropped ends what is open, for the next to begin at once.
    let txn = producer.begin().await.expect("it begins");
    txn.send(TOPIC, numbered(1000)).await.expect("it is acknowledged");
    drop(txn);
    drop(producer);
    let mut producer = transactor(&client).await;
    producer.begin().await.expect("it begins").commit().await.expect("it is committed");
    assert_eq!(numbers(&client, TOPIC, true).await.len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_fails_is_aborted() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let mut producer = transactor(&client).await;
    for round in 0..4 {
        let fails = round % 2 == 1;
        let work = async |txn: &Txn<'_>| -> Result<u32, Box<dyn std::error::Error>> {
            send(txn, round * 10..round * 10 + 10).await?;
            if fails { Err("it does not go".into()) } else { Ok(round) }
        };
        assert_eq!(producer.run(work).await.ok(), (!fails).then_some(round));
    }
    producer.close(Duration::from_secs(30)).await.expect("everything is ended");
    let expected: Vec<u32> = (0..10).chain(20..30).collect();
    assert_eq!(numbers(&client, TOPIC, true).await, expected);
}
