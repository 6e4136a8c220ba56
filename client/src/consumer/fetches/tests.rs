//! Random lives of a reader against brokers that forget sessions, lose answers, hand partitions to each other and abort
//! transactions.

mod cases;

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use ottla_records::{BatchBuilder, BatchHeader, NewRecord, end_txn_marker};
use ottla_testkit::Rng;
use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    fetch_request::FetchRequest,
    fetch_response::{
        AbortedTransaction, FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint,
        PartitionData,
    },
};

use super::{Ask, At, Fetches, Rules, Stamped, answers::Found};
use crate::{PartitionInfo, TopicInfo, consumer::partition::TopicPartition};

const TOPIC: Str = Str::from_static("t");
const PRODUCER: i64 = 9;
const PARTITIONS: usize = 3;
const BUFFER: usize = 3000;

/// A partition's log, as its leader has it.
#[derive(Default)]
struct Log {
    batches: Vec<(i64, Bytes)>,
    end: i64,
    /// Transactions that were aborted: first and last offset.
    aborted: Vec<(i64, i64)>,
    open: Option<i64>,
    /// Offsets of records that are to be read.
    visible: Vec<i64>,
    pending: Vec<i64>,
    leader: i32,
    epoch: i32,
}

impl Log {
    fn push(&mut self, mut batch: BytesMut) {
        BatchHeader::assign(&mut batch, self.end, self.epoch);
        let batch = batch.freeze();
        let next = BatchHeader::parse(&batch).expect("a batch").next_offset();
        self.batches.push((self.end, batch));
        self.end = next;
    }

    fn append(&mut self, count: i64, in_transaction: bool) {
        let mut builder = BatchBuilder::new();
        if in_transaction {
            builder = builder.transactional().producer(PRODUCER, 0, 0);
            self.open.get_or_insert(self.end);
        }
        (0..count).for_each(|_| builder.push(&NewRecord { value: Some(&[7; 50]), ..NewRecord::default() }));
        let offsets = self.end..self.end + count;
        if in_transaction {
            self.pending.extend(offsets)
        } else {
            self.visible.extend(offsets)
        }
        self.push(builder.finish());
    }

    fn end_transaction(&mut self, commit: bool) {
        let Some(first) = self.open.take() else { return };
        if !commit {
            self.aborted.push((first, self.end));
            self.pending.clear();
        }
        self.visible.append(&mut self.pending);
        self.visible.sort_unstable();
        self.push(end_txn_marker((PRODUCER, 0), commit, 0, 0));
    }

    /// One past the last record a reader of committed records sees.
    fn stable(&self) -> i64 {
        self.open.unwrap_or(self.end)
    }
}

/// Offset and leader epoch as a session knows them.
type Known = BTreeMap<i32, (i64, i32)>;

struct Broker {
    session: Option<(i32, i32, Known)>,
    sessions: i32,
}

struct Life {
    dice: Rng,
    now: Millis,
    fetches: Fetches,
    logs: Vec<Log>,
    brokers: BTreeMap<i32, Broker>,
    asked: Vec<Ask>,
    read: Vec<Vec<i64>>,
    healthy: bool,
}

fn endpoints(nodes: &[i32]) -> Vec<NodeEndpoint> {
    nodes.iter().map(|node_id| NodeEndpoint { node_id: *node_id, ..NodeEndpoint::default() }).collect()
}

fn at(partition: usize) -> TopicPartition {
    TopicPartition::new(TOPIC, partition as i32)
}

impl Life {
    fn new(seed: u64) -> Self {
        let rules = Rules {
            read_committed: true,
            reset: Some(At::Earliest),
            min_bytes: 1,
            max_wait_ms: 500,
            max_bytes: 2000,
            partition_max_bytes: 600,
            buffer_bytes: BUFFER,
            backoff_ms: 10,
            rack: Str::new(),
        };
        let mut fetches = Fetches::new(rules);
        (0..PARTITIONS).for_each(|partition| fetches.add(at(partition)));
        let broker = |node| (node, Broker { session: None, sessions: node * 1000 });
        Self {
            dice: Rng::new(seed),
            now: Millis(0),
            fetches,
            logs: (0..PARTITIONS).map(|_| Log { leader: 1, ..Log::default() }).collect(),
            brokers: (1..=2).map(broker).collect(),
            asked: Vec::new(),
            read: vec![Vec::new(); PARTITIONS],
            healthy: false,
        }
    }

