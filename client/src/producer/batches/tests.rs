//! Random lives of a producer against a broker that forgets answers, loses connections and is late.

mod transactional;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use ottla_records::{Batch, BatchHeader, Limits, NewRecord};
use ottla_types::{ErrorCode, Millis};

use super::{Batches, Identity, Outcome, Rules};
use crate::producer::{ProducerOptions, build::build};

/// SplitMix64: the same life for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// First sequence, last sequence, base offset.
type Known = (i32, i32, i64);

/// A partition's log as far as idempotence goes.
#[derive(Default)]
struct Partition {
    log: Vec<u32>,
    /// Epoch and the last batches.
    producer: Option<(i16, VecDeque<Known>)>,
}

impl Partition {
    fn append(&mut self, bytes: &Bytes, most: i32) -> Outcome {
        let header = BatchHeader::parse(bytes).expect("a batch");
        if header.record_count > most {
            return Outcome::Refused(ErrorCode::MESSAGE_TOO_LARGE);
        }
        let base_offset = self.log.len() as i64;
        if header.producer_id >= 0 {
            let first = header.base_sequence;
            let last = first + header.record_count - 1;
            let known = self.producer.get_or_insert_with(|| (header.producer_epoch, VecDeque::new()));
            if header.producer_epoch < known.0 {
                return Outcome::Refused(ErrorCode::INVALID_PRODUCER_EPOCH);
            }
            if header.producer_epoch > known.0 {
                if first != 0 {
                    return Outcome::Refused(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
                }
                *known = (header.producer_epoch, VecDeque::new());
            }
            if let Some((.., offset)) = known.1.iter().find(|(f, l, _)| (*f, *l) == (first, last)) {
                return Outcome::Acknowledged { base_offset: *offset, log_append_time_ms: -1 };
            }
            if first != known.1.back().map_or(0, |(_, last, _)| last + 1) {
                return Outcome::Refused(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
            }
            known.1.push_back((first, last, base_offset));
            if known.1.len() > 5 {
                known.1.pop_front();
            }
        }
        self.log.extend(values(bytes));
        Outcome::Acknowledged { base_offset, log_append_time_ms: -1 }
    }
}

fn values(bytes: &Bytes) -> Vec<u32> {
    let batch = Batch::parse(bytes).expect("a batch");
    batch.verify().expect("its checksum");
    let records = batch.records(&Limits::default()).expect("records");
    let value = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"));
    records.iter().map(|record| value(record.expect("a record").value.expect("a value"))).collect()
}

/// The part of a batch that begins with the record of this index: how many records, and what became of them.
type Settled = BTreeMap<i32, (i32, Result<(i64, i64), bool>)>;

type Sent = (usize, u64, Bytes);

struct Life {
    dice: Dice,
    now: Millis,
    batches: Batches<u64>,
    partitions: Vec<Partition>,
    /// Requests on the connection of each node, in order.
    connections: BTreeMap<i32, VecDeque<Vec<Sent>>>,
    /// On connections that were lost, and may still be read by the broker.
    ghosts: Vec<Vec<Sent>>,
    /// By handle: the records of a batch, and what became of it.
    taken: BTreeMap<u64, (usize, Vec<u32>)>,
    settled: BTreeMap<u64, Settled>,
    /// Records the broker takes in a batch at most.
    most: i32,
    pushed: u32,
    handles: u64,
    healthy: bool,
}

impl Life {
    fn new(seed: u64, options: &ProducerOptions) -> Self {
        let identity = if options.idempotence { Identity::Known { id: 7, epoch: 0 } } else { Identity::None };
        let mut batches = Batches::new(Rules::of(options), identity);
        for _ in 0..3 {
            batches.add_queue();
        }
        Self {
            dice: Dice(seed),
            now: Millis(1000),
            batches,
            partitions: (0..3).map(|_| Partition::default()).collect(),
            connections: BTreeMap::new(),
            ghosts: Vec::new(),
            taken: BTreeMap::new(),
            settled: BTreeMap::new(),
            pushed: 0,
            handles: 0,
            healthy: false,
            most: if seed.is_multiple_of(3) { 1 + (seed % 5) as i32 } else { i32::MAX },
        }
    }

    fn push(&mut self) {
        let queue = self.dice.below(3) as usize;
        let value = [&self.pushed.to_be_bytes()[..], &[0; 30]].concat();
        let record = NewRecord { timestamp: self.now.0, value: Some(&value), ..NewRecord::default() };
        let (next, now) = (self.handles + 1, self.now);
        let Ok(pushed) = self.batches.push(|| now, queue, &record, || next) else { return };
        self.handles = self.handles.max(pushed.handle);
        let batch = self.taken.entry(pushed.handle).or_insert_with(|| (queue, Vec::new()));
        assert_eq!(batch.1.len() as i32, pushed.index);
        batch.1.push(self.pushed);
        self.pushed += 1;
    }

    fn send(&mut self) {
        loop {
            let requests = self.batches.take(self.now, |queue| Some(queue as i32 % 2));
            if requests.by_node.is_empty() {
                return;
            }
            for (node, jobs) in requests.by_node {
                let sent: Vec<Sent> =
                    jobs.into_iter().map(|job| (job.queue, job.batch, build(job.body, job.stamp))).collect();
                // Now and then a request does not leave, and those behind it do.
                if !self.healthy && self.dice.below(8) == 0 {
                    self.settle(node, sent, |_, _| Outcome::NotSent);
                    continue;
                }
                let under_way = self.connections.entry(node).or_default();
                under_way.push_back(sent);
                assert!(under_way.len() <= 5);
            }
        }
    }

    fn settle(&mut self, node: i32, sent: Vec<Sent>, outcome: impl Fn(&mut Self, &Sent) -> Outcome) {
        for job in sent {
            let outcome = outcome(self, &job);
            let delivered = self.batches.on_answer(self.now, job.0, (job.1, job.2), outcome);
            self.note(delivered);
        }
        self.batches.on_request_over(node);
    }

    fn note(&mut self, delivered: impl IntoIterator<Item = super::Delivered<u64>>) {
        for delivered in delivered {
            // Who was told that its time is over is not told again.
            let result = delivered.result.map_err(|(_, possibly_written)| possibly_written);
            let all = self.taken[&delivered.handle].1.len() as i32;
            let (first, count) = delivered.part.map_or((0, all), |part| (part.first, part.count));
            assert!(delivered.part.is_none_or(|part| part.total == all));
            let parts = self.settled.entry(delivered.handle).or_default();
            parts.entry(first).or_insert((count, result));
        }
    }

    /// The broker reads the next request of a node; its answer may get lost with the connection.
    fn answer(&mut self, node: i32) {
        let Some(sent) = self.connections.get_mut(&node).and_then(VecDeque::pop_front) else { return };
        let fate = if self.healthy { 9 } else { self.dice.below(10) };
        match fate {
            0 => self.settle(node, sent, |life, job| {
                if life.dice.below(2) == 0 {
                    Outcome::Refused(ErrorCode::NOT_ENOUGH_REPLICAS)
                } else {
                    life.append(job)
                }
            }),
            1 => {
                self.connections.entry(node).or_default().push_front(sent);
                self.cut(node);
            }
            _ => self.settle(node, sent, |life, job| life.append(job)),
        }
    }

    fn append(&mut self, job: &Sent) -> Outcome {
        self.partitions[job.0].append(&job.2, self.most)
    }

    /// Nobody hears the answer.
    fn append_all(&mut self, sent: &[Sent]) {
        for job in sent {
            let _ = self.append(job);
        }
    }

    fn cut(&mut self, node: i32) {
        let lost: Vec<_> = self.connections.get_mut(&node).map(std::mem::take).unwrap_or_default().into();
        // The broker has read some of them, and may read the others at any time.
        let read = self.dice.below(lost.len() as u64 + 1) as usize;
        for (position, sent) in lost.into_iter().enumerate() {
            if position < read {
                self.append_all(&sent);
            } else {
                self.ghosts.push(sent.clone());
            }
            self.settle(node, sent, |_, _| Outcome::Lost);
        }
    }

    fn step(&mut self) {
        match self.dice.below(12) {
            0..=4 => self.push(),
            5 => self.now = self.now.plus(self.dice.below(50) as i64),
            6 if self.dice.below(40) == 0 => self.now = self.now.plus(3000),
            7 => self.batches.close_all(),
            8 if !self.ghosts.is_empty() => {
                let ghost = self.ghosts.remove(0);
                self.append_all(&ghost);
            }
            _ => {
                let node = self.dice.below(2) as i32;
                self.answer(node);
            }
        }
        let over = self.batches.expire(self.now);
        self.note(over);
        self.send();
    }

    /// Everything works again, until nothing is left.
    fn end(&mut self) {
        self.healthy = true;
        for _ in 0..10_000 {
            if self.batches.is_empty() {
                break;
            }
            self.batches.close_all();
            self.send();
            (0..2).for_each(|node| self.answer(node));
            self.send();
            // Time passes only while nobody has anything to answer.
            if self.connections.values().all(VecDeque::is_empty) {
                let next = self.batches.deadline(self.now);
                self.now = next.map_or(self.now, |next| next.max(self.now)).plus(1);
            }
            let over = self.batches.expire(self.now);
            self.note(over);
        }
        assert!(self.batches.is_empty(), "something is never delivered");
        assert_eq!(self.batches.buffered, 0);
        for ghost in std::mem::take(&mut self.ghosts) {
            self.append_all(&ghost);
        }
    }

    fn check(&self, ordered: bool) {
        for (handle, (partition, records)) in &self.taken {
            let log = &self.partitions[*partition].log;
            let times = |value: &u32| log.iter().filter(|known| *known == value).count();
            let mut next = 0;
            for (first, (count, result)) in self.settled.get(handle).expect("every batch is settled") {
                assert_eq!(*first, next, "the parts of {handle}");
                next += count;
                let records = &records[*first as usize..next as usize];
                match result {
                    Ok((base_offset, _)) => {
                        let base = usize::try_from(*base_offset).expect("an offset");
                        assert_eq!(log[base..base + records.len()], *records);
                    }
                    Err(false) => {
                        assert!(records.iter().all(|value| times(value) == 0), "{handle} was written");
                    }
                    Err(true) => {}
                }
            }
            assert_eq!(next as usize, records.len(), "the parts of {handle}");
            if ordered {
                assert!(records.iter().all(|value| times(value) <= 1), "{handle} was written twice");
            }
        }
        if ordered {
            for (at, partition) in self.partitions.iter().enumerate() {
                assert!(partition.log.is_sorted(), "partition {at} is out of order: {:?}", partition.log);
            }
        }
    }
}

fn options(idempotence: bool) -> ProducerOptions {
    let ms = std::time::Duration::from_millis;
    ProducerOptions {
        idempotence,
        linger: ms(5),
        batch_bytes: 200,
        max_request_bytes: 1000,
        buffer_bytes: 5000,
        delivery_timeout: ms(2000),
        request_timeout: ms(500),
        retry_backoff: ms(10),
        retry_backoff_max: ms(50),
        ..ProducerOptions::default()
    }
}

fn live(seed: u64, idempotence: bool) -> Life {
    let mut life = Life::new(seed, &options(idempotence));
    (0..600).for_each(|_| life.step());
    life.end();
    life
}

#[test]
fn what_is_sent_twice_is_stored_once_and_in_order() {
    for seed in 0..400 {
        let caught = std::panic::catch_unwind(|| live(seed, true).check(true));
        assert!(caught.is_ok(), "seed {seed}");
    }
}

#[test]
fn without_idempotence_nothing_is_said_to_be_unwritten_that_is_written() {
    for seed in 0..200 {
        let caught = std::panic::catch_unwind(|| live(seed, false).check(false));
        assert!(caught.is_ok(), "seed {seed}");
    }
}

#[test]
fn with_time_enough_everything_is_acknowledged() {
    let patient = ProducerOptions { delivery_timeout: std::time::Duration::from_hours(1), ..options(true) };
    for seed in 0..400 {
        let mut life = Life::new(seed, &patient);
        (0..600).for_each(|_| life.step());
        life.end();
        life.check(true);
        let failed = life.settled.values().flat_map(|parts| parts.values()).find(|part| part.1.is_err());
        assert_eq!(failed, None, "seed {seed}");
    }
}
