use std::collections::{BTreeMap, BTreeSet};

use ottla_types::{ErrorCode, Millis, Str};
use ottla_wire::messages::fetch_response::{FetchResponse, PartitionData};

use super::{
    Fetches, NEARER_MS, Stamped, Step, Trouble,
    isolation::Visible,
    lead,
    part::{At, Part, may_have_moved},
};
use crate::{
    TopicInfo,
    consumer::partition::{TopicPartition, Watermarks},
};

/// An offset with the epoch of the record before it, or where there is none.
pub(crate) type Found = Result<Option<(i64, i32)>, ErrorCode>;

impl Fetches {
    /// The cluster was asked about topics; those that are not among `infos` could not be told about.
    pub(crate) fn on_topics(&mut self, now: Millis, infos: &[TopicInfo]) {
        self.asks_topics = false;
        self.stale_from = now.plus(self.rules.backoff_ms);
        for info in infos {
            let name = Str::from(info.name.as_str());
            for (at, part) in self.parts.iter_mut().filter(|(at, _)| at.topic == name) {
                lead(part, info, at.partition);
            }
            self.topics.insert(name, info.clone());
        }
        let leaderless = self.parts.iter().filter(|(_, part)| part.leader < 0 && !part.closing);
        self.stale.extend(leaderless.map(|(at, _)| at.topic.clone()));
    }

    /// What the group has committed; `None` if that could not be found out.
    pub(crate) fn on_committed(
        &mut self,
        now: Millis,
        asked: &Stamped<()>,
        found: Option<&BTreeMap<TopicPartition, Found>>,
    ) {
        for (at, (stamp, ())) in asked {
            if self.part(at, *stamp, Step::Committed).is_none() {
                continue;
            }
            match found.map(|found| found.get(at).copied().unwrap_or(Ok(None))) {
                Some(Ok(Some((offset, epoch)))) => self.begin(at, offset, epoch),
                Some(Ok(None)) => self.reset(at, Trouble::NoOffset),
                Some(Err(code)) if !code.is_retriable() && code != ErrorCode::UNSTABLE_OFFSET_COMMIT => {
                    self.stop(at, Trouble::Refused(code));
                }
                Some(Err(_)) | None => self.ask_later(now, at, false),
            }
        }
    }

    /// Which offsets are at positions; partitions that are not in `found` could not be asked about.
    pub(crate) fn on_offsets(
        &mut self,
        now: Millis,
        asked: &Stamped<At>,
        found: &BTreeMap<TopicPartition, Found>,
    ) {
        for (at, (stamp, position)) in asked {
            if self.part(at, *stamp, Step::Offset(*position)).is_none() {
                continue;
            }
            match found.get(at) {
                Some(Ok(Some((offset, _)))) => self.begin(at, *offset, -1),
                // Nothing is as young as that: what comes next is.
                Some(Ok(None)) => self.restart(at, Step::Offset(At::Latest)),
                Some(Err(code)) if !code.is_retriable() => self.stop(at, Trouble::Refused(*code)),
                Some(Err(_)) | None => self.ask_later(now, at, true),
            }
        }
    }

    /// Where epochs end in the leader's log; `Ok(None)` where it does not say.
    pub(crate) fn on_epochs(
        &mut self,
        now: Millis,
        asked: &Stamped<(i32, i32)>,
        found: &BTreeMap<TopicPartition, Found>,
    ) {
        let resets = self.rules.reset.is_some();
        for (at, (stamp, _)) in asked {
            let Some(part) = self.part(at, *stamp, Step::Validate) else { continue };
            let (next, position) = (part.next, part.position);
            match found.get(at) {
                Some(Ok(Some((end, _)))) if *end < position && !resets => {
                    self.stop(at, Trouble::Truncated { position, diverges: *end });
                }
                // What is held from there on is of another history.
                Some(Ok(Some((end, _)))) if *end < next => self.begin(at, (*end).clamp(0, position), -1),
                Some(Ok(_)) => {
                    part.step = Step::Read;
                    part.asks = false;
                }
                Some(Err(code)) if !code.is_retriable() => self.stop(at, Trouble::Refused(*code)),
                Some(Err(_)) | None => self.ask_later(now, at, true),
            }
        }
    }

    /// A fetch was answered, or will not be.
    pub(crate) fn on_fetched(&mut self, now: Millis, node: i32, response: Option<FetchResponse>) {
        let Some(session) = self.sessions.get_mut(&node) else { return };
        let Some(response) = response else {
            session.reset();
            return self.on_lost(now, node);
        };
        if !session.on_answer(response.error_code, response.session_id) {
            return;
        }
        let named: BTreeSet<i32> = response.node_endpoints.iter().map(|endpoint| endpoint.node_id).collect();
        for topic in response.responses {
            let Some(name) = self.sessions[&node].name_of(&topic.topic, topic.topic_id) else { continue };
            for data in topic.partitions {
                let at = TopicPartition { topic: name.clone(), partition: data.partition_index };
                let leader =
                    new_leader(&data).filter(|(leader, _)| *leader == node || named.contains(leader));
                self.on_partition(now, (node, leader), &at, data);
            }
        }
    }

