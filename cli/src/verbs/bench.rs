//! `ottla bench`: how fast a cluster takes records, gives them back, and passes them on.

mod consume;
mod e2e;
mod figures;
mod load;
mod produce;
mod stopwatch;

use std::time::Duration;

use clap::{Args, Subcommand};
use ottla_client::{Acks, ProducerOptions};

use super::{Connection, Failure, Misuse, codec, sending_runtime};
use crate::{output::Output, progress::Progress, settings::Settings};

#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(flatten)]
    connection: Connection,
    #[arg(short, long, value_enum, default_value = "table", global = true)]
    output: Output,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Send records to a topic, as fast as they go or so many a second; latency is from due to acknowledged
    Produce(produce::Produce),
    /// Read records of a topic from its start
    Consume(consume::Consume),
    /// Send records and read them at once; latency is from due to read
    E2e(e2e::EndToEnd),
}

impl Bench {
    pub(crate) fn run(self) -> Result<(), Failure> {
        sending_runtime()?.block_on(async {
            let settings = self.connection.settings()?;
            let client = settings.client().await?;
            let figures = match &self.what {
                What::Produce(produce) => produce.run(&client, &settings).await?,
                What::Consume(consume) => consume.run(&client, &settings).await?,
                What::E2e(e2e) => e2e.run(&client, &settings).await?,
            };
            figures.print(self.output);
            Ok(())
        })
    }
}

/// How records are sent: where nothing is said as the settings say, else as any producer here sends.
#[derive(Debug, Args)]
struct Sending {
    /// all, 1 or 0 [default: all]
    #[arg(long)]
    acks: Option<String>,
    /// none, gzip, snappy, lz4 or zstd [default: none]
    #[arg(short = 'z', long)]
    compression: Option<String>,
    /// Milliseconds a batch waits for more records [default: 5]
    #[arg(long)]
    linger_ms: Option<u64>,
    /// Bytes at which a batch is sent without waiting [default: 262144]
    #[arg(long)]
    batch_bytes: Option<usize>,
}

impl Sending {
    fn options(&self, settings: &Settings) -> Result<ProducerOptions, Failure> {
        let mut options = settings.producer()?;
        if let Some(name) = &self.acks {
            options.acks = Acks::from_name(name)
                .ok_or_else(|| Misuse::from(format!("--acks {name}: allowed are all, 1, 0")))?;
            options.idempotence = options.idempotence && options.acks == Acks::All;
        }
        if let Some(name) = &self.compression {
            options.codec = codec(name)?;
        }
        options.linger = self.linger_ms.map_or(options.linger, Duration::from_millis);
        options.batch_bytes = self.batch_bytes.unwrap_or(options.batch_bytes);
        Ok(options)
    }
}

/// How far a run is: its figures come at the end.
fn progress(what: &'static str, records: u64) -> Progress {
    Progress::new(what, "records", Some(records), true)
}
