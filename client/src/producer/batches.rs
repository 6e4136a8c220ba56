//! What a producer has taken and not delivered yet: when which batch goes to which broker, and what becomes of it.
//!
//! A pure machine: no clock, no network. Records are gathered into a batch for each partition; a batch goes when it is
//! full or has lingered, up to five of a partition at once. With an identity every batch carries a sequence number, so
//! whatever is sent twice is stored once and in order. Deliberately unknown here: metadata, connections, waiting.

use std::collections::BTreeSet;

use ottla_records::{BatchBuilder, Codec, Levels, NewRecord};
use ottla_types::{ErrorCode, Millis};

use super::{
    ProducerOptions,
    batch::Part,
    queue::{Job, Next, Pushed, Queue},
};

/// The options in the machine's units.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(super) linger_ms: i64,
    pub(super) batch_bytes: usize,
    pub(super) max_request_bytes: usize,
    pub(super) buffer_bytes: usize,
    pub(super) in_flight: usize,
    pub(super) delivery_timeout_ms: i64,
    backoff_ms: i64,
    backoff_max_ms: i64,
    codec: Codec,
    levels: Levels,
    /// Every batch belongs to a transaction.
    pub(super) transactional: bool,
}

impl Rules {
    pub(crate) fn of(options: &ProducerOptions) -> Self {
        let ms = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Self {
            linger_ms: ms(options.linger),
            batch_bytes: options.batch_bytes.min(options.max_request_bytes),
            max_request_bytes: options.max_request_bytes,
            buffer_bytes: options.buffer_bytes,
            in_flight: options.in_flight,
            delivery_timeout_ms: ms(options.delivery_timeout),
            backoff_ms: ms(options.retry_backoff),
            backoff_max_ms: ms(options.retry_backoff_max),
            codec: options.codec,
            levels: options.levels,
            transactional: false,
        }
    }

    /// The same for a producer whose batches all belong to transactions.
    pub(crate) fn in_transactions(self) -> Self {
        Self { transactional: true, ..self }
    }

    /// A batch without records.
    pub(super) fn builder(&self) -> BatchBuilder {
        let builder = BatchBuilder::new().codec(self.codec, self.levels);
        if self.transactional { builder.transactional() } else { builder }
    }

    pub(super) fn backoff_ms(&self, tries: u32) -> i64 {
        self.backoff_ms.saturating_mul(1 << tries.min(20)).min(self.backoff_max_ms)
    }
}

/// Who the producer is for the brokers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Nobody: not idempotent.
    None,
    /// Not known yet: nothing new is sent.
    Wanted,
    /// As InitProducerId gave it.
    Known {
        /// Producer id.
        id: i64,
        /// Epoch every partition begins with.
        epoch: i16,
    },
    /// As the coordinator of its transactions knows it, while one is open.
    Transactional {
        /// Producer id.
        id: i64,
        /// Epoch; only the coordinator gives another.
        epoch: i16,
        /// Batches add their partitions to the transaction themselves; otherwise each is [admitted](Batches::admit) first.
        adds_partitions: bool,
    },
}

/// What came of sending a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It stands in the log.
    Acknowledged {
        /// Of its first record; −1 unknown.
        base_offset: i64,
        /// −1 where the producer sets the timestamps.
        log_append_time_ms: i64,
    },
    /// The broker says why not.
    Refused(ErrorCode),
    /// No answer came: it may be written.
    Lost,
    /// It did not leave.
    NotSent,
}

/// Why a batch was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// The broker does not take it.
    Refused(ErrorCode),
    /// Its time was over; with what was said last.
    TimedOut {
        /// The last error that was worth another try.
        last: Option<ErrorCode>,
    },
    /// Its transaction cannot be committed any more: it was not sent.
    Aborted,
}

