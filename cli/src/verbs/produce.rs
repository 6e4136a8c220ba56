//! `ottla produce TOPIC`: a record for each line of standard input, or whatever `-f` says.

use std::io::BufRead;

use bytes::Bytes;
use clap::Args;
use ottla_client::{OutgoingRecord, Producer};
use tokio::sync::mpsc::error::TryRecvError;

use super::{Connection, Failure, Misuse, client_runtime, codec};
use crate::{
    format::{self, Format, FormatReader, ReadError, Words},
    input,
};

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
    /// How records stand in the input, instead of one value on each line: %k key %v value %p partition %d timestamp
    /// %h{%k=%v;} headers; a length in front says how far a field goes: '%K{big32}%k%V{big32}%v'. Or json: an object a line, as
    /// `ottla consume -f json` prints them
    #[arg(short, long, conflicts_with = "key_separator")]
    format: Option<String>,
    /// A header of every record: key=value
    #[arg(short = 'H', long = "header", value_name = "KEY=VALUE")]
    headers: Vec<String>,
    /// The partition; the key decides otherwise
    #[arg(short, long)]
    partition: Option<i32>,
    /// none, gzip, snappy, lz4 or zstd [default: none]
    #[arg(short = 'z', long)]
    compression: Option<String>,
}

impl Produce {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let source = self.source()?;
        let template = self.template()?;
        let settings = self.connection.settings()?;
        let mut options = settings.producer()?;
        if let Some(name) = &self.compression {
            options.codec = codec(name)?;
        }
        client_runtime()?.block_on(async {
            let client = settings.client().await?;
            let producer = Producer::new(&client, options)?;
            let mut records = input::items(move |input| source.read(input));
            loop {
                // What was typed goes out as soon as nothing more is waiting behind it.
                let words = match records.try_recv() {
                    Ok(words) => words,
                    Err(TryRecvError::Disconnected) => break,
                    Err(TryRecvError::Empty) => {
                        producer.flush().await?;
                        match records.recv().await {
                            Some(words) => words,
                            None => break,
                        }
                    }
                };
                // What is refused is reported by the flush that waits for it.
                drop(producer.enqueue(&self.topic, template.fill(words?)).await?);
            }
            producer.flush().await?;
            Ok(())
        })
    }

    fn source(&self) -> Result<Source, Misuse> {
        Ok(match (self.format.as_deref(), &self.key_separator) {
            (Some("json"), _) => Source::Json,
            (Some(format), _) => Source::Format(FormatReader::new(Format::parse(format)?)?),
            (None, Some(separator)) => Source::Pairs(separator.clone()),
            (None, None) => Source::Lines,
        })
    }

    fn template(&self) -> Result<Template, Misuse> {
        let header = |text: &String| {
            let (key, value) = text.split_once('=').ok_or(format!("--header {text}: expected key=value"))?;
            Ok::<_, String>((key.to_owned(), Some(Bytes::from(value.to_owned()))))
        };
        Ok(Template {
            key: self.key.clone().map(Bytes::from),
            headers: self.headers.iter().map(header).collect::<Result<_, _>>()?,
            partition: self.partition,
        })
    }
}

/// How records stand in the input.
#[derive(Debug)]
enum Source {
    /// A value on each line.
    Lines,
    /// Key and value on each line, and this between them.
    Pairs(String),
    Format(FormatReader),
    /// A record as JSON on each line.
    Json,
}

impl Source {
    fn read(&self, input: &mut impl BufRead) -> Result<Option<Words>, ReadError> {
        match self {
            Self::Format(format) => format.read(input),
            Self::Json => loop {
                let Some(line) = input::line(input)? else { return Ok(None) };
                // An empty line is no record: files end with one.
                if !line.trim_ascii().is_empty() {
                    return format::read_json(&line).map(Some);
                }
            },
            Self::Lines => {
                let line = input::line(input)?;
                Ok(line.map(|line| Words { value: Some(line), ..Words::default() }))
            }
            Self::Pairs(separator) => input::line(input)?.map(|line| pair(&line, separator)).transpose(),
        }
    }
}

fn pair(line: &Bytes, separator: &str) -> Result<Words, ReadError> {
    let at = find(line, separator.as_bytes()).ok_or_else(|| {
        let line = String::from_utf8_lossy(line);
        ReadError::Unexpected(format!("no `{separator}` between key and value in `{line}`"))
    })?;
    let (key, value) = (line.slice(..at), line.slice(at + separator.len()..));
    Ok(Words { key: Some(key), value: Some(value), ..Words::default() })
}

/// What records have besides what is read.
#[derive(Debug)]
struct Template {
    key: Option<Bytes>,
    headers: Vec<(String, Option<Bytes>)>,
    partition: Option<i32>,
}

impl Template {
    fn fill(&self, words: Words) -> OutgoingRecord {
        let mut headers = self.headers.clone();
        headers.extend(words.headers);
        OutgoingRecord {
            key: words.key.or_else(|| self.key.clone()),
            value: words.value,
            headers,
            timestamp: words.timestamp,
            partition: words.partition.or(self.partition),
        }
    }
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
    fn what_is_read_goes_before_what_was_said_for_all() {
        let bytes = |text: &'static str| Some(Bytes::from(text));
        let said = Template { key: bytes("k"), headers: vec![("a".into(), None)], partition: Some(1) };
        let plain = said.fill(Words { value: bytes("v"), ..Words::default() });
        assert_eq!((plain.key, plain.partition, plain.headers.len()), (bytes("k"), Some(1), 1));
        let read = Words { key: bytes("own"), partition: Some(2), timestamp: Some(3), ..Words::default() };
        let own = said.fill(Words { headers: vec![("b".into(), None)], ..read });
        assert_eq!((own.key, own.partition, own.timestamp), (bytes("own"), Some(2), Some(3)));
        assert_eq!(own.headers.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
