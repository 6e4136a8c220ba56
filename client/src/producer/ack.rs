use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use ottla_types::{ErrorCode, Str};

use super::{batch::Part, batches::Undelivered};
use crate::{DataError, RecordPart};

/// Where a record stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// Its topic.
    pub topic: Str,
    /// Its partition.
    pub partition: i32,
    /// Its offset; −1 where the broker does not say (acks=0, or a batch it had already).
    pub offset: i64,
    /// Milliseconds: the broker's where it sets them, else the record's own.
    pub timestamp: i64,
}

/// Why a record is not acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The broker does not take it.
    #[error("{topic}-{partition} does not take the record: {code}{}", written(*possibly_written))]
    Refused {
        /// The topic.
        topic: Str,
        /// The partition.
        partition: i32,
        /// Kafka's code.
        code: ErrorCode,
        /// An earlier try got no answer: the record may stand in the log all the same.
        possibly_written: bool,
    },
    /// `delivery_timeout` is over.
    #[error(
        "the record was not delivered to {topic}-{partition} in time{}{}",
        last.map(|code| format!(" (last answer: {code})")).unwrap_or_default(),
        written(*possibly_written)
    )]
    TimedOut {
        /// The topic.
        topic: Str,
        /// The partition.
        partition: i32,
        /// What the broker said last, if it said anything.
        last: Option<ErrorCode>,
        /// It was sent and no answer came: the record may stand in the log all the same.
        possibly_written: bool,
    },
    /// The record is larger than `max_request_bytes`: nothing was sent.
    #[error("a record of up to {size} bytes, and max_request_bytes allows {allowed}")]
    TooLarge {
        /// Of the record in a batch of its own.
        size: usize,
        /// The option's value.
        allowed: usize,
    },
    /// The record names a partition the topic does not have: nothing was sent.
    #[error("{topic} has no partition {partition}: its {count} are counted from 0")]
    NoPartition {
        /// The topic.
        topic: Str,
        /// As the record says.
        partition: i32,
        /// How many there are.
        count: usize,
    },
    /// The record's key or value has no bytes in the format of its topic: nothing was sent.
    #[error("the {part} of a record for {topic} cannot be written: {why}")]
    Unwritable {
        /// The topic.
        topic: Str,
        /// Which part of the record.
        part: RecordPart,
        /// What is wrong with it.
        why: DataError,
    },
    /// The topic is not known: nothing was sent.
    #[error("{0}")]
    NoTopic(String),
    /// The record's transaction cannot be committed any more: it will not be read.
    #[error("the record's transaction is aborted; begin another to send it again")]
    Aborted,
    /// The producer was closed: nothing was sent.
    #[error("the producer is closed")]
    Closed,
}

impl SendError {
    /// Whether the record may stand in the log although it is not acknowledged.
    #[must_use]
    pub const fn is_possibly_written(&self) -> bool {
        matches!(
            self,
            Self::Refused { possibly_written: true, .. } | Self::TimedOut { possibly_written: true, .. }
        )
    }
}

const fn written(possibly: bool) -> &'static str {
    if possibly { "; it may have been written" } else { "; it was not written" }
}

type Settled = Result<(i64, i64), (Undelivered, bool)>;

/// What becomes of a batch, for everybody who waits for a record in it.
#[derive(Debug)]
pub(super) struct Done {
    topic: Str,
    partition: i32,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Waiting {
        wakers: Vec<Option<Waker>>,
        /// What became of the parts of a batch that was too large for the broker.
        parts: Vec<(Part, Settled)>,
    },
    Settled(Settled),
}

impl State {
    const WAITING: Self = Self::Waiting { wakers: Vec::new(), parts: Vec::new() };
}

/// Not a record: all of the batch.
const WHOLE: i32 = -1;

/// What is known of the part a record is in; of the whole once every part is settled.
fn find(parts: &[(Part, Settled)], index: i32) -> Option<(i32, Settled)> {
    if index == WHOLE {
        let settled: i32 = parts.iter().map(|(part, _)| part.count).sum();
        return parts.last().filter(|(part, _)| settled == part.total).map(|(part, of)| (part.first, *of));
    }
    let of = parts.iter().find(|(part, _)| (part.first..part.first + part.count).contains(&index))?;
    Some((of.0.first, of.1))
}

impl Done {
    pub(super) fn new(topic: Str, partition: i32) -> Arc<Self> {
        Arc::new(Self { topic, partition, state: Mutex::new(State::WAITING) })
    }

    /// The first word counts: a batch may be acknowledged after its time was over.
    pub(super) fn settle(&self, part: Option<Part>, result: Settled) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State::Waiting { wakers, parts } = &mut *state else { return };
        // The places stay: who waits for another part comes back to its own.
        let woken: Vec<Waker> = wakers.iter_mut().filter_map(Option::take).collect();
        match part {
            Some(part) if find(parts, part.first).is_none() => parts.push((part, result)),
            Some(_) => {}
            None => *state = State::Settled(result),
        }
        drop(state);
        woken.into_iter().for_each(Waker::wake);
    }

    /// What became of the part a record is in, and the index of that part's first record.
    fn poll(&self, index: i32, key: &mut Option<usize>, waker: Option<&Waker>) -> Option<(i32, Settled)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let wakers = match &mut *state {
            State::Settled(result) => return Some((0, *result)),
            State::Waiting { wakers, parts } => match find(parts, index) {
                Some(known) => return Some(known),
                None => wakers,
            },
        };
        match (*key, waker) {
            (Some(key), waker) => wakers[key] = waker.cloned(),
            (None, Some(waker)) => {
                *key = Some(wakers.len());
                wakers.push(Some(waker.clone()));
            }
            (None, None) => {}
        }
        None
    }

    pub(super) fn error(&self, (cause, possibly_written): (Undelivered, bool)) -> SendError {
        let (topic, partition) = (self.topic.clone(), self.partition);
        match cause {
            Undelivered::Refused(code) => SendError::Refused { topic, partition, code, possibly_written },
            Undelivered::TimedOut { last } => {
                SendError::TimedOut { topic, partition, last, possibly_written }
            }
            Undelivered::Aborted => SendError::Aborted,
        }
    }
}

/// The acknowledgement of a record that was taken. Dropping it takes nothing back.
#[derive(Debug)]
#[must_use = "whether the record arrives is known by waiting for this"]
pub struct AckFuture {
    pub(super) done: Arc<Done>,
    pub(super) index: i32,
    pub(super) timestamp: i64,
    pub(super) key: Option<usize>,
}

impl AckFuture {
    /// The partition the record goes to.
    #[must_use]
    pub fn partition(&self) -> i32 {
        self.done.partition
    }

    /// Waits for all records of a batch.
    pub(super) fn of_all(done: Arc<Done>) -> Self {
        Self { done, index: WHOLE, timestamp: -1, key: None }
    }
}

impl Future for AckFuture {
    type Output = Result<Ack, SendError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some((first, settled)) = this.done.poll(this.index, &mut this.key, Some(context.waker())) else {
            return Poll::Pending;
        };
        let ack = |(base_offset, append_time): (i64, i64)| Ack {
            topic: this.done.topic.clone(),
            partition: this.done.partition,
            offset: if base_offset < 0 { -1 } else { base_offset + i64::from(this.index - first) },
            timestamp: if append_time < 0 { this.timestamp } else { append_time },
        };
        Poll::Ready(settled.map(ack).map_err(|why| this.done.error(why)))
    }
}

impl Drop for AckFuture {
    fn drop(&mut self) {
        if self.key.is_some() {
            self.done.poll(self.index, &mut self.key, None);
        }
    }
}