    fn info(&self) -> TopicInfo {
        let partition = |(index, log): (usize, &Log)| PartitionInfo {
            index: index as i32,
            leader: log.leader,
            leader_epoch: log.epoch,
            replicas: Vec::new(),
            isr: Vec::new(),
            eligible: None,
            last_known_eligible: None,
        };
        let partitions = self.logs.iter().enumerate().map(partition).collect();
        TopicInfo { name: TOPIC.to_string(), id: Uuid::ONE, internal: false, partitions }
    }

    fn act(&mut self) {
        while let Some(ask) = self.fetches.poll(self.now) {
            self.asked.push(ask);
        }
    }

    fn answer(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let pick = self.dice.below(self.asked.len());
        let ask = self.asked.remove(pick);
        let lost = !self.healthy && self.dice.one_in(8);
        match ask {
            Ask::Topics(_) => {
                let infos = if lost { Vec::new() } else { vec![self.info()] };
                self.fetches.on_topics(self.now, &infos);
            }
            Ask::Committed(of) => {
                let found = (!lost).then(BTreeMap::new);
                self.fetches.on_committed(self.now, &of, found.as_ref());
            }
            Ask::Offsets { node, of } => {
                let found = if lost { BTreeMap::new() } else { self.led(node, &of, |_| Ok(Some((0, -1)))) };
                self.fetches.on_offsets(self.now, &of, &found);
            }
            Ask::Epochs { node, of } => {
                let end = |log: &Log| Ok(Some((log.end, log.epoch)));
                let found = if lost { BTreeMap::new() } else { self.led(node, &of, end) };
                self.fetches.on_epochs(self.now, &of, &found);
            }
            Ask::Fetch { node, request, by_name } => {
                assert!(!by_name);
                // Served, and the answer lost; or not served at all.
                let response = (!lost || self.dice.one_in(2)).then(|| self.serve(node, &request));
                self.fetches.on_fetched(self.now, node, response.filter(|_| !lost));
            }
        }
    }

