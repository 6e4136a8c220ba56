//! `ottla bench produce`.

use bytes::Bytes;
use clap::Args;
use ottla_client::{Client, OutgoingRecord, Producer};

use super::{
    Failure, Sending,
    figures::Figures,
    load::{Load, Pace},
    progress,
};
use crate::settings::Settings;

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
    pub(super) async fn run(&self, client: &Client, settings: &Settings) -> Result<Figures, Failure> {
        let pace = Pace::new(self.rate)?;
        let producer = Producer::new(client, self.sending.options(settings)?)?;
        client.topic(&self.topic, true).await?;
        let value = Bytes::from(text(self.size));
        let mut load = Load::new(producer, &self.topic, pace);
        let mut progress = progress("sent", self.records);
        for _ in 0..self.records {
            load.send(OutgoingRecord::value(value.clone())).await?;
            progress.add(1, self.size as u64);
        }
        progress.end();
        let (spent, latencies) = load.end().await?;
        let bytes = self.records * self.size as u64;
        Ok(Figures { records: self.records, bytes, spent, latencies: vec![("acknowledged", latencies)] })
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
