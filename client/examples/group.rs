//! Reads topics as a member of a group: `cargo run -p ottla-client --example group -- 127.0.0.1:9092 GROUP TOPIC…`
//!
//! Start it several times: the members share the partitions. Stop one: the others go on where it was.

use std::{error::Error, io::Write, time::Duration};

use ottla_client::{Client, Reset};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let usage = "usage: group HOST:PORT GROUP TOPIC…";
    let (address, group) = (words.next().ok_or(usage)?, words.next().ok_or(usage)?);
    let client = Client::connect(&address).await?;
    let mut consumer = client.consumer().group(group).topics(words).reset(Reset::Earliest).start().await?;
    let mut out = std::io::stdout();
    loop {
        tokio::select! {
            record = consumer.next() => {
                let Some(record) = record.transpose()? else { break };
                let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
                writeln!(out, "{}-{} @{}: {value}", record.topic, record.partition, record.offset)?;
                // Only what is marked is committed: after a crash the rest is read again.
                consumer.mark(&record);
            }
            _ = tokio::signal::ctrl_c() => break,
        }
    }
    consumer.close(Duration::from_secs(10)).await?;
    Ok(())
}
