//! `ottla produce TOPIC`: a record for each line of standard input.

use std::io::{self, BufRead};

use bytes::Bytes;
use clap::Args;
use ottla_client::{OutgoingRecord, Producer, ProducerOptions};
use ottla_records::Codec;
use tokio::sync::mpsc::{Receiver, channel, error::TryRecvError};

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
            let producer = Producer::new(&client, ProducerOptions { codec, ..ProducerOptions::default() })?;
            let mut lines = lines();
            loop {
                // What was typed goes out as soon as nothing more is waiting behind it.
                let line = match lines.try_recv() {
                    Ok(line) => line,
                    Err(TryRecvError::Disconnected) => break,
                    Err(TryRecvError::Empty) => {
                        producer.flush().await?;
                        match lines.recv().await {
                            Some(line) => line,
                            None => break,
                        }
                    }
                };
                // What is refused is reported by the flush that waits for it.
                drop(producer.enqueue(&self.topic, self.record(line?)?).await?);
            }
            producer.flush().await?;
            Ok(())
        })
    }

    fn record(&self, line: Bytes) -> Result<OutgoingRecord, Failure> {
        let (key, value) = match &self.key_separator {
            Some(separator) => {
                let at = find(&line, separator.as_bytes()).ok_or_else(|| {
                    let line = String::from_utf8_lossy(&line);
                    format!("no `{separator}` between key and value in `{line}`")
                })?;
                (Some(line.slice(..at)), line.slice(at + separator.len()..))
            }
            None => (self.key.clone().map(Bytes::from), line),
        };
        let header = |text: &String| {
            let (key, value) = text.split_once('=').ok_or(format!("--header {text}: expected key=value"))?;
            Ok::<_, String>((key.to_owned(), Some(Bytes::from(value.to_owned()))))
        };
        Ok(OutgoingRecord {
            key,
            value: Some(value),
            headers: self.headers.iter().map(header).collect::<Result<_, _>>()?,
            timestamp: None,
            partition: self.partition,
        })
    }
}

/// How many lines may wait for the network.
const WAITING: usize = 1024;

/// The lines of standard input without their ends, any bytes, read on a thread of their own.
pub(crate) fn lines() -> Receiver<io::Result<Bytes>> {
    let (sender, receiver) = channel(WAITING);
    std::thread::spawn(move || {
        let lines = io::stdin().lock().split(b'\n');
        for line in lines.map(|line| line.map(without_return)) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn without_return(mut line: Vec<u8>) -> Bytes {
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Bytes::from(line)
}

fn find(line: &[u8], part: &[u8]) -> Option<usize> {
    line.windows(part.len().max(1)).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_parted_at_its_first_separator() {
        assert_eq!(find(b"k::v::w", b"::"), Some(1));
        assert_eq!(find(b"kv", b"::"), None);
        assert_eq!(find(b"kv", b""), None);
    }

    #[test]
    fn lines_end_as_on_any_system() {
        assert_eq!(without_return(b"a\r".to_vec()), "a");
        assert_eq!(without_return(b"\xff".to_vec()), Bytes::from_static(b"\xff"));
    }
}
