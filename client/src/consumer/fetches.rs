//! What is read, how far it is, and what is to be asked of whom next.
//!
//! A pure machine: no clock, no network. A partition comes in, gets an offset to begin at (what the group has committed,
//! or by the reset policy), and is fetched ahead of whoever takes its batches, within a bound of memory. One fetch is under
//! way for each broker, in a session of its own. Deliberately unknown here: groups, connections, waiting.

mod answers;
mod isolation;
mod part;
mod session;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use ottla_records::Batch;
use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::messages::fetch_request::FetchRequest;

use super::partition::{Partitions, TopicPartition, Watermarks};
use crate::TopicInfo;
pub(crate) use answers::Found;
pub(crate) use part::{At, Life};
use part::{Part, Step};
use session::{Session, Want, Wants};

/// How long a nearer replica is asked before the leader is asked again whether it still is (`metadata.max.age.ms`).
const NEARER_MS: i64 = 300_000;

/// The epoch of a request after which a session is over.
const ENDS_SESSION: i32 = -1;

/// The options in the machine's units.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) read_committed: bool,
    /// `None`: whoever reads is told that there is no offset.
    pub(crate) reset: Option<At>,
    pub(crate) min_bytes: i32,
    pub(crate) max_wait_ms: i32,
    pub(crate) max_bytes: i32,
    pub(crate) partition_max_bytes: i32,
    /// Of all batches that are held. A batch that is larger is read all the same.
    pub(crate) buffer_bytes: usize,
    pub(crate) backoff_ms: i64,
    pub(crate) rack: Str,
}

/// Why a partition is not read any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The group has committed nothing, and there is no reset policy.
    NoOffset,
    /// The offset is not there (any more), and there is no reset policy.
    OutOfRange(i64),
    /// What was read is not in the leader's log any more: it diverges at an offset.
    Truncated { position: i64, diverges: i64 },
    /// The broker refuses.
    Refused(ErrorCode),
    /// Its records make no sense.
    Corrupt { offset: i64, source: ottla_records::BatchError },
}

/// A question to be answered with the stamps it carries.
pub(crate) type Stamped<T> = BTreeMap<TopicPartition, (u64, T)>;

/// What is to be asked.
#[derive(Debug, PartialEq)]
pub(crate) enum Ask {
    /// Where are these topics?
    Topics(BTreeSet<Str>),
    /// What has the group committed?
    Committed(Stamped<()>),
    /// Which offsets are at these positions?
    Offsets { node: i32, of: Stamped<At> },
    /// Where does this epoch end? With the leader's epoch, and the one asked about.
    Epochs { node: i32, of: Stamped<(i32, i32)> },
    /// Records. Topics that have no id are named.
    Fetch { node: i32, request: Box<FetchRequest>, by_name: bool },
}

/// A batch to be read.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) at: TopicPartition,
    pub(crate) batch: Batch,
    /// Records before this offset are not wanted.
    pub(crate) from: i64,
    pub(crate) life: Life,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Fetches {
    rules: Rules,
    parts: BTreeMap<TopicPartition, Part>,
    sessions: BTreeMap<i32, Session>,
    topics: BTreeMap<Str, TopicInfo>,
    asks_topics: bool,
    /// Topics whose leaders are doubtful.
    stale: BTreeSet<Str>,
    stale_from: Millis,
    buffered: usize,
    stamps: u64,
    /// Whoever had the last turn.
    turn: Option<TopicPartition>,
}

