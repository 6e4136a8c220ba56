//! Records one after the other: which are printed, when what is printed is handed on, and when it is enough.

use std::{
    collections::BTreeMap,
    io::{BufWriter, ErrorKind, StdoutLock, Write},
    time::Duration,
};

use ottla_client::{Consumer, Record, TopicPartition};
use tokio::time::{Instant, timeout_at};

use crate::{
    filter::{Filter, Verdict},
    format::{Beside, Shape},
    progress::Progress,
    verbs::{
        Failure,
        say::{reader_is_gone, remark},
    },
};

/// How long to wait for more before what is printed so far is handed on.
const PAUSE: Duration = Duration::from_millis(5);
/// How long to wait for more before looking whether the end is reached: there may be records nobody sees.
const LOOK: Duration = Duration::from_millis(200);
/// After how many records what is printed is handed on at the latest.
const HAND_ON: u64 = 1000;

pub(super) struct Printing {
    shape: Shape,
    /// It prints what is not of the record itself.
    asks_beside: bool,
    filter: Option<Filter>,
    progress: Progress,
    /// How many records were printed.
    printed: u64,
    /// Of how many the filter says neither yes nor no, and the first reason.
    undecided: u64,
    reason: Option<String>,
}

impl Printing {
    pub(super) fn new(shape: Shape, filter: Option<Filter>, progress: Progress) -> Self {
        let asks_beside = shape.asks_beside();
        Self { shape, asks_beside, filter, progress, printed: 0, undecided: 0, reason: None }
    }

    /// Prints until there is enough or `ends` are reached.
    pub(super) async fn run(
        &mut self,
        consumer: &mut Consumer,
        ends: Option<&BTreeMap<TopicPartition, i64>>,
        num: Option<u64>,
    ) -> Result<(), Failure> {
        let enough = num.unwrap_or(u64::MAX);
        let mut out = Out { to: BufWriter::new(std::io::stdout().lock()), last: BTreeMap::new() };
        let (mut wait, mut text, mut read) = (PAUSE, Vec::new(), 0_u64);
        while self.printed < enough && !ends.is_some_and(|ends| is_behind(consumer, ends)) {
            let Ok(next) = timeout_at(Instant::now() + wait, consumer.next()).await else {
                // Whoever has had enough shall not wait for the next record.
                if out.hand_on(consumer)? == Reader::Gone || reader_is_gone() {
                    return Ok(());
                }
                self.progress.show();
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
            if self.is_wanted(&record) {
                let beside = if self.asks_beside { Beside::of(consumer, &at) } else { Beside::default() };
                self.shape.print(&record, &beside, self.printed, &mut text);
                self.printed += 1;
            }
            match out.to.write_all(&text) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                other => other?,
            }
            self.progress.add(1, text.len() as u64);
            // What is not wanted is done as well.
            out.last.insert(at, record);
            read += 1;
            if read.is_multiple_of(HAND_ON) && out.hand_on(consumer)? == Reader::Gone {
                return Ok(());
            }
        }
        out.hand_on(consumer)?;
        Ok(())
    }

    fn is_wanted(&mut self, record: &Record) -> bool {
        match self.filter.as_ref().map_or(Verdict::Yes, |filter| filter.judge(record)) {
            Verdict::Yes => true,
            Verdict::No => false,
            Verdict::Undecided(reason) => {
                self.undecided += 1;
                self.reason.get_or_insert(reason);
                false
            }
        }
    }

    /// Says at the end what nobody sees in the records.
    pub(super) fn tell(&mut self) {
        self.progress.end();
        if let Some(reason) = self.reason.take() {
            let (count, records) =
                (self.undecided, if self.undecided == 1 { "record was" } else { "records were" });
            remark(&format!(
                "--filter: {count} {records} left out that could not be judged; the first: {reason}"
            ));
        }
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
struct Out<'a> {
    to: BufWriter<StdoutLock<'a>>,
    last: BTreeMap<TopicPartition, Record>,
}

impl Out<'_> {
    fn hand_on(&mut self, consumer: &Consumer) -> std::io::Result<Reader> {
        match self.to.flush() {
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
