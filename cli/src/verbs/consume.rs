//! `ottla consume TOPIC`: prints records as they come.

use std::{
    collections::BTreeMap,
    io::{BufWriter, ErrorKind, IsTerminal, Write},
    time::Duration,
};

use clap::Args;
use ottla_client::{Client, Consumer, ConsumerBuilder, Position, Record, Reset};
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

#[derive(Debug, Args)]
pub(crate) struct Consume {
    topic: String,
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
            // What is not there cannot be read; a group would wait for it.
            client.topic(&self.topic, false).await?;
            let ends = match range.to.or(self.exit.then_some(Position::End)) {
                Some(to) => Some(client.offsets_at(&self.topic, to).await?),
                None => None,
            };
            let mut consumer = self.what(&client, range)?.start().await?;
            let printed = self.print(&mut consumer, &shape, ends.as_ref()).await;
            // Also when printing has failed: what was printed is done.
            let closed = consumer.close(GOODBYE).await;
            printed?;
            Ok(closed?)
        })
    }

    fn what(&self, client: &Client, range: Range) -> Result<ConsumerBuilder, Failure> {
        let consumer = client.consumer();
        let Some(group) = &self.group else { return Ok(consumer.read(&self.topic, range.from)) };
        let reset = match (range.from, range.to) {
            (Position::Start, None) => Reset::Earliest,
            (Position::End, None) => Reset::Latest,
            _ => {
                let to = &self.offset;
                return Err(format!(
                    "--offset {to} with --group: a new group begins at start or end; \
                     `ottla group reset {group} --to {to} --topic {}` moves one without members",
                    self.topic
                )
                .into());
            }
        };
        Ok(consumer.group(group).topics([&self.topic]).reset(reset))
    }

    async fn print(
        &self,
        consumer: &mut Consumer,
        shape: &Shape,
        ends: Option<&BTreeMap<i32, i64>>,
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
            if ends.and_then(|ends| ends.get(&record.partition)).is_some_and(|end| record.offset >= *end) {
                continue;
            }
            text.clear();
            shape.print(&record, printed, &mut text);
            printed += 1;
            match printer.out.write_all(&text) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                other => other?,
            }
            printer.last.insert(record.partition, record);
            left -= 1;
            if left.is_multiple_of(HAND_ON) && printer.hand_on(consumer)? == Reader::Gone {
                return Ok(());
            }
        }
        printer.hand_on(consumer)?;
        Ok(())
    }
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
    /// By partition.
    last: BTreeMap<i32, Record>,
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
fn is_behind(consumer: &Consumer, ends: &BTreeMap<i32, i64>) -> bool {
    let (assigned, positions) = (consumer.assignment(), consumer.positions());
    !assigned.is_empty()
        && assigned.iter().all(|at| {
            let end = ends.get(&at.partition).copied().unwrap_or_default();
            positions.get(at).is_some_and(|position| *position >= end)
        })
}
