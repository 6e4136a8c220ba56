//! Copies records from a topic to another, each exactly once:
//! `cargo run -p ottla-client --example exactly_once -- 127.0.0.1:9092 GROUP FROM TO`
//!
//! Kill it as often as you like: who reads what is committed (`read_committed`) sees no record twice and misses none.

use std::error::Error;

use ottla_client::{Client, OutgoingRecord, Reset};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: exactly_once HOST:PORT GROUP FROM TO");
    copy(&word()?, &word()?, &word()?, &word()?).await
}

pub(crate) async fn copy(address: &str, group: &str, from: &str, to: &str) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let consumer = client.consumer().group(group).topics([from]).reset(Reset::Earliest);
    let mut consumer = consumer.in_transactions().start().await?;
    // Each running copy needs an id of its own, and the same after a restart: then it ends what it had left open.
    let mut producer = client.transactor(&format!("{group}-1")).await?;
    let copying = producer.consume(&mut consumer);
    copying
        .run(async |txn, batch| {
            for record in batch {
                let copy = OutgoingRecord {
                    key: record.key,
                    value: record.value,
                    headers: record.headers,
                    ..OutgoingRecord::default()
                };
                // The commit waits until all are acknowledged.
                drop(txn.enqueue(to, copy).await?);
            }
            Ok(())
        })
        .await?;
    Ok(())
}
