//! Commits that nobody answers.

use std::time::Duration;

use ottla_client::{Client, TxnError, TxnOptions, TxnProducer};
use ottla_testkit::{ApiKey, Fault, TestBroker};

use super::{ID, TOPIC, change_level, make, numbered, numbers, quick};

/// More often than it is tried.
const ALWAYS: usize = 100_000;

async fn cluster(level: i16) -> (TestBroker, Client) {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    make(&client, TOPIC, 1).await;
    change_level(&client, level).await;
    // The coordinator is there before anybody is impatient.
    client.transactor(ID).await.expect("the coordinator answers");
    (broker, client)
}

fn impatient() -> TxnOptions {
    TxnOptions { patience: Duration::from_secs(3), ..quick() }
}

async fn send_one(producer: &mut TxnProducer, number: u32) -> Result<(), TxnError> {
    let txn = producer.begin().await?;
    txn.send(TOPIC, numbered(number)).await?;
    txn.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_a_commit_was_done_is_known_once_somebody_answers() {
    for (level, fault) in
        [(2, Fault::Unanswered), (2, Fault::Unheard), (1, Fault::Unanswered), (1, Fault::Unheard)]
    {
        answered_late(level, fault).await;
    }
}

async fn answered_late(level: i16, fault: Fault) {
    let (broker, client) = cluster(level).await;
    let mut producer = TxnProducer::start(&client, ID, impatient()).await.expect("the coordinator answers");
    assert_eq!(producer.was_committed().await, Ok(false), "nothing was begun");
    send_one(&mut producer, 1).await.expect("it is committed");
    assert_eq!(producer.was_committed().await, Ok(true));

    broker.disturb(ApiKey::EndTxn, ALWAYS, fault);
    let error = send_one(&mut producer, 2).await.expect_err("nobody answers");
    assert!(error.is_possibly_committed() && !error.requires_abort(), "{error}");
    let error = producer.was_committed().await.expect_err("nobody has answered yet");
    assert!(error.is_retriable(), "{error}");
    broker.calm();
    assert_eq!(producer.was_committed().await, Ok(true));
    assert_eq!(numbers(&client, TOPIC, true).await, [1, 2]);

    let txn = producer.begin().await.expect("it goes on");
    txn.send(TOPIC, numbered(3)).await.expect("it is acknowledged");
    txn.abort().await.expect("it is aborted");
    assert_eq!(producer.was_committed().await, Ok(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_fenced_before_an_answer_comes_never_knows() {
    let (broker, client) = cluster(2).await;
    let mut producer = TxnProducer::start(&client, ID, impatient()).await.expect("the coordinator answers");
    broker.disturb(ApiKey::EndTxn, ALWAYS, Fault::Unheard);
    let error = send_one(&mut producer, 1).await.expect_err("nobody answers");
    assert!(error.is_possibly_committed(), "{error}");
    let _second = client.transactor(ID).await.expect("the coordinator answers");
    broker.calm();
    let error = producer.was_committed().await.expect_err("another has the id");
    assert!(matches!(error, TxnError::Fenced { .. }), "{error}");
    assert!(numbers(&client, TOPIC, true).await.is_empty());
}
