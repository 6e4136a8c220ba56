//! Transactions while connections are cut and brokers are killed.

use ottla_client::{Client, TxnError, TxnProducer};
use ottla_testkit::{Node, Proxy, Target};

use super::{ID, TOPIC, change_level, client_of, make, numbered, numbers, quick, send};

/// Commits numbers, as often as it takes; never again once they may be committed.
async fn commit(producer: &mut TxnProducer, numbers: std::ops::Range<u32>) {
    for _ in 0..100 {
        let done = producer
            .run(async |txn: &ottla_client::Txn<'_>| -> Result<(), TxnError> {
                Ok(send(txn, numbers.clone()).await?)
            })
            .await;
        match done {
            Ok(()) => return,
            Err(error) => assert!(error.requires_abort() || error.is_retriable(), "{error}"),
        }
    }
    panic!("{numbers:?} cannot be committed");
}

async fn assert_once(client: &Client, sent: u32) {
    let read = numbers(client, TOPIC, true).await;
    assert_eq!(read, (0..sent).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_lose_nothing_and_repeat_nothing() {
    for level in [2, 1] {
        cut(level).await;
    }
}

async fn cut(level: i16) {
    let proxy = Proxy::idle();
    let advertised = format!("PLAINTEXT://{}", proxy.address());
    let node = Node::start_with(Target::from_env(), &[("advertised.listeners", &advertised)]);
    proxy.forward(node.address(), 5, 8);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3).await;
    change_level(&client, level).await;
    let mut producer = TxnProducer::start(&client, ID, quick()).await.expect("the coordinator answers");
    commit(&mut producer, 0..100).await;
    proxy.storm(true);
    let mut sent = 100;
    while proxy.cuts() < 40 {
        assert!(sent < 20_000, "{} connections were cut", proxy.cuts());
        commit(&mut producer, sent..sent + 20).await;
        sent += 20;
    }
    proxy.storm(false);
    assert_once(&client, sent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_between_loses_nothing_and_repeats_nothing() {
    let mut node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3).await;
    let mut producer = TxnProducer::start(&client, ID, quick()).await.expect("the coordinator answers");
    let mut sent = 0;
    for round in 0..3 {
        commit(&mut producer, sent..sent + 100).await;
        sent += 100;
        let txn = producer.begin().await.expect("it begins");
        send(&txn, sent..sent + 100).await.expect("all are taken");
        if round == 1 {
            // What was acknowledged is there, what was not is sent again.
            txn.send(TOPIC, numbered(sent + 100)).await.expect("it is acknowledged");
            sent += 1;
        }
        node.kill();
        node.restart();
        txn.commit().await.expect("it is committed");
        sent += 100;
    }
    assert_once(&client, sent).await;
}
