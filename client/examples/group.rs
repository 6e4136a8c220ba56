//! Reads topics as a member of a group: `cargo run -p ottla-client --example group -- 127.0.0.1:9092 GROUP TOPIC…`
//!
//! Start it several times: the members share the partitions. Stop one: the others go on where it was.

use std::{error::Error, io::Write, time::Duration};

use ottla_client::{Client, Reset};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().ok_or("usage: group HOST:PORT GROUP TOPIC…");
    let (address, group) = (word()?, word()?);
    read(&address, &group, words, std::io::stdout(), tokio::signal::ctrl_c()).await
}

/// Reads until it is to `stop`.
pub(crate) async fn read<S>(
    address: &str,
    group: &str,
    topics: impl Iterator<Item = String>,
    mut out: impl Write,
    stop: impl Future<Output = S>,
) -> Result<(), Box<dyn Error>> {
    let client = Client::connect(address).await?;
    let mut consumer = client.consumer().group(group).topics(topics).reset(Reset::Earliest).start().await?;
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            record = consumer.next() => {
                let Some(record) = record.transpose()? else { break };
                let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
                writeln!(out, "{}-{} @{}: {value}", record.topic, record.partition, record.offset)?;
                // Only what is marked is committed: after a crash the rest is read again.
                consumer.mark(&record);
            }
            _ = &mut stop => break,
        }
    }
    consumer.close(Duration::from_secs(10)).await?;
    Ok(())
}
