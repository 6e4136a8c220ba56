//! A task for each partition: `cargo run -p ottla-client --example partitions -- 127.0.0.1:9092 GROUP TOPIC…`
//!
//! A partition's records end when the group gives it to another member; the group waits until the task is done with what it
//! has in hand. Nothing has to be cancelled, and nothing is left over.

use std::{
    error::Error,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use ottla_client::{Client, Reset};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: partitions HOST:PORT GROUP TOPIC…");
    let (address, group) = (word()?, word()?);
    read(&address, &group, words, Arc::new(Mutex::new(std::io::stdout()))).await
}

pub(crate) async fn read(
    address: &str,
    group: &str,
    topics: impl Iterator<Item = String>,
    out: Arc<Mutex<impl Write + Send + 'static>>,
) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let mut consumer = client.consumer().group(group).topics(topics).reset(Reset::Earliest).start().await?;
    while let Some(mut records) = consumer.next_partition().await {
        let (out, marks) = (Arc::clone(&out), consumer.marker());
        tokio::spawn(async move {
            let mut read = 0;
            while let Some(Ok(record)) = records.next().await {
                read += 1;
                marks.mark(&record);
            }
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            let _ = writeln!(out, "{}: {read} records, now another member's", records.at());
        });
    }
    Ok(())
}