/// A batch that is settled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Delivered<H> {
    /// Who waits for it.
    pub(crate) handle: H,
    /// Which of its records; `None` for all.
    pub(crate) part: Option<Part>,
    pub(super) freed: usize,
    /// Base offset and append time; or why not, and whether it may have been written all the same.
    pub(crate) result: Result<(i64, i64), (Undelivered, bool)>,
}

/// Why a record is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotTaken {
    /// There is no room until something is delivered.
    Full,
    /// It is larger than a request may be: bytes.
    TooLarge(usize),
}

/// What can be sent now.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// By node, a batch of a partition each.
    pub(crate) by_node: Vec<(i32, Vec<Job>)>,
    /// Queues whose partition has no leader that is known.
    pub(crate) without_leader: Vec<usize>,
    /// A new identity is needed.
    pub(crate) needs_identity: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Batches<H> {
    rules: Rules,
    identity: Identity,
    queues: Vec<Queue<H>>,
    /// Requests under way by node.
    under_way: Vec<(i32, usize)>,
    buffered: usize,
    next_id: u64,
    /// Where the next request begins, so that no partition is always the last.
    turn: usize,
}

impl<H: Clone> Batches<H> {
    pub(crate) fn new(rules: Rules, identity: Identity) -> Self {
        Self { rules, identity, queues: Vec::new(), under_way: Vec::new(), buffered: 0, next_id: 0, turn: 0 }
    }

    /// A place for the records of one more partition.
    pub(crate) fn add_queue(&mut self) -> usize {
        self.queues.push(Queue::default());
        self.queues.len() - 1
    }

    pub(crate) fn set_identity(&mut self, identity: Identity) {
        self.identity = identity;
    }

    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// Takes a record; `now` and `handle` are asked where a batch begins with it.
    ///
    /// # Errors
    /// There is no room for it, now or ever.
    pub(crate) fn push(
        &mut self,
        now: impl FnOnce() -> Millis,
        queue: usize,
        record: &NewRecord<'_>,
        handle: impl FnOnce() -> H,
    ) -> Result<Pushed<H>, NotTaken> {
        let size = record.size_bound() + ottla_records::HEADER_LEN;
        if size > self.rules.max_request_bytes {
            return Err(NotTaken::TooLarge(size));
        }
        if self.buffered + size > self.rules.buffer_bytes {
            return Err(NotTaken::Full);
        }
        let next_id = &mut self.next_id;
        let new = || {
            *next_id += 1;
            (*next_id, handle())
        };
        let pushed = self.queues[queue].push(now, record, &self.rules, new);
        self.buffered += pushed.bytes;
        Ok(pushed)
    }

    /// Nothing waits for more records: somebody waits for what there is, or for its room.
    pub(crate) fn close_all(&mut self) {
        self.queues.iter_mut().for_each(Queue::close);
    }

    /// Everybody who waits for something.
    pub(crate) fn handles(&self) -> Vec<H> {
        self.queues.iter().flat_map(Queue::handles).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queues.iter().all(Queue::is_empty)
    }

    /// Takes out what can go now: a request at most for each node, a batch at most of each partition.
    pub(crate) fn take(&mut self, now: Millis, leader: impl Fn(usize) -> Option<i32>) -> Requests {
        let mut requests = Requests::default();
        let mut sizes: Vec<usize> = Vec::new();
        let count = self.queues.len();
        for step in 0..count {
            let at = (self.turn + step) % count;
            let Next::Ready(position) = self.queues[at].next(now, &self.rules, self.identity) else {
                continue;
            };
            let Some(node) = leader(at) else {
                requests.without_leader.push(at);
                continue;
            };
            if self.requests_to(node) >= self.rules.in_flight {
                continue;
            }
            let known = requests.by_node.iter().position(|(of, _)| *of == node);
            let size = self.queues[at].size_of(position);
            if known.is_some_and(|known| sizes[known] + size > self.rules.max_request_bytes) {
                continue;
            }
            let Some(job) = self.queues[at].take(at, position, self.identity) else {
                requests.needs_identity = true;
                continue;
            };
            match known {
                Some(known) => {
                    requests.by_node[known].1.push(job);
                    sizes[known] += size;
                }
                None => {
                    requests.by_node.push((node, vec![job]));
                    sizes.push(size);
                }
            }
        }
        self.turn = if count == 0 { 0 } else { (self.turn + 1) % count };
        for (node, _) in &requests.by_node {
            *self.counter(*node) += 1;
        }
        requests
    }

