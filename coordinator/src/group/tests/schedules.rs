//! Random lives of one consumer group: members of both protocols, lost and repeated answers, silence, restarts, topics and
//! regular expressions that change. No partition is ever read by two members, and every life ends in the target.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::Arc,
};

use ottla_assign::Partitions;

use super::{
    consumers::{heartbeat, metadata, topic_id},
    *,
};
use crate::testing::Dice;

const LIVES: u64 = 2_000;
const STEPS: usize = 60;
/// How often everybody who works sends a heartbeat.
const BEAT_MS: i64 = 3_000;

/// What one simulated consumer of the new protocol believes.
#[derive(Clone, Default)]
struct Reader {
    id: Str,
    instance_id: Option<Str>,
    epoch: i32,
    topics: Vec<Str>,
    regex: Option<Str>,
    /// What it reads right now.
    reads: BTreeSet<(Uuid, i32)>,
    /// What it was last told to read.
    told: Option<BTreeSet<(Uuid, i32)>>,
    /// Says everything again: it joins, or does not know whether the last request arrived.
    says_all: bool,
    /// Does not answer for a while, or never again.
    silent_until: Option<Millis>,
}

/// What one simulated consumer of the classic protocol believes; it gives up everything before it joins again.
#[derive(Clone, Default)]
struct Classic {
    id: Str,
    generation: i32,
    reads: BTreeSet<(Uuid, i32)>,
    waits: Option<Ticket>,
    joined: bool,
}

struct World<F: Fn() -> Groups> {
    bench: Bench<F>,
    dice: Dice,
    readers: Vec<Reader>,
    classic: Vec<Classic>,
    topics: BTreeMap<&'static str, i32>,
    /// What a coordinator is started with.
    shared: Rc<RefCell<Arc<Metadata>>>,
    version: i64,
    ids: u32,
}

fn flat(parts: &Partitions) -> BTreeSet<(Uuid, i32)> {
    parts.iter().flat_map(|(topic, indexes)| indexes.iter().map(move |index| (*topic, *index))).collect()
}

fn grouped(reads: &BTreeSet<(Uuid, i32)>) -> Vec<(Uuid, Vec<i32>)> {
    let mut topics: BTreeMap<Uuid, Vec<i32>> = BTreeMap::new();
    for (topic, index) in reads {
        topics.entry(*topic).or_default().push(*index);
    }
    topics.into_iter().collect()
}

impl<F: Fn() -> Groups> World<F> {
    fn now(&self) -> Millis {
        self.bench.now
    }

    fn group(&self) -> Option<&ConsumerGroup> {
        self.bench.rig.live.durable().consumer_group("g")
    }

    fn learn(&mut self) {
        self.version += 1;
        let topics: Vec<(&str, i32)> = self.topics.iter().map(|(name, count)| (*name, *count)).collect();
        let metadata = metadata(self.version, &topics);
        *self.shared.borrow_mut() = Arc::clone(&metadata);
        self.bench.rig.ask(self.bench.now, Command::MetadataChanged(metadata));
    }

    fn wish(&mut self) -> (Vec<Str>, Option<Str>) {
        let names = [text("t"), text("u"), text("v1"), text("v2")];
        match self.dice.below(4) {
            0 => (Vec::new(), Some(text("v.*"))),
            1 => (vec![text("t")], Some(text("t|u"))),
            2 => (names[..2].to_vec(), None),
            _ => (names.iter().filter(|_| !self.dice.one_in(3)).cloned().collect(), None),
        }
    }

    fn join(&mut self, instance_id: Option<Str>) {
        self.ids += 1;
        let (topics, regex) = self.wish();
        let id = text(&format!("m{}", self.ids));
        self.readers.push(Reader { id, instance_id, topics, regex, says_all: true, ..Reader::default() });
    }

