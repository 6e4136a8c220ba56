//! Transactions against a real broker: Ottla, or Apache Kafka with `OTTLA_TARGET=kafka`.

mod consume;
mod disturbed;
mod doubt;
mod ends;
mod offsets;
mod versions;

use std::{collections::BTreeMap, ops::Range, time::Duration};

use ottla_client::{
    Client, ConsumerOptions, LevelChange, OutgoingRecord, Position, ProducerOptions, SendError, Txn,
    TxnOptions, TxnProducer,
};
use tokio::time::timeout;

const TOPIC: &str = "records";
const ID: &str = "transactor";

async fn client_of(address: &str) -> Client {
    Client::connect(address).await.expect("the broker runs")
}

async fn make(client: &Client, topic: &str, partitions: i32) {
    client.create_topic(topic, partitions, 1, &[]).await.expect("the topic is made");
}

async fn transactor(client: &Client) -> TxnProducer {
    client.transactor(ID).await.expect("the coordinator answers")
}

fn quick() -> TxnOptions {
    let producer = ProducerOptions { retry_backoff: Duration::from_millis(20), ..ProducerOptions::default() };
    TxnOptions { producer, ..TxnOptions::default() }
}

fn numbered(number: u32) -> OutgoingRecord {
    OutgoingRecord::new(format!("key-{}", number % 50), number.to_string())
}

async fn send(txn: &Txn<'_>, range: Range<u32>) -> Result<(), SendError> {
    for number in range {
        drop(txn.enqueue(TOPIC, numbered(number)).await?);
    }
    Ok(())
}

/// Has the cluster run a level of `transaction.version`.
async fn change_level(client: &Client, level: i16) {
    const NAME: &str = "transaction.version";
    let change = async {
        loop {
            let now = client.features().await.expect("the broker answers").finalized.get(NAME).copied();
            let now = now.unwrap_or_default();
            if now == level {
                return;
            }
            let change = if level < now { LevelChange::SafeDowngrade } else { LevelChange::Upgrade };
            let levels = BTreeMap::from([(NAME.to_owned(), level)]);
            // What the controller has done already the broker may not know yet.
            let _ = client.update_features(&levels, change, false).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(30), change).await.expect("the level is changed");
}

/// The numbers in a topic's records up to its end, in order.
async fn numbers(client: &Client, topic: &str, read_committed: bool) -> Vec<u32> {
    let ends = client.offsets_at(topic, Position::End).await.expect("it ends somewhere");
    let options = ConsumerOptions { read_committed, ..ConsumerOptions::default() };
    let consumer = client.consumer().read(topic, Position::Start).options(options).start();
    let mut consumer = consumer.await.expect("it starts");
    let mut numbers = Vec::new();
    let reads = async {
        while consumer.positions().iter().any(|(at, position)| *position < ends[&at.partition])
            || consumer.positions().len() < ends.len()
        {
            // The last offsets may be markers, which nobody is handed.
            if let Ok(record) = timeout(Duration::from_millis(50), consumer.next()).await {
                let record = record.expect("it goes on").expect("it can be read");
                let value = record.value.as_deref().expect("a value");
                numbers.push(std::str::from_utf8(value).expect("text").parse().expect("a number"));
            }
        }
    };
    timeout(Duration::from_secs(60), reads).await.expect("it comes to the end");
    numbers.sort_unstable();
    numbers
}
