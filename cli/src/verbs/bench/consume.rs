//! `ottla bench consume`.

use std::time::Duration;

use clap::Args;
use ottla_client::{Client, Position};

use super::{Failure, figures::Figures, progress, stopwatch::Stopwatch};
use crate::settings::Settings;

#[derive(Debug, Args)]
pub(super) struct Consume {
    topic: String,
    /// How many records; without it all there are at the beginning
    #[arg(short = 'n', long)]
    records: Option<u64>,
}

impl Consume {
    pub(super) async fn run(&self, client: &Client, settings: &Settings) -> Result<Figures, Failure> {
        let wanted = match self.records {
            Some(records) => records,
            None => self.there(client).await?,
        };
        let stopwatch = Stopwatch::start();
        let options = settings.consumer()?.0;
        let mut consumer =
            client.consumer().options(options).read(&self.topic, Position::Start).start().await?;
        let (mut records, mut bytes) = (0, 0);
        let mut progress = progress("read", wanted);
        while records < wanted {
            let batch = consumer.next_batch().await.ok_or("the consumer has ended")??;
            let before = (records, bytes);
            for record in batch.iter() {
                let record = record?;
                let length = |bytes: Option<&[u8]>| bytes.map_or(0, <[u8]>::len) as u64;
                bytes += length(record.key) + length(record.value);
                records += 1;
            }
            progress.add(records - before.0, bytes - before.1);
            progress.show();
        }
        let spent = stopwatch.read();
        progress.end();
        consumer.close(Duration::from_secs(10)).await?;
        Ok(Figures { records, bytes, spent, latencies: Vec::new() })
    }

    /// Offsets between start and end: fewer records where some were compacted away, or are marks of transactions.
    async fn there(&self, client: &Client) -> Result<u64, Failure> {
        let starts = client.offsets_at(&self.topic, Position::Start).await?;
        let ends = client.offsets_at(&self.topic, Position::End).await?;
        let count = |(index, end): (&i32, &i64)| end - starts.get(index).copied().unwrap_or_default();
        Ok(ends.iter().map(count).sum::<i64>().max(0).unsigned_abs())
    }
}