    /// One heartbeat. `lost`: the answer does not arrive; `confirms`: the reader does what it was told before.
    fn beat(&mut self, at: usize, lost: bool, confirms: bool) {
        if confirms && let Some(told) = self.readers[at].told.take() {
            self.readers[at].reads = told;
            self.readers[at].says_all = true;
        }
        let reader = self.readers[at].clone();
        let all = reader.says_all || reader.epoch == 0;
        let request = ConsumerHeartbeat {
            instance_id: reader.instance_id.clone(),
            rebalance_timeout_ms: if all { REBALANCE } else { -1 },
            topics: all.then(|| reader.topics.clone()),
            regex: all.then(|| reader.regex.clone().unwrap_or_default()),
            owned: all.then(|| grouped(&reader.reads)),
            ..heartbeat(&reader.id, reader.epoch)
        };
        let reply = match self.bench.rig.ask(self.bench.now, Command::ConsumerHeartbeat(request)) {
            Reply::ConsumerHeartbeat(reply) => reply,
            other => panic!("{other:?}"),
        };
        self.bench.rig.run_until(self.bench.now);
        let reader = &mut self.readers[at];
        if lost {
            // It waits for the next word before it begins to read something: what it has not yet taken over may have been
            // given to others meanwhile. A client that does not wait is fenced by its next heartbeat, in Kafka as here.
            (reader.says_all, reader.told) = (true, None);
            return;
        }
        match reply {
            Ok(reply) => {
                reader.epoch = reply.member_epoch;
                reader.says_all = false;
                if let Some(assignment) = reply.assignment {
                    reader.told = Some(flat(&assignment));
                }
            }
            Err(Refused { code: ErrorCode::UNRELEASED_INSTANCE_ID, .. }) => {}
            Err(_) => {
                (reader.epoch, reader.says_all, reader.told) = (0, true, None);
                reader.reads.clear();
            }
        }
    }

    fn everybody_beats(&mut self, confirms: bool) {
        for at in 0..self.readers.len() {
            if self.readers[at].silent_until.is_some_and(|until| until > self.now()) {
                continue;
            }
            self.readers[at].silent_until = None;
            let confirms = confirms || self.dice.one_in(2);
            self.beat(at, false, confirms);
            self.check();
        }
        for at in 0..self.classic.len() {
            self.classic_turn(at);
            self.check();
        }
    }

    fn pass(&mut self, ms: i64, confirms: bool) {
        self.bench.now = self.now().plus(ms);
        self.bench.rig.run_until(self.bench.now);
        self.everybody_beats(confirms);
    }

    /// A classic consumer does the next thing it has to.
    fn classic_turn(&mut self, at: usize) {
        if self.classic[at].waits.is_some() {
            return self.classic_hears(at);
        }
        let member = self.classic[at].clone();
        if !member.joined {
            self.classic[at].reads.clear();
            let join = JoinGroup { requires_known_member_id: false, ..request("g", &member.id) };
            self.bench.ids += 1;
            let join = JoinGroup { fresh_id: Uuid::from_u128(self.bench.ids), ..join };
            let ticket = self.bench.rig.submit(self.bench.now, Command::Join(join));
            self.classic[at].waits = Some(ticket);
            self.bench.rig.run_until(self.bench.now);
            return self.classic_hears(at);
        }
        let beat = Heartbeat {
            group_id: text("g"),
            generation: member.generation,
            member_id: member.id,
            instance_id: None,
        };
        match self.bench.rig.ask(self.bench.now, Command::Heartbeat(beat)) {
            Reply::Heartbeat(ErrorCode::NONE) => {}
            Reply::Heartbeat(ErrorCode::REBALANCE_IN_PROGRESS) => self.classic[at].joined = false,
            _ => self.classic[at] = Classic::default(),
        }
    }

    fn classic_hears(&mut self, at: usize) {
        let Some(reply) = self.classic[at].waits.and_then(|ticket| self.bench.rig.take(ticket)) else {
            return;
        };
        self.classic[at].waits = None;
        match reply {
            Reply::Join(reply) if reply.error.is_ok() => {
                (self.classic[at].id, self.classic[at].generation) =
                    (reply.member_id.clone(), reply.generation);
                self.classic_syncs(at, &reply);
            }
            Reply::Join(reply) if reply.error == ErrorCode::REBALANCE_IN_PROGRESS => {}
            Reply::Join(_) => self.classic[at] = Classic::default(),
            Reply::Sync(reply) if reply.error.is_ok() => {
                self.classic[at].joined = true;
                self.classic[at].reads = read_assignment(&reply.assignment);
            }
            Reply::Sync(reply) if reply.error == ErrorCode::REBALANCE_IN_PROGRESS => {}
            _ => self.classic[at] = Classic::default(),
        }
    }

    fn classic_syncs(&mut self, at: usize, joined: &JoinReply) {
        // As leader of a classic group it deals the partitions of `t` out.
        let members = joined.members.len().max(1);
        let part = |place: usize| {
            let indexes =
                (0..self.topics["t"]).filter(|index| usize::try_from(*index).unwrap() % members == place);
            write_assignment("t", &indexes.collect::<Vec<_>>())
        };
        let assignments =
            joined.members.iter().enumerate().map(|(place, member)| (member.member_id.clone(), part(place)));
        let sync = SyncGroup {
            group_id: text("g"),
            generation: joined.generation,
            member_id: joined.member_id.clone(),
            assignments: assignments.collect(),
            ..SyncGroup::default()
        };
        let ticket = self.bench.rig.submit(self.bench.now, Command::Sync(sync));
        self.classic[at].waits = Some(ticket);
        self.classic_hears(at);
    }

