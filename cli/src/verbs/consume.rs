//! `ottla consume TOPIC`: prints records as they come.

mod format;

use std::{
    io::{ErrorKind, Write},
    time::Duration,
};

use clap::Args;
use ottla_client::Consumer;

use super::{Connection, Failure, client_runtime, offset};

/// How long one question waits for records.
const POLL: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(crate) struct Consume {
    topic: String,
    #[command(flatten)]
    connection: Connection,
    /// Where to begin: start, end, N, -N (before the end), @MILLISECONDS
    #[arg(short, long, default_value = "end", allow_hyphen_values = true)]
    offset: String,
    /// Stop after so many records
    #[arg(short, long)]
    num: Option<u64>,
    /// Stop at the end of what was there at the beginning
    #[arg(short, long)]
    exit: bool,
    /// How to print a record: %t topic %p partition %o offset %k key %v value %h headers %d timestamp
    #[arg(short, long, default_value = "%v\\n")]
    format: String,
}

impl Consume {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let from = offset::parse("--offset", &self.offset)?;
        let format = format::Format::parse(&self.format)?;
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let mut consumer = client.consumer(&self.topic, from).await?;
            let ends = consumer.ends().await?;
            let mut left = self.num.unwrap_or(u64::MAX);
            let mut out = std::io::stdout().lock();
            while left > 0 && !(self.exit && is_behind(&consumer, &ends)) {
                for record in consumer.poll(POLL).await? {
                    if left == 0 {
                        break;
                    }
                    match out.write_all(&format.print(&self.topic, &record)) {
                        // Whoever reads has had enough.
                        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                        other => other?,
                    }
                    left -= 1;
                }
                out.flush()?;
            }
            Ok(())
        })
    }
}

/// Whether everything that was there at the beginning has been read.
fn is_behind(consumer: &Consumer, ends: &std::collections::BTreeMap<i32, i64>) -> bool {
    let positions = consumer.positions();
    ends.iter().all(|(index, end)| positions.get(index).is_some_and(|position| position >= end))
}
