//! `ottla bench produce`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use bytes::Bytes;
use clap::Args;
use ottla_client::{AckFuture, Client, OutgoingRecord, Producer, SendError};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use super::{
    Failure, Sending,
    figures::{Figures, Latencies},
};

#[derive(Debug, Args)]
pub(super) struct Produce {
    topic: String,
    /// How many records
    #[arg(short = 'n', long, default_value_t = 1_000_000)]
    records: u64,
    /// Bytes of each value
    #[arg(short, long, default_value_t = 1024)]
    size: usize,
    /// So many records a second, evenly; without it as fast as they go
    #[arg(short, long)]
    rate: Option<f64>,
    #[command(flatten)]
    sending: Sending,
}

impl Produce {
    pub(super) async fn run(&self, client: &Client) -> Result<Figures, Failure> {
        let pace = Pace::new(self.rate)?;
        let producer = Producer::new(client, self.sending.options()?)?;
        client.topic(&self.topic, true).await?;
        let value = Bytes::from(text(self.size));
        let mut acks = Acknowledgements::default();
        let began = Instant::now();
        for number in 0..self.records {
            let due = pace.wait(began, number).await;
            let ack = producer.enqueue(&self.topic, OutgoingRecord::value(value.clone())).await?;
            acks.wait_for(due, ack);
        }
        producer.flush().await?;
        let latencies = acks.all().await?;
        let took = began.elapsed();
        producer.close(Duration::from_secs(10)).await?;
        Ok(Figures {
            records: self.records,
            bytes: self.records * self.size as u64,
            took,
            latencies: vec![("acknowledged", latencies)],
        })
    }
}

/// Letters that codecs make about half of, the same in every run.
fn text(size: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        b"abcdefghijklmnop"[(state >> 60) as usize]
    };
    (0..size).map(|_| letter()).collect()
}

/// When records are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(Option<f64>);

impl Pace {
    pub(super) fn new(rate: Option<f64>) -> Result<Self, Failure> {
        match rate {
            Some(rate) if !(rate > 0.0 && rate.is_finite()) => {
                Err(format!("--rate {rate}: allowed are numbers above 0").into())
            }
            rate => Ok(Self(rate)),
        }
    }

    /// Waits until a record is due, and says when that was: latency counts from there, whoever is late.
    pub(super) async fn wait(self, began: Instant, number: u64) -> Instant {
        let Some(rate) = self.0 else { return Instant::now() };
        let due = began + Duration::try_from_secs_f64(number as f64 / rate).unwrap_or(Duration::MAX / 4);
        tokio::time::sleep_until(due.into()).await;
        due
    }
}

/// Acknowledgements that are waited for: those of one partition come in their order.
#[derive(Debug, Default)]
pub(super) struct Acknowledgements {
    partitions: BTreeMap<i32, UnboundedSender<(Instant, AckFuture)>>,
    tasks: JoinSet<Result<Latencies, SendError>>,
}

impl Acknowledgements {
    pub(super) fn wait_for(&mut self, due: Instant, ack: AckFuture) {
        let tasks = &mut self.tasks;
        let queue = self.partitions.entry(ack.partition()).or_insert_with(|| {
            let (sender, mut queue) = unbounded_channel::<(Instant, AckFuture)>();
            tasks.spawn(async move {
                let mut latencies = Latencies::new();
                while let Some((due, ack)) = queue.recv().await {
                    ack.await?;
                    latencies.add(due.elapsed());
                }
                Ok(latencies)
            });
            sender
        });
        // One that has failed listens no more; its error comes in the end.
        let _ = queue.send((due, ack));
    }

    pub(super) async fn all(mut self) -> Result<Latencies, Failure> {
        self.partitions.clear();
        let mut all = Latencies::new();
        while let Some(one) = self.tasks.join_next().await {
            all.merge(&one??);
        }
        Ok(all)
    }
}
