//! The consumer against a real broker: Ottla, or Apache Kafka with `OTTLA_TARGET=kafka`.

mod assigned;
mod changes;
mod patterns;
mod reader;
mod shared;
mod transactions;

use ottla_client::{Client, OutgoingRecord, Producer, ProducerOptions};

const TOPIC: &str = "records";
const PARTITIONS: i32 = 6;

async fn client_of(address: &str) -> Client {
    Client::connect(address).await.expect("the broker runs")
}

async fn make(client: &Client, topic: &str, partitions: i32) {
    client.create_topic(topic, partitions, 1, &[]).await.expect("the topic is made");
}

fn producer(client: &Client) -> Producer {
    Producer::new(client, ProducerOptions::default()).expect("the options go together")
}

/// Sends the numbers of a range, spread over the partitions, and waits until all are acknowledged.
async fn send(producer: &Producer, topic: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let record = OutgoingRecord::new(format!("key-{}", number % 100), number.to_string());
        drop(producer.enqueue(topic, record).await.expect("it is taken"));
    }
    producer.flush().await.expect("all are acknowledged");
}
