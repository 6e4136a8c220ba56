//! A cluster that goes from one level of `transaction.version` to another.

use ottla_client::TxnProducer;
use ottla_testkit::{Node, Target};

use super::{ID, TOPIC, change_level, client_of, make, numbers, quick, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_goes_with_its_cluster() {
    let mut node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3).await;
    change_level(&client, 1).await;
    let mut producer = TxnProducer::start(&client, ID, quick()).await.expect("the coordinator answers");
    let mut sent = 0;
    for level in [1, 2, 1, 2] {
        let txn = producer.begin().await.expect("it begins");
        send(&txn, sent..sent + 50).await.expect("all are taken");
        change_level(&client, level).await;
        txn.commit().await.expect("it is committed");
        producer.begin().await.expect("it begins").abort().await.expect("it is aborted");
        // A producer looks at the level when it looks for its coordinator.
        node.kill();
        node.restart();
        for _ in 0..2 {
            sent += 50;
            let txn = producer.begin().await.expect("it begins");
            send(&txn, sent..sent + 50).await.expect("all are taken");
            txn.commit().await.expect("it is committed");
        }
        sent += 50;
    }
    assert_eq!(numbers(&client, TOPIC, true).await, (0..sent).collect::<Vec<_>>());
}