    fn led<T>(
        &self,
        node: i32,
        of: &Stamped<T>,
        tell: impl Fn(&Log) -> Found,
    ) -> BTreeMap<TopicPartition, Found> {
        let found = |at: &TopicPartition| {
            let log = &self.logs[at.partition as usize];
            if log.leader == node { tell(log) } else { Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) }
        };
        of.keys().map(|at| (at.clone(), found(at))).collect()
    }

    /// A broker with sessions.
    fn serve(&mut self, node: i32, request: &FetchRequest) -> FetchResponse {
        let broker = self.brokers.get_mut(&node).expect("there are two");
        let fail = |error_code| FetchResponse { error_code, ..FetchResponse::default() };
        let named = request.topics.iter().flat_map(|topic| {
            assert_eq!(topic.topic_id, Uuid::ONE);
            topic.partitions.iter().map(|p| (p.partition, (p.fetch_offset, p.current_leader_epoch)))
        });
        if request.session_epoch == 0 {
            broker.sessions += 1;
            broker.session = Some((broker.sessions, 1, named.collect()));
        } else {
            let Some((id, epoch, known)) = &mut broker.session else {
                return fail(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
            };
            if *id != request.session_id {
                return fail(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
            }
            if *epoch != request.session_epoch {
                return fail(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
            }
            *epoch += 1;
            for gone in request.forgotten_topics_data.iter().flat_map(|topic| &topic.partitions) {
                assert!(known.remove(gone).is_some(), "{gone} is forgotten and was not known");
            }
            known.extend(named);
        }
        let Some((session_id, _, known)) = broker.session.clone() else { unreachable!("it was made") };
        let partitions = known.iter().map(|(index, of)| self.data(node, *index, *of, request)).collect();
        let topic = FetchableTopicResponse { topic: Str::new(), topic_id: Uuid::ONE, partitions };
        let node_endpoints = endpoints(&[1, 2]);
        FetchResponse { session_id, responses: vec![topic], node_endpoints, ..FetchResponse::default() }
    }

    fn data(
        &mut self,
        node: i32,
        index: i32,
        (offset, epoch): (i64, i32),
        request: &FetchRequest,
    ) -> PartitionData {
        let (trouble, tells_leader) = (!self.healthy && self.dice.one_in(15), self.dice.one_in(2));
        let log = &self.logs[index as usize];
        let code = match () {
            () if log.leader != node => ErrorCode::NOT_LEADER_OR_FOLLOWER,
            () if epoch < log.epoch => ErrorCode::FENCED_LEADER_EPOCH,
            () if trouble => ErrorCode::KAFKA_STORAGE_ERROR,
            () if offset > log.end => ErrorCode::OFFSET_OUT_OF_RANGE,
            () => ErrorCode::NONE,
        };
        let mut data = PartitionData { partition_index: index, error_code: code, ..PartitionData::default() };
        let moved = [ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::FENCED_LEADER_EPOCH].contains(&code);
        if moved && tells_leader {
            data.current_leader = LeaderIdAndEpoch { leader_id: log.leader, leader_epoch: log.epoch };
        }
        if code != ErrorCode::NONE {
            return data;
        }
        let mut bytes = BytesMut::new();
        let first = log.batches.partition_point(|(base, _)| *base <= offset).saturating_sub(1);
        let stable = log.batches.iter().skip(first).take_while(|(base, _)| *base < log.stable());
        for (_, batch) in stable {
            if bytes.len() + batch.len() > request.max_bytes.min(600) as usize && !bytes.is_empty() {
                // A broker cuts where it likes.
                bytes.extend_from_slice(&batch[..batch.len() / 2]);
                break;
            }
            bytes.extend_from_slice(batch);
        }
        let aborted = log.aborted.iter().filter(|(_, last)| *last >= offset);
        let told =
            |(first, _): &(i64, i64)| AbortedTransaction { producer_id: PRODUCER, first_offset: *first };
        data.aborted_transactions = Some(aborted.map(told).collect());
        data.records = Some(bytes.freeze().into());
        data.high_watermark = log.end;
        data
    }

    fn read(&mut self) {
        let Some(taken) = self.fetches.take(|_| true) else { return };
        let partition = taken.at.partition as usize;
        let records = taken.batch.records(&ottla_records::Limits::default()).expect("records");
        for record in records.iter() {
            let offset = record.expect("a record").offset;
            if offset >= taken.from {
                let next = self.read[partition].len();
                assert_eq!(
                    self.logs[partition].visible.get(next),
                    Some(&offset),
                    "record {next} of {partition}"
                );
                self.read[partition].push(offset);
            }
        }
    }

    fn step(&mut self) {
        let partition = self.dice.below(PARTITIONS);
        match self.dice.below(40) {
            0..6 => {
                let (count, within) = (1 + self.dice.below(4) as i64, self.dice.one_in(3));
                self.logs[partition].append(count, within);
            }
            6 | 7 => {
                let commit = self.dice.one_in(2);
                self.logs[partition].end_transaction(commit);
            }
            8 if self.dice.one_in(4) => {
                let log = &mut self.logs[partition];
                log.leader = 3 - log.leader;
                log.epoch += 1;
            }
            9 if self.dice.one_in(3) => self.brokers.get_mut(&1).expect("a broker").session = None,
            10 => self.fetches.set_paused(&at(partition), self.dice.one_in(2)),
            11 if self.dice.one_in(3) => {
                // Back to where it was read once.
                let read = &mut self.read[partition];
                let keep = self.dice.below(read.len() + 1);
                read.truncate(keep);
                let offset = read.last().map_or(0, |last| last + 1);
                self.fetches.seek(&at(partition), offset);
            }
            12..16 => self.now = self.now.plus(self.dice.below(20) as i64),
            16..24 => self.read(),
            _ => self.answer(),
        }
        self.act();
        self.check();
    }

    fn check(&self) {
        // A batch is read even where it is larger than what is left.
        assert!(self.fetches.buffered < BUFFER + 2 * 2000, "{} bytes are held", self.fetches.buffered);
        let held: usize =
            self.fetches.parts.values().flat_map(|part| &part.ready).map(|b| b.bytes().len()).sum();
        assert_eq!(held, self.fetches.buffered);
    }

    fn end(&mut self) {
        self.healthy = true;
        for partition in 0..PARTITIONS {
            self.fetches.set_paused(&at(partition), false);
            self.logs[partition].end_transaction(true);
        }
        for _ in 0..2000 {
            self.act();
            self.answer();
            self.read();
            // Time goes on also where brokers always have something to answer.
            let due = self.fetches.deadline(self.now).filter(|_| self.asked.is_empty());
            self.now = due.unwrap_or(self.now).max(self.now).plus(1);
            self.check();
        }
        for (partition, log) in self.logs.iter().enumerate() {
            assert_eq!(self.read[partition], log.visible, "all of {partition} is read");
            // Also past what nobody reads.
            assert_eq!(self.fetches.position(&at(partition)), Some(log.end));
        }
        assert_eq!(self.fetches.buffered, 0);
    }
}

#[test]
fn everything_visible_is_read_once_and_in_order() {
    for seed in 0..400 {
        let caught = std::panic::catch_unwind(|| {
            let mut life = Life::new(seed);
            (0..800).for_each(|_| life.step());
            life.end();
            life.read.iter().map(Vec::len).sum::<usize>()
        });
        let read = caught.unwrap_or_else(|_| panic!("seed {seed}"));
        assert!(read > 20, "seed {seed} read {read}");
    }
}
