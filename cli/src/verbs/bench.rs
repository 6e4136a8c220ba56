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

use super::{Connection, Failure, codec};
use crate::output::Output;

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
        // This thread sends, the client works on another one.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(async {
            let client = self.connection.client().await?;
            let figures = match &self.what {
                What::Produce(produce) => produce.run(&client).await?,
                What::Consume(consume) => consume.run(&client).await?,
                What::E2e(e2e) => e2e.run(&client).await?,
            };
            figures.print(self.output);
            Ok(())
        })
    }
}

/// How records are sent.
#[derive(Debug, Args)]
struct Sending {
    /// all, 1 or 0
    #[arg(long, default_value = "all")]
    acks: String,
    /// none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long, default_value = "none")]
    compression: String,
    /// Milliseconds a batch waits for more records
    #[arg(long, default_value_t = 5)]
    linger_ms: u64,
    /// Bytes at which a batch is sent without waiting
    #[arg(long, default_value_t = 256 << 10)]
    batch_bytes: usize,
}

impl Sending {
    fn options(&self) -> Result<ProducerOptions, Failure> {
        let acks = Acks::from_name(&self.acks)
            .ok_or_else(|| format!("--acks {}: allowed are all, 1, 0", self.acks))?;
        Ok(ProducerOptions {
            acks,
            idempotence: acks == Acks::All,
            linger: Duration::from_millis(self.linger_ms),
            batch_bytes: self.batch_bytes,
            codec: codec(&self.compression)?,
            ..ProducerOptions::default()
        })
    }
}
