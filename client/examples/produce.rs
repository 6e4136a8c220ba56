//! Sends lines as records: `cargo run -p ottla-client --example produce -- 127.0.0.1:9092 TOPIC < FILE`

use std::{error::Error, io::BufRead};

use ottla_client::{Client, OutgoingRecord, Producer, ProducerOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: produce HOST:PORT TOPIC");
    produce(&word()?, &word()?, std::io::stdin().lock()).await
}

pub(crate) async fn produce(address: &str, topic: &str, lines: impl BufRead) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let producer = Producer::new(&client, ProducerOptions::default())?;
    for line in lines.lines() {
        // Waits only while there is no room. To know where the record stands, wait for what this gives.
        drop(producer.enqueue(topic, OutgoingRecord::value(line?)).await?);
    }
    // All are acknowledged, or this says which was not, and whether it may have been written all the same.
    producer.flush().await?;
    Ok(())
}
