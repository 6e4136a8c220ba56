//! Copies records from a topic to another, each exactly once:
//! `cargo run -p ottla-client --example exactly_once -- 127.0.0.1:9092 GROUP FROM TO`
//!
//! Kill it as often as you like: who reads what is committed (`read_committed`) sees no record twice and misses none.

use std::error::Error;

use ottla_client::{Client, OutgoingRecord, Reset, Txn, TxnError};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: exactly_once HOST:PORT GROUP FROM TO");
    let (address, group, from, to) = (word()?, word()?, word()?, word()?);
    let client = Client::connect(&address).await?;
    let consumer = client.consumer().group(&group).topics([from]).reset(Reset::Earliest);
    let mut consumer = consumer.auto_commit(None).read_committed().start().await?;
    // Each running copy needs an id of its own, and the same after a restart: then it ends what it had left open.
    let mut producer = client.transactor(&format!("{group}-1")).await?;
    while let Some(record) = consumer.next().await {
        let record = record?;
        let copied = producer
            .run(async |txn: &Txn<'_>| -> Result<(), TxnError> {
                let copy = OutgoingRecord {
                    key: record.key.clone(),
                    value: record.value.clone(),
                    headers: record.headers.clone(),
                    ..OutgoingRecord::default()
                };
                drop(txn.enqueue(&to, copy).await?);
                consumer.mark(&record);
                txn.send_offsets(consumer.group_offsets()).await
            })
            .await;
        match copied {
            // What is not committed is read again.
            Err(error) if error.requires_abort() => consumer.rewind(),
            copied => copied?,
        }
    }
    Ok(())
}
