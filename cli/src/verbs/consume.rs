//! `ottla consume TOPIC`: prints records as they come.

use std::{
    collections::BTreeMap,
    io::{BufWriter, ErrorKind, IsTerminal, Write},
    time::Duration,
};

use clap::Args;
use ottla_client::{
    Client, Consumer, ConsumerBuilder, GroupProtocol, Position, Record, Reset, TopicPartition, TopicPattern,
};
use tokio::time::{Instant, timeout_at};

use super::{
    Connection, Failure, client_runtime,
    offset::{self, Range},
};
use crate::format::Shape;

/// How long to wait for more before what is printed so far is handed on.
const PAUSE: Duration = Duration::from_millis(5);
/// How long to wait for more before looking whether the end is reached: there may be records nobody sees.
const LOOK: Duration = Duration::from_millis(200);
/// After how many records what is printed is handed on at the latest.
const HAND_ON: u64 = 1000;
/// How long the end may take: committing what was printed, leaving the group.
const GOODBYE: Duration = Duration::from_secs(10);

/// How often to look for topics that match and were not there.
const LOOK_FOR_TOPICS: Duration = Duration::from_secs(10);

#[derive(Debug, Args)]
pub(crate) struct Consume {
    topic: String,
    /// TOPIC is a regular expression: read every topic whose whole name matches; with --group also those that are made later
    #[arg(short, long)]
    regex: bool,
    #[command(flatten)]
    connection: Connection,
    /// Where to begin: start, end, N, +N (from the start), -N (before the end), @TIME; and where to stop: 10:20, @-1h:end, :end.
    /// With --group start or end, where the group has not been yet
    #[arg(short, long, default_value = "end", allow_hyphen_values = true)]
    offset: String,
    /// Share the topic with the members of a group, and go on where it is; what is printed is committed
    #[arg(short, long)]
    group: Option<String>,
    /// Stop after so many records
    #[arg(short, long)]
    num: Option<u64>,
    /// Stop at the end of what was there at the beginning
    #[arg(short, long)]
    exit: bool,
    /// How to print a record: json, raw, or a text with %t topic %p partition %o offset %k key %v value %h headers %d timestamp
    /// %i number; %K %V are lengths; %k{hex} %v{base64} %o{big64} %d{strftime[%F]} %h{%k=%v;} say how
    #[arg(short, long, default_value = "%v\\n")]
    format: String,
}