impl Fetches {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            parts: BTreeMap::new(),
            sessions: BTreeMap::new(),
            topics: BTreeMap::new(),
            asks_topics: false,
            stale: BTreeSet::new(),
            stale_from: Millis(i64::MIN),
            buffered: 0,
            stamps: 0,
            turn: None,
        }
    }

    /// Reads a partition from where the group is.
    pub(crate) fn add(&mut self, at: TopicPartition) {
        self.insert(at, Step::Committed);
    }

    /// Reads a partition from an offset on.
    pub(crate) fn add_at(&mut self, at: TopicPartition, offset: i64) {
        self.insert(at.clone(), Step::Read);
        self.seek(&at, offset);
    }

    fn insert(&mut self, at: TopicPartition, step: Step) {
        self.remove(&at);
        self.stamps += 1;
        let mut part = Part::new(self.stamps, step);
        if let Some(info) = self.topics.get(&at.topic) {
            lead(&mut part, info, at.partition);
        }
        if part.leader < 0 {
            self.stale.insert(at.topic.clone());
        }
        self.parts.insert(at, part);
    }

    /// Does not read it any more.
    pub(crate) fn remove(&mut self, at: &TopicPartition) {
        if let Some(part) = self.parts.remove(at) {
            self.buffered -= part.bytes;
        }
    }

    /// Hands out nothing more of it and fetches nothing.
    pub(crate) fn close(&mut self, at: &TopicPartition) {
        if let Some(part) = self.parts.get_mut(at) {
            part.closing = true;
            self.stamps += 1;
            self.buffered -= part.restart(self.stamps, Step::Stopped);
        }
    }

    /// Goes on at an offset.
    pub(crate) fn seek(&mut self, at: &TopicPartition, offset: i64) {
        self.begin_life(at);
        self.begin(at, offset, -1);
    }

    /// Goes on where the group is.
    pub(crate) fn rewind(&mut self, at: &TopicPartition) {
        self.begin_life(at);
        self.restart(at, Step::Committed);
    }

    /// Goes on at a position.
    pub(crate) fn seek_to(&mut self, at: &TopicPartition, position: At) {
        self.begin_life(at);
        self.restart(at, Step::Offset(position));
    }

    fn begin_life(&mut self, at: &TopicPartition) {
        self.stamps += 1;
        if let Some(part) = self.parts.get_mut(at).filter(|part| !part.closing) {
            part.life.sought = self.stamps;
            part.floor = i64::MAX;
        }
    }

    /// Whether an offset of a partition is this reader's to commit: also while it is being given up, but not what was read
    /// before it was given up the last time.
    pub(crate) fn may_commit(&self, at: &TopicPartition, offset: i64) -> bool {
        self.parts.get(at).is_some_and(|part| offset >= part.floor)
    }

    fn begin(&mut self, at: &TopicPartition, offset: i64, epoch: i32) {
        if let Some(part) = self.parts.get_mut(at).filter(|part| !part.closing) {
            self.stamps += 1;
            self.buffered -= part.begin(self.stamps, offset, epoch);
        }
    }

    fn restart(&mut self, at: &TopicPartition, step: Step) {
        if let Some(part) = self.parts.get_mut(at).filter(|part| !part.closing) {
            self.stamps += 1;
            self.buffered -= part.restart(self.stamps, step);
        }
    }

    /// What was handed out from an offset on makes no sense: nothing behind it is handed out until the reader goes elsewhere.
    pub(crate) fn stop_before(&mut self, at: &TopicPartition, life: Life, offset: i64) {
        if self.life(at) == Some(life) {
            self.begin(at, offset, -1);
            self.parts.entry(at.clone()).and_modify(|part| part.step = Step::Stopped);
        }
    }

    pub(crate) fn set_paused(&mut self, at: &TopicPartition, paused: bool) {
        if let Some(part) = self.parts.get_mut(at) {
            part.paused = paused;
        }
    }

    /// What is read and not about to be given up.
    pub(crate) fn partitions(&self) -> Partitions {
        self.parts.iter().filter(|(_, part)| !part.closing).map(|(at, _)| at.clone()).collect()
    }

    /// The life of a partition; `None` once it is given up.
    pub(crate) fn life(&self, at: &TopicPartition) -> Option<Life> {
        self.parts.get(at).filter(|part| !part.closing).map(|part| part.life)
    }

    /// The next offset to be handed out; `None` while it is not known.
    pub(crate) fn position(&self, at: &TopicPartition) -> Option<i64> {
        let part = self.parts.get(at)?;
        matches!(part.step, Step::Read | Step::Validate).then_some(part.position)
    }

    /// What the last answer said of its log; `None` before there was one.
    pub(crate) fn watermarks(&self, at: &TopicPartition) -> Option<Watermarks> {
        self.parts.get(at).map(|part| part.watermarks).filter(|of| *of != Watermarks::UNKNOWN)
    }

    /// Takes a batch of a partition that `may`, one partition after the other.
    pub(crate) fn take(&mut self, may: impl Fn(&TopicPartition) -> bool) -> Option<Taken> {
        let has = |part: &Part| !part.paused && !part.ready.is_empty();
        let mut all = self.parts.iter().filter(|(at, part)| has(part) && may(at)).map(|(at, _)| at);
        let first = all.clone().next()?;
        let at = all.find(|at| self.turn.as_ref().is_none_or(|last| *at > last)).unwrap_or(first).clone();
        let part = self.parts.get_mut(&at)?;
        let batch = part.ready.pop_front()?;
        let size = batch.bytes().len();
        part.bytes -= size;
        self.buffered -= size;
        let (from, life) = (part.position, part.life);
        // Behind the last batch may be some that nobody reads.
        part.position = if part.ready.is_empty() { part.next } else { batch.header().next_offset() };
        self.turn = Some(at.clone());
        Some(Taken { at, batch, from, life })
    }

    /// What whoever reads must know, once.
    pub(crate) fn take_trouble(&mut self) -> Option<(TopicPartition, Trouble)> {
        let with = |(at, part): (&TopicPartition, &mut Part)| Some((at.clone(), part.trouble.take()?));
        self.parts.iter_mut().find_map(with)
    }

    /// The topics that are read.
    pub(crate) fn topics(&self) -> BTreeSet<Str> {
        self.parts.keys().map(|at| at.topic.clone()).collect()
    }

    /// The requests that end what brokers remember; what is asked later begins anew.
    pub(crate) fn farewells(&mut self) -> Vec<(i32, FetchRequest)> {
        let ends = |(node, session): (i32, Session)| {
            let request = FetchRequest {
                session_id: session.id()?,
                session_epoch: ENDS_SESSION,
                max_bytes: self.rules.max_bytes,
                ..FetchRequest::default()
            };
            Some((node, request))
        };
        std::mem::take(&mut self.sessions).into_iter().filter_map(ends).collect()
    }

    /// What is to be asked next; to be called until there is nothing.
    pub(crate) fn poll(&mut self, now: Millis) -> Option<Ask> {
        self.ask_topics(now)
            .or_else(|| self.ask_committed(now))
            .or_else(|| self.ask_leaders(now))
            .or_else(|| self.fetch(now))
    }

    /// When to ask again without anything else happening.
    pub(crate) fn deadline(&self, now: Millis) -> Option<Millis> {
        let topics = (!self.stale.is_empty() && !self.asks_topics).then_some(self.stale_from);
        let parts = self.parts.values().filter(|part| !part.asks && part.not_before > now);
        parts.map(|part| part.not_before).chain(topics).min()
    }

    fn ask_topics(&mut self, now: Millis) -> Option<Ask> {
        let read = self.topics();
        self.stale.retain(|topic| read.contains(topic));
        if self.stale.is_empty() || self.asks_topics || now < self.stale_from {
            return None;
        }
        self.asks_topics = true;
        Some(Ask::Topics(std::mem::take(&mut self.stale)))
    }

    fn ask_committed(&mut self, now: Millis) -> Option<Ask> {
        let waits = |part: &Part| part.step == Step::Committed && !part.asks && part.not_before <= now;
        let mut of = Stamped::new();
        for (at, part) in self.parts.iter_mut().filter(|(_, part)| waits(part)) {
            part.asks = true;
            of.insert(at.clone(), (part.stamp, ()));
        }
        (!of.is_empty()).then_some(Ask::Committed(of))
    }

    /// Offsets and epochs of one broker's partitions.
    fn ask_leaders(&mut self, now: Millis) -> Option<Ask> {
        let waits = |part: &Part| !part.asks && part.not_before <= now && part.leader >= 0;
        let is_due = |part: &Part| waits(part) && matches!(part.step, Step::Offset(_) | Step::Validate);
        let (step, node) = self.parts.values().find(|part| is_due(part)).map(|p| (p.step, p.leader))?;
        let (mut offsets, mut epochs) = (Stamped::new(), Stamped::new());
        for (at, part) in self.parts.iter_mut().filter(|(_, part)| is_due(part) && part.leader == node) {
            match part.step {
                Step::Offset(position) => drop(offsets.insert(at.clone(), (part.stamp, position))),
                _ => drop(epochs.insert(at.clone(), (part.stamp, (part.leader_epoch, part.last_epoch)))),
            }
        }
        let (ask, asked) = if matches!(step, Step::Validate) {
            let asked: Vec<_> = epochs.keys().cloned().collect();
            (Ask::Epochs { node, of: epochs }, asked)
        } else {
            let asked: Vec<_> = offsets.keys().cloned().collect();
            (Ask::Offsets { node, of: offsets }, asked)
        };
        asked.iter().filter_map(|at| self.parts.get_mut(at).map(|part| part.asks = true)).for_each(drop);
        Some(ask)
    }

    fn fetch(&mut self, now: Millis) -> Option<Ask> {
        let mut by_node: BTreeMap<i32, Wants> = BTreeMap::new();
        let room = self.rules.buffer_bytes.saturating_sub(self.buffered);
        let ahead = usize::try_from(self.rules.partition_max_bytes).unwrap_or_default();
        for (at, part) in &mut self.parts {
            let wants = part.step == Step::Read && !part.paused && part.bytes < ahead && room > 0;
            let Some(node) = part.node(now).filter(|_| wants && part.not_before <= now) else { continue };
            let want = Want {
                topic_id: part.topic_id,
                offset: part.next,
                leader_epoch: part.leader_epoch,
                max_bytes: self.rules.partition_max_bytes,
                stamp: part.stamp,
            };
            by_node.entry(node).or_default().insert(at.clone(), want);
        }
        let (node, wants) = by_node
            .into_iter()
            .find(|(node, _)| self.sessions.get(node).is_none_or(|session| !session.is_under_way()))?;
        let by_name = wants.values().any(|want| want.topic_id.is_zero());
        let told = self.sessions.entry(node).or_default().tell(wants);
        let request = Box::new(FetchRequest {
            max_wait_ms: self.rules.max_wait_ms,
            min_bytes: self.rules.min_bytes,
            max_bytes: self.rules.max_bytes.min(i32::try_from(room).unwrap_or(i32::MAX)),
            isolation_level: i8::from(self.rules.read_committed),
            session_id: told.id,
            session_epoch: told.epoch,
            topics: told.topics,
            forgotten_topics_data: told.forgotten,
            rack_id: self.rules.rack.clone(),
            ..FetchRequest::default()
        });
        Some(Ask::Fetch { node, request, by_name })
    }
}

/// Takes over what is known of a partition's leader.
fn lead(part: &mut Part, info: &TopicInfo, partition: i32) {
    let known = info.partitions.iter().find(|known| known.index == partition);
    let epoch = known.map_or(-1, |known| known.leader_epoch);
    if epoch < part.leader_epoch && info.id == part.topic_id {
        // A broker that is behind the others tells what was.
        return;
    }
    part.topic_id = info.id;
    part.follow(known.map_or(-1, |known| known.leader), epoch);
}
