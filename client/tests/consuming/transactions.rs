//! What transactions wrote.

use std::time::Duration;

use ottla_client::{ConsumerOptions, OutgoingRecord, Position, TxnProducer};
use ottla_testkit::{Node, Target};
use tokio::time::timeout;

use super::{TOPIC, client_of, make, producer};

/// Writes a record in a transaction, and ends it.
async fn transaction(producer: &mut TxnProducer, value: &str, commits: bool) {
    let txn = producer.begin().await.expect("it begins");
    txn.send(TOPIC, OutgoingRecord::value(value.to_owned())).await.expect("it is acknowledged");
    if commits {
        txn.commit().await.expect("it is committed");
    } else {
        txn.abort().await.expect("it is aborted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_aborted_is_read_only_by_who_wants_it() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let producer = producer(&client);
    let mut transactor = client.transactor("transactor").await.expect("the coordinator answers");
    for round in 0..3 {
        transaction(&mut transactor, &format!("aborted-{round}"), false).await;
        producer
            .send(TOPIC, OutgoingRecord::value(format!("plain-{round}")))
            .await
            .expect("it is acknowledged");
        transaction(&mut transactor, &format!("committed-{round}"), true).await;
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