    fn act(&mut self) {
        let at = usize::try_from(self.dice.below(self.readers.len().max(1) as u64)).unwrap();
        let exists = at < self.readers.len();
        match self.dice.below(20) {
            0 if self.readers.len() < 5 => self.join(None),
            1 if self.readers.iter().all(|reader| reader.instance_id.is_none()) => self.join(Some(text("i"))),
            2 if exists && self.dice.one_in(2) => self.leave(at),
            3 if exists => {
                // A process that stops without a word, or only for a while.
                let ms = if self.dice.one_in(2) { 20_000 } else { 100_000 };
                self.readers[at].silent_until = Some(self.now().plus(ms));
            }
            4 if exists => {
                let (topics, regex) = self.wish();
                let reader = &mut self.readers[at];
                (reader.topics, reader.regex, reader.says_all) = (topics, regex, true);
            }
            5 if self.dice.one_in(2) => {
                if self.topics.remove("u").is_none() {
                    self.topics.insert("u", 3);
                }
                self.learn();
            }
            6 => {
                let name = if self.dice.one_in(2) { "t" } else { "v2" };
                let count = self.topics.entry(name).or_insert(0);
                *count = (*count + 1).min(6);
                self.learn();
            }
            7 if self.dice.one_in(2) => {
                self.bench.restart();
                self.classic.iter_mut().for_each(|member| member.waits = None);
                self.readers.iter_mut().for_each(|reader| reader.says_all = true);
            }
            8 | 9 if exists => {
                let confirms = self.dice.one_in(2);
                self.beat(at, true, confirms);
            }
            10 if self.classic.len() < 2 && self.dice.one_in(3) => self.classic.push(Classic::default()),
            11 if !self.classic.is_empty() && self.dice.one_in(3) => {
                let gone = self.classic.remove(0);
                self.bench.rig.ask(
                    self.bench.now,
                    Command::Leave(LeaveGroup {
                        group_id: text("g"),
                        members: vec![LeavingMember { member_id: gone.id, instance_id: None }],
                    }),
                );
            }
            12 if exists => {
                let confirms = self.dice.one_in(2);
                self.beat(at, false, confirms);
            }
            _ => self.pass(BEAT_MS, false),
        }
        self.bench.rig.run_until(self.bench.now);
    }

    /// For good, or for a while as static members do: then the process comes back under another id.
    fn leave(&mut self, at: usize) {
        let reader = self.readers.remove(at);
        let epoch = if reader.instance_id.is_some() && self.dice.one_in(2) { -2 } else { -1 };
        let request =
            ConsumerHeartbeat { instance_id: reader.instance_id.clone(), ..heartbeat(&reader.id, epoch) };
        let left = self.bench.rig.ask(self.bench.now, Command::ConsumerHeartbeat(request));
        if epoch == -2 && matches!(left, Reply::ConsumerHeartbeat(Ok(_))) {
            self.ids += 1;
            let id = text(&format!("m{}", self.ids));
            self.readers.push(Reader {
                id,
                says_all: true,
                epoch: 0,
                told: None,
                reads: BTreeSet::new(),
                ..reader
            });
        }
    }

    /// Nobody who is still in the group, and not fenced, reads what somebody else reads; and in the log it is the same.
    fn check(&self) {
        let Some(group) = self.group() else { return };
        let mut held: BTreeSet<(Uuid, i32)> = BTreeSet::new();
        for member_id in group.member_ids() {
            let Some(current) = group.current(member_id) else {
                let tail = &self.bench.rig.log[self.bench.rig.log.len().saturating_sub(12)..];
                panic!("{member_id} has no assignment, not even an empty one: {group:?} {tail:#?}");
            };
            for owned in [&current.assigned, &current.revoking] {
                for (topic, partitions) in owned {
                    for index in partitions.keys() {
                        assert!(held.insert((*topic, *index)), "two members hold {topic}-{index}");
                    }
                }
            }
        }
        let mut read: BTreeMap<(Uuid, i32), &Str> = BTreeMap::new();
        let is_classic = |id: &Str| self.classic.iter().any(|member| member.id == *id);
        let classic = self.classic.iter().map(|member| (&member.id, &member.reads, member.generation));
        let readers = self.readers.iter().map(|reader| (&reader.id, &reader.reads, reader.epoch));
        for (id, reads, epoch) in readers.chain(classic) {
            // Who is in another epoch may not commit what is not its own any more, and is told so by its next heartbeat.
            let counts = |current: &&CurrentAssignment| {
                epoch == current.epoch || epoch == current.previous_epoch && !is_classic(id)
            };
            let Some(current) = group.current(id).filter(counts).filter(|_| epoch > 0) else { continue };
            for partition in reads {
                let known = current.assigned_here(*partition);
                assert!(known, "{id} reads {partition:?}, which is not its own: {current:?}");
                if let Some(other) = read.insert(*partition, id) {
                    panic!("{other} and {id} both read {partition:?}");
                }
            }
        }
    }

