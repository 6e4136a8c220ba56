//! A task for each partition: `cargo run -p ottla-client --example partitions -- 127.0.0.1:9092 GROUP TOPIC…`
//!
//! A partition's records end when the group gives it to another member; the group waits until the task is done with what it
//! has in hand. Nothing has to be cancelled, and nothing is left over.

use std::{error::Error, io::Write, sync::Arc};

use ottla_client::{Client, Reset};
use tokio::sync::Mutex;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: partitions HOST:PORT GROUP TOPIC…";
    let (address, group) = (words.next().ok_or(usage)?, words.next().ok_or(usage)?);
    let client = Client::connect(&address).await?;
    let mut consumer = client.consumer().group(group).topics(words).reset(Reset::Earliest).start().await?;
    let out = Arc::new(Mutex::new(std::io::stdout()));
    while let Some(mut records) = consumer.next_partition().await {
        let (out, marks) = (Arc::clone(&out), consumer.marker());
        tokio::spawn(async move {
            let mut read = 0;
            while let Some(Ok(record)) = records.next().await {
                read += 1;
                marks.mark(&record);
            }
            let _ = writeln!(out.lock().await, "{}: {read} records, now another member's", records.at());
        });
    }
    Ok(())
}
