//! `ottla bench e2e`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use clap::Args;
use ottla_client::{Client, Consumer, OutgoingRecord, Position, Producer, TopicPartition};

use super::{
    Failure, Misuse, Sending,
    figures::{Figures, Latencies},
    load::{Load, Pace},
    progress,
};
use crate::settings::Settings;

/// What each value begins with: whose it is, and its number.
const MARK: usize = 16;
/// The last record is waited for this long.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(super) struct EndToEnd {
    topic: String,
    /// How many records
    #[arg(short = 'n', long, default_value_t = 10_000)]
    records: u64,
    /// Bytes of each value, 16 at least
    #[arg(short, long, default_value_t = 1024)]
    size: usize,
    /// So many records a second, evenly
    #[arg(short, long, default_value_t = 1000.0)]
    rate: f64,
    #[command(flatten)]
    sending: Sending,
}

impl EndToEnd {
    pub(super) async fn run(&self, client: &Client, settings: &Settings) -> Result<Figures, Failure> {
        if self.size < MARK {
            return Err(Misuse::from(format!("--size {}: allowed are {MARK} and more", self.size)).into());
        }
        let pace = Pace::new(Some(self.rate))?;
        let producer = Producer::new(client, self.sending.options(settings)?)?;
        client.topic(&self.topic, true).await?;
        let ends = client.offsets_at(&self.topic, Position::End).await?;
        let mut consumer = client.consumer().options(settings.consumer()?.0);
        for (partition, end) in ends {
            consumer = consumer.assign(TopicPartition::new(self.topic.as_str(), partition), end);
        }
        let consumer = consumer.start().await?;
        let mut run = [0; 8];
        getrandom::fill(&mut run).map_err(|error| error.to_string())?;
        let mut load = Load::new(producer, &self.topic, pace);
        let reading = tokio::spawn(read(consumer, run, self.records, (load.stopwatch().began(), pace)));
        let mut progress = progress("passed on", self.records);
        for number in 0..self.records {
            let mut value = vec![b'x'; self.size];
            value[..8].copy_from_slice(&run);
            value[8..MARK].copy_from_slice(&number.to_be_bytes());
            load.send(OutgoingRecord::value(Bytes::from(value))).await?;
            progress.add(1, self.size as u64);
        }
        progress.end();
        let stopwatch = load.stopwatch();
        let (_, acknowledged) = load.end().await?;
        let read = tokio::time::timeout(PATIENCE, reading)
            .await
            .map_err(|_| format!("not everything came back within {} s", PATIENCE.as_secs()))???;
        let (spent, bytes) = (stopwatch.read(), self.records * self.size as u64);
        let latencies = vec![("acknowledged", acknowledged), ("read", read)];
        Ok(Figures { records: self.records, bytes, spent, latencies })
    }
}

/// Reads all records of a run; of others there may be some between them.
async fn read(
    mut consumer: Consumer,
    run: [u8; 8],
    count: u64,
    (began, pace): (Instant, Pace),
) -> Result<Latencies, String> {
    let mut latencies = Latencies::new();
    let mut left = count;
    while left > 0 {
        let record = consumer.next().await.ok_or("the consumer has ended")?;
        let record = record.map_err(|error| error.to_string())?;
        let value = record.value.unwrap_or_default();
        let Some((mark, rest)) = value.split_first_chunk::<8>() else { continue };
        let Some(number) = rest.first_chunk().map(|number| u64::from_be_bytes(*number)) else { continue };
        if *mark == run && number < count {
            latencies.add(pace.due(began, number).elapsed());
            left -= 1;
        }
    }
    consumer.close(Duration::from_secs(10)).await.map_err(|error| error.to_string())?;
    Ok(latencies)
}