impl Consume {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let range = offset::parse_range("--offset", &self.offset)?;
        let shape = Shape::parse(&self.format, std::io::stdout().is_terminal())?;
        client_runtime()?.block_on(async {
            let client = self.connection.client().await?;
            let topics = self.topics(&client).await?;
            let to = range.to.or(self.exit.then_some(Position::End));
            if topics.is_empty() && (self.group.is_none() || to.is_some()) {
                let pattern = &self.topic;
                return Err(
                    format!("no topic matches {pattern}; `ottla topic ls` shows those there are").into()
                );
            }
            let ends = match to {
                Some(to) => Some(offsets_at(&client, &topics, to).await?),
                None => None,
            };
            let mut consumer = self.what(&client, topics, range)?.start().await?;
            let printed = self.print(&mut consumer, &shape, ends.as_ref()).await;
            // Also when printing has failed: what was printed is done.
            let closed = consumer.close(GOODBYE).await;
            printed?;
            Ok(closed?)
        })
    }

    /// The topics there are to read. What is not there cannot be read; a group would wait for it.
    async fn topics(&self, client: &Client) -> Result<Vec<String>, Failure> {
        if !self.regex {
            return Ok(vec![client.topic(&self.topic, false).await?.name]);
        }
        let pattern = TopicPattern::new(&self.topic)
            .map_err(|reason| format!("{} is not a regular expression: {reason}", self.topic))?;
        let topics = client.topics().await?.into_iter();
        let topics = topics.filter(|topic| !topic.internal && pattern.matches(&topic.name));
        Ok(topics.map(|topic| topic.name).collect())
    }

    fn what(&self, client: &Client, topics: Vec<String>, range: Range) -> Result<ConsumerBuilder, Failure> {
        let consumer = client.consumer();
        let Some(group) = &self.group else {
            return Ok(topics.into_iter().fold(consumer, |all, topic| all.read(topic, range.from)));
        };
        let reset = match (range.from, range.to) {
            (Position::Start, None) => Reset::Earliest,
            (Position::End, None) => Reset::Latest,
            _ => {
                let (to, topic) = (&self.offset, if self.regex { "TOPIC" } else { &self.topic });
                return Err(format!(
                    "--offset {to} with --group: a new group begins at start or end; \
                     `ottla group reset {group} --to {to} --topic {topic}` moves one without members"
                )
                .into());
            }
        };
        let consumer = consumer.group(group).reset(reset);
        Ok(if self.regex {
            // A classic member leaves out what the group itself writes its offsets to.
            let consumer = consumer.protocol(GroupProtocol::Classic).metadata_max_age(LOOK_FOR_TOPICS);
            consumer.topics_matching(&self.topic)
        } else {
            consumer.topics(topics)
        })
    }

    async fn print(
        &self,
        consumer: &mut Consumer,
        shape: &Shape,
        ends: Option<&BTreeMap<TopicPartition, i64>>,
    ) -> Result<(), Failure> {
        let mut left = self.num.unwrap_or(u64::MAX);
        let mut printer = Printer { out: BufWriter::new(std::io::stdout().lock()), last: BTreeMap::new() };
        let (mut wait, mut text, mut printed) = (PAUSE, Vec::new(), 0);
        while left > 0 && !ends.is_some_and(|ends| is_behind(consumer, ends)) {
            let Ok(next) = timeout_at(Instant::now() + wait, consumer.next()).await else {
                if printer.hand_on(consumer)? == Reader::Gone {
                    return Ok(());
                }
                wait = LOOK;
                continue;
            };
            wait = PAUSE;
            let Some(record) = next else { return Err("the consumer has ended".into()) };
            let record: Record = record?;
            let at = record.at();
            if ends.and_then(|ends| ends.get(&at)).is_some_and(|end| record.offset >= *end) {
                continue;
            }
            text.clear();
            shape.print(&record, printed, &mut text);
            printed += 1;
            match printer.out.write_all(&text) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                other => other?,
            }
            printer.last.insert(at, record);
            left -= 1;
            if left.is_multiple_of(HAND_ON) && printer.hand_on(consumer)? == Reader::Gone {
                return Ok(());
            }
        }
        printer.hand_on(consumer)?;
        Ok(())
    }
}

async fn offsets_at(
    client: &Client,
    topics: &[String],
    position: Position,
) -> Result<BTreeMap<TopicPartition, i64>, Failure> {
    let mut all = BTreeMap::new();
    for topic in topics {
        let offsets = client.offsets_at(topic, position).await?.into_iter();
        all.extend(offsets.map(|(index, offset)| (TopicPartition::new(topic.as_str(), index), offset)));
    }
    Ok(all)
}

/// Whoever reads what is printed.
#[derive(Debug, PartialEq, Eq)]
enum Reader {
    There,
    /// It has had enough.
    Gone,
}

/// Prints many records at once, and marks them only when they are out.
struct Printer<W: Write> {
    out: BufWriter<W>,
    last: BTreeMap<TopicPartition, Record>,
}

impl<W: Write> Printer<W> {
    fn hand_on(&mut self, consumer: &Consumer) -> std::io::Result<Reader> {
        match self.out.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Reader::Gone),
            other => other?,
        }
        std::mem::take(&mut self.last).values().for_each(|record| consumer.mark(record));
        Ok(Reader::There)
    }
}

/// Whether everything before the ends has been read, of the partitions that are read here.
fn is_behind(consumer: &Consumer, ends: &BTreeMap<TopicPartition, i64>) -> bool {
    let (assigned, positions) = (consumer.assignment(), consumer.positions());
    !assigned.is_empty()
        && assigned.iter().all(|at| {
            let end = ends.get(at).copied().unwrap_or_default();
            positions.get(at).is_some_and(|position| *position >= end)
        })
}