    /// Whoever was asked says who leads now (KIP-951): that one is asked at once. The cluster is asked all the same, as others
    /// may have moved too.
    fn follow(&mut self, now: Millis, at: &TopicPartition, leader: i32, epoch: i32) {
        if let Some(part) = self.parts.get_mut(at).filter(|part| epoch > part.leader_epoch) {
            part.follow(leader, epoch);
            part.not_before = now;
        }
    }

    /// The broker is gone, for a while or for good: somebody else may lead.
    fn on_lost(&mut self, now: Millis, node: i32) {
        for (at, part) in &mut self.parts {
            if part.node(now) == Some(node) && part.step == Step::Read {
                part.not_before = now.plus(self.rules.backoff_ms);
                part.nearer = None;
                self.stale.insert(at.topic.clone());
            }
        }
    }

    /// What a broker says of a partition; with the leader it names instead of itself, and its epoch.
    fn on_partition(
        &mut self,
        now: Millis,
        (node, leader): (i32, Option<(i32, i32)>),
        at: &TopicPartition,
        data: PartitionData,
    ) {
        let Some(asked) = self.sessions.get(&node).and_then(|session| session.asked(at)).copied() else {
            return;
        };
        let Some(part) = self.part(at, asked.stamp, Step::Read).filter(|part| part.next == asked.offset)
        else {
            return;
        };
        let is_nearer = part.nearer.is_some_and(|(nearer, _)| nearer == node);
        match data.error_code {
            ErrorCode::NONE => {
                part.watermarks.raise(Watermarks {
                    log_start_offset: data.log_start_offset,
                    last_stable_offset: data.last_stable_offset,
                    high_watermark: data.high_watermark,
                });
                if data.preferred_read_replica >= 0 && data.preferred_read_replica != node {
                    part.nearer = Some((data.preferred_read_replica, now.plus(NEARER_MS)));
                }
                self.keep(at, data);
            }
            // A follower may not have it yet; the leader knows.
            ErrorCode::OFFSET_OUT_OF_RANGE if is_nearer => part.nearer = None,
            ErrorCode::OFFSET_OUT_OF_RANGE => self.reset(at, Trouble::OutOfRange(asked.offset)),
            code if may_have_moved(code) => {
                self.ask_later(now, at, true);
                if let Some((leader, epoch)) = leader {
                    self.follow(now, at, leader, epoch);
                }
            }
            code if code.is_retriable() || code == ErrorCode::UNKNOWN_SERVER_ERROR => {
                self.ask_later(now, at, false);
            }
            code => self.stop(at, Trouble::Refused(code)),
        }
    }

    /// Keeps the batches of a partition that are to be read.
    fn keep(&mut self, at: &TopicPartition, data: PartitionData) {
        let Some(part) = self.parts.get_mut(at) else { return };
        let bytes = data.records.map(ottla_wire::Records::into_memory).unwrap_or_default();
        for batch in Visible::new(bytes, data.aborted_transactions.unwrap_or_default()) {
            let (batch, is_read) = match batch {
                Ok(batch) => batch,
                Err(source) => {
                    let offset = part.next;
                    return self.stop(at, Trouble::Corrupt { offset, source });
                }
            };
            let (header, size) = (batch.header(), batch.bytes().len());
            // The first batch may begin before what was asked for.
            if header.next_offset() <= part.next {
                continue;
            }
            part.next = header.next_offset();
            part.last_epoch = header.partition_leader_epoch;
            if is_read {
                part.bytes += size;
                self.buffered += size;
                part.ready.push_back(batch);
            }
        }
        if part.ready.is_empty() {
            part.position = part.next;
        }
    }

    /// A partition whose question this is.
    fn part(&mut self, at: &TopicPartition, stamp: u64, step: Step) -> Option<&mut Part> {
        self.parts.get_mut(at).filter(|part| part.stamp == stamp && part.step == step)
    }

    fn ask_later(&mut self, now: Millis, at: &TopicPartition, elsewhere: bool) {
        if let Some(part) = self.parts.get_mut(at) {
            part.asks = false;
            part.not_before = now.plus(self.rules.backoff_ms);
            if elsewhere {
                part.nearer = None;
                self.stale.insert(at.topic.clone());
            }
        }
    }

    /// There is no offset to go on from: by policy from another.
    fn reset(&mut self, at: &TopicPartition, trouble: Trouble) {
        match self.rules.reset {
            Some(position) => self.restart(at, Step::Offset(position)),
            None => self.stop(at, trouble),
        }
    }

    fn stop(&mut self, at: &TopicPartition, trouble: Trouble) {
        if let Some(part) = self.parts.get_mut(at) {
            part.stop(trouble);
        }
    }
}

/// The leader and its epoch, where the broker that was asked is not the one and knows who is.
fn new_leader(data: &PartitionData) -> Option<(i32, i32)> {
    let moved = matches!(data.error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH);
    let leader = &data.current_leader;
    (moved && leader.leader_id >= 0).then_some((leader.leader_id, leader.leader_epoch))
}