    fn requests_to(&self, node: i32) -> usize {
        self.under_way.iter().find(|(of, _)| *of == node).map_or(0, |(_, count)| *count)
    }

    fn counter(&mut self, node: i32) -> &mut usize {
        let known = self.under_way.iter().position(|(of, _)| *of == node);
        let at = known.unwrap_or_else(|| {
            self.under_way.push((node, 0));
            self.under_way.len() - 1
        });
        &mut self.under_way[at].1
    }

    /// A request to a node is over; what became of its batches is told one by one.
    pub(crate) fn on_request_over(&mut self, node: i32) {
        let counter = self.counter(node);
        *counter = counter.saturating_sub(1);
    }

    /// What became of a batch that was sent, with its bytes; `None` if it will be sent again.
    pub(crate) fn on_answer(
        &mut self,
        now: Millis,
        queue: usize,
        batch: (u64, bytes::Bytes),
        outcome: Outcome,
    ) -> Option<Delivered<H>> {
        let next_id = &mut self.next_id;
        let new_id = || {
            *next_id += 1;
            *next_id
        };
        let delivered = self.queues[queue].on_answer(now, &self.rules, batch, outcome, new_id)?;
        self.buffered -= delivered.freed;
        Some(delivered)
    }

    /// What waits to be sent again waits no longer: it goes elsewhere.
    pub(crate) fn hurry(&mut self, queue: usize) {
        self.queues[queue].hurry();
    }

    /// Gives up what has waited for longer than it may.
    pub(crate) fn expire(&mut self, now: Millis) -> Vec<Delivered<H>> {
        let over: Vec<_> = self.queues.iter_mut().flat_map(|queue| queue.expire(now, &self.rules)).collect();
        self.buffered -= over.iter().map(|delivered| delivered.freed).sum::<usize>();
        over
    }

    /// Partitions with something to send that are not in the transaction yet.
    pub(crate) fn not_admitted(&self) -> Vec<usize> {
        let waits = |queue: &Queue<H>| !queue.is_admitted() && !queue.is_empty();
        (0..self.queues.len()).filter(|at| waits(&self.queues[*at])).collect()
    }

    /// These partitions are in the transaction, no others.
    pub(crate) fn admit(&mut self, queues: &BTreeSet<usize>) {
        for (at, queue) in self.queues.iter_mut().enumerate() {
            queue.set_admitted(queues.contains(&at));
        }
    }

    /// Gives up what was not sent yet because its transaction will be aborted. What may have been written goes on until
    /// that is known, unless `all` is to go: then only what is under way stays.
    pub(crate) fn give_up(&mut self, all: bool) -> Vec<Delivered<H>> {
        let over: Vec<_> = self.queues.iter_mut().flat_map(|queue| queue.give_up(all)).collect();
        self.buffered -= over.iter().map(|delivered| delivered.freed).sum::<usize>();
        over
    }

    /// When there is something to do without anything else happening.
    pub(crate) fn deadline(&self, now: Millis) -> Option<Millis> {
        let each = self.queues.iter().filter(|queue| !queue.is_empty()).filter_map(|queue| {
            let next = match queue.next(now, &self.rules, self.identity) {
                Next::Wait(until) => Some(until),
                // It could go and did not: its broker has enough to do, or is not known. An answer changes that.
                Next::Ready(_) | Next::Nothing => None,
            };
            next.into_iter().chain(queue.expires(&self.rules)).min()
        });
        each.min()
    }
}

#[cfg(test)]
mod tests;