    /// Without more disturbance everybody comes to the target, and the target has everything.
    fn settle(&mut self) {
        self.readers.iter_mut().for_each(|reader| reader.silent_until = None);
        for _ in 0..60 {
            self.pass(BEAT_MS, true);
        }
        let Some(group) = self.group() else { return };
        assert_eq!(
            group.state(),
            if group.size() == 0 { ConsumerState::Empty } else { ConsumerState::Stable }
        );
        assert_eq!(group.size(), self.readers.len() + self.classic.len());
        let mut wanted: BTreeSet<(Uuid, i32)> = BTreeSet::new();
        for name in group.subscribed_topics() {
            if let Some(count) = self.topics.get(&*name) {
                wanted.extend((0..*count).map(|index| (topic_id(&name), index)));
            }
        }
        let members = self.readers.iter().map(|reader| (&reader.id, &reader.reads));
        for (id, reads) in members.chain(self.classic.iter().map(|member| (&member.id, &member.reads))) {
            // Who joined without wanting anything is in no target.
            let target = group.target(id).map(flat).unwrap_or_default();
            assert_eq!(*reads, target, "{id} has what it is to have: {group:#?}");
            reads
                .iter()
                .for_each(|partition| assert!(wanted.remove(partition), "{partition:?} has one reader"));
        }
        assert_eq!(wanted, BTreeSet::new(), "everything is read");
    }
}

impl CurrentAssignment {
    fn assigned_here(&self, (topic, index): (Uuid, i32)) -> bool {
        let has = |owned: &OwnedPartitions| owned.get(&topic).is_some_and(|owned| owned.contains_key(&index));
        has(&self.assigned) || has(&self.revoking)
    }
}

fn write_assignment(topic: &str, partitions: &[i32]) -> Bytes {
    let mut bytes = vec![0, 1, 0, 0, 0, 1, 0, u8::try_from(topic.len()).unwrap()];
    bytes.extend(topic.as_bytes());
    bytes.extend(u32::try_from(partitions.len()).unwrap().to_be_bytes());
    partitions.iter().for_each(|partition| bytes.extend(partition.to_be_bytes()));
    bytes.extend((-1_i32).to_be_bytes());
    Bytes::from(bytes)
}

/// Of topics with names of any length.
fn read_assignment(bytes: &Bytes) -> BTreeSet<(Uuid, i32)> {
    let mut reads = BTreeSet::new();
    let number = |at: usize| i32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    if bytes.is_empty() {
        return reads;
    }
    let mut at = 6;
    for _ in 0..number(2) {
        let length = usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
        let name = std::str::from_utf8(&bytes[at + 2..at + 2 + length]).unwrap();
        at += 2 + length;
        let count = usize::try_from(number(at)).unwrap();
        reads.extend((0..count).map(|n| (topic_id(name), number(at + 4 + 4 * n))));
        at += 4 + 4 * count;
    }
    reads
}

fn life(seed: u64) -> (usize, bool) {
    let shared = Rc::<RefCell<Arc<Metadata>>>::default();
    let known = Rc::clone(&shared);
    let bench = bench_of(move || Groups::with_metadata(Settings::default(), Arc::clone(&known.borrow())));
    let topics = BTreeMap::from([("t", 4), ("u", 3), ("v1", 2)]);
    let (readers, classic) = (Vec::new(), Vec::new());
    let mut world = World { bench, dice: Dice(seed), readers, classic, topics, shared, version: 0, ids: 0 };
    world.learn();
    let mut mixed = false;
    for _ in 0..STEPS {
        world.act();
        world.check();
        mixed |= world.group().is_some_and(|group| !world.classic.is_empty() && group.size() > 1);
        if seed < 100 {
            world.bench.rig.assert_replay_equal();
        }
    }
    world.settle();
    world.bench.rig.assert_replay_equal();
    (world.bench.rig.log.len(), mixed)
}

#[test]
fn every_life_ends_in_the_target_and_no_partition_has_two_readers() {
    let (mut records, mut mixed) = (0, 0);
    for seed in 0..LIVES {
        let outcome = std::panic::catch_unwind(|| life(seed));
        let (written, was_mixed) = outcome.unwrap_or_else(|_| panic!("seed {seed} fails"));
        records += written;
        mixed += u64::from(was_mixed);
    }
    assert!(records > 100_000 && mixed > LIVES / 10, "much happens: {records} records, {mixed} mixed groups");
}
