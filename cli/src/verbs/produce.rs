//! `ottla produce TOPIC`: a record for each line of standard input.

use std::io::BufRead;

use bytes::Bytes;
use clap::Args;
use ottla_client::{OutgoingRecord, Producer};
use ottla_records::Codec;

use super::{Connection, Failure, client_runtime};

#[derive(Debug, Args)]
pub(crate) struct Produce {
    topic: String,
    #[command(flatten)]
    connection: Connection,
    /// The key of every record
    #[arg(short, long)]
    key: Option<String>,
    /// What stands between key and value on each line
    #[arg(long, value_name = "SEPARATOR", conflicts_with = "key")]
    key_separator: Option<String>,
    /// A header of every record: key=value
    #[arg(short = 'H', long = "header", value_name = "KEY=VALUE")]
    headers: Vec<String>,
    /// The partition; the key decides otherwise
    #[arg(short, long)]
    partition: Option<i32>,
    /// none, gzip, snappy, lz4 or zstd
    #[arg(short = 'z', long, default_value = "none")]
    compression: String,
}

impl Produce {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let codec = Codec::from_name(&self.compression).ok_or_else(|| {
            format!("--compression {}: allowed are none, gzip, snappy, lz4, zstd", self.compression)
        })?;
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let mut producer = Producer::new(&client).await?;
            producer.set_codec(codec);
            for line in std::io::stdin().lock().lines() {
                producer.send(&self.topic, self.record(line?)?).await?;
            }
            producer.flush().await?;
            Ok(())
        })
    }

    fn record(&self, line: String) -> Result<OutgoingRecord, Failure> {
        let (key, value) = match &self.key_separator {
            Some(separator) => {
                let (key, value) = line
                    .split_once(separator.as_str())
                    .ok_or_else(|| format!("no `{separator}` between key and value in `{line}`"))?;
                (Some(key.to_owned()), value.to_owned())
            }
            None => (self.key.clone(), line),
        };
        let header = |text: &String| {
            let (key, value) = text.split_once('=').ok_or(format!("--header {text}: expected key=value"))?;
            Ok::<_, String>((key.to_owned(), Some(Bytes::from(value.to_owned()))))
        };
        Ok(OutgoingRecord {
            key: key.map(Bytes::from),
            value: Some(Bytes::from(value)),
            headers: self.headers.iter().map(header).collect::<Result<_, _>>()?,
            timestamp: None,
            partition: self.partition,
        })
    }
}
