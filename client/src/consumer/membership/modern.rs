//! A member of a consumer group (KIP-848): the coordinator says in heartbeats what the member may read, the member says
//! what it has.
//!
//! What is not assigned any more is given up first, then what is new is taken, then the coordinator is told. Somebody else
//! gets a partition only after that.

mod member;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::{ConsumerGroupHeartbeatRequest, TopicPartitions},
    consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse,
};

use super::{Action, Failure, Request, Sought, has_moved, line::Line, lose};
use crate::consumer::partition::{Partitions, TopicPartition, by_topic};

/// A member that has joined and was assigned nothing asks soon again, a few times: coordinators share only now and then
/// (`group.consumer.assignment.interval.ms`), and its heartbeat interval is much longer.
const SOON_MS: i64 = 500;
const TIMES_SOON: u32 = 6;
const JOIN_EPOCH: i32 = 0;
const LEAVE_EPOCH: i32 = -1;
/// A static member says that it comes back.
const LEAVE_FOR_A_WHILE_EPOCH: i32 = -2;

/// What a member is told when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) group_id: Str,
    /// Made at random: the member's own name for itself.
    pub(crate) member_id: Str,
    pub(crate) instance_id: Option<Str>,
    pub(crate) topics: Vec<Str>,
    /// Also topics that match, which the coordinator finds.
    pub(crate) pattern: Option<Str>,
    /// What the coordinator is to share by; `None` for its default.
    pub(crate) assignor: Option<Str>,
    pub(crate) rack_id: Option<Str>,
    /// How long it may take to give partitions up.
    pub(crate) rebalance_timeout_ms: i32,
    pub(crate) backoff_ms: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A member, or about to be one.
    In,
    /// It says goodbye: for good, or until it is wanted again.
    Leaving { for_good: bool },
    /// Nobody takes its records.
    Away,
    /// It has left or failed.
    Over,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Modern {
    rules: Rules,
    phase: Phase,
    line: Line<Sent>,
    member_id: Str,
    /// 0 before it has joined.
    epoch: i32,
    /// What it may read, by topic id; `None` while the coordinator has not said.
    target: Option<BTreeMap<Uuid, BTreeSet<i32>>>,
    /// Topics by id, and their ids.
    names: BTreeMap<Uuid, Str>,
    ids: BTreeMap<Str, Uuid>,
    asks_names: bool,
    /// What is still not known then is asked for again: the brokers do not all know of it at once.
    next_names: Millis,
    owned: Partitions,
    /// What is being given up, while it is.
    revoking: Option<Partitions>,
    /// What the coordinator knows it to have; `None` when that is doubtful, and everything is to be said again.
    told: Option<Partitions>,
    next_heartbeat: Millis,
    /// How often it may still ask soon.
    times_soon: u32,
    todo: VecDeque<Action>,
}

/// What was said in the request under way.
#[derive(Debug)]
enum Sent {
    Heartbeat(Partitions),
    Goodbye,
}

impl Modern {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            line: Line::new(rules.backoff_ms),
            member_id: rules.member_id.clone(),
            rules,
            phase: Phase::In,
            epoch: JOIN_EPOCH,
            target: None,
            names: BTreeMap::new(),
            ids: BTreeMap::new(),
            asks_names: false,
            next_names: Millis(i64::MIN),
            owned: Partitions::new(),
            revoking: None,
            told: None,
            next_heartbeat: Millis(i64::MIN),
            times_soon: 0,
            todo: VecDeque::new(),
        }
    }

    /// The target as far as its topics are known by name.
    fn resolved(&self, target: &BTreeMap<Uuid, BTreeSet<i32>>) -> Partitions {
        let mut partitions = Partitions::new();
        for (topic, indexes) in target.iter().filter_map(|(id, indexes)| Some((self.names.get(id)?, indexes)))
        {
            partitions.extend(indexes.iter().map(|index| TopicPartition::new(topic.clone(), *index)));
        }
        partitions
    }

    /// Topics it may read and does not know by name.
    fn nameless(&self) -> BTreeSet<Uuid> {
        let ids = self.target.iter().flat_map(BTreeMap::keys);
        ids.filter(|id| !self.names.contains_key(*id)).copied().collect()
    }

    /// Whether the coordinator is to know at once what it has now.
    fn has_news(&self) -> bool {
        self.revoking.is_none() && self.told.as_ref() != Some(&self.owned)
    }

    /// One step from what it has to what it may have.
    fn reconcile(&mut self, now: Millis) {
        let Some(target) = self.target.as_ref().filter(|_| self.revoking.is_none()) else { return };
        let (wanted, nameless) = (self.resolved(target), self.nameless());
        if !nameless.is_empty() && now >= self.next_names && !std::mem::replace(&mut self.asks_names, true) {
            self.todo.push_back(Action::Count(Sought::Ids(nameless)));
        }
        let revoked: Partitions = self.owned.difference(&wanted).cloned().collect();
        if !revoked.is_empty() {
            self.revoking = Some(revoked.clone());
            self.todo.push_back(Action::Revoke(revoked));
            return;
        }
        // What a heartbeat says it has not the coordinator may give to another: nothing is taken before it has answered.
        if self.told.is_none() || self.line.is_waiting() {
            return;
        }
        let added: Partitions = wanted.difference(&self.owned).cloned().collect();
        if !added.is_empty() {
            self.owned.extend(added.iter().cloned());
            self.todo.push_back(Action::Assign(added));
        }
    }

    fn next_request(&mut self, now: Millis) -> Option<(Sent, Request)> {
        if matches!(self.phase, Phase::Leaving { .. }) {
            let for_a_while = self.rules.instance_id.is_some();
            let request = ConsumerGroupHeartbeatRequest {
                member_epoch: if for_a_while { LEAVE_FOR_A_WHILE_EPOCH } else { LEAVE_EPOCH },
                ..self.request()
            };
            return Some((Sent::Goodbye, Request::Modern(request)));
        }
        let has_news = self.has_news();
        if now < self.next_heartbeat && !has_news {
            return None;
        }
        let says_all = self.told.is_none();
        let mut request = self.request();
        if says_all {
            request.rack_id.clone_from(&self.rules.rack_id);
            request.rebalance_timeout_ms = self.rules.rebalance_timeout_ms;
            request.subscribed_topic_names = Some(self.rules.topics.clone());
            request.subscribed_topic_regex.clone_from(&self.rules.pattern);
            request.server_assignor.clone_from(&self.rules.assignor);
        }
        // What is being given up counts as given up only when it is.
        if says_all || has_news {
            request.topic_partitions = Some(self.by_id());
        }
        let said =
            if has_news || says_all { self.owned.clone() } else { self.told.clone().unwrap_or_default() };
        Some((Sent::Heartbeat(said), Request::Modern(request)))
    }

    fn request(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            group_id: self.rules.group_id.clone(),
            member_id: self.member_id.clone(),
            member_epoch: self.epoch,
            instance_id: self.rules.instance_id.clone(),
            rebalance_timeout_ms: -1,
            ..ConsumerGroupHeartbeatRequest::default()
        }
    }

    fn by_id(&self) -> Vec<TopicPartitions> {
        let topics = by_topic(self.owned.iter().map(|at| (at, ())));
        let part = |(topic, partitions): (Str, Vec<(i32, ())>)| {
            let partitions = partitions.into_iter().map(|(partition, ())| partition).collect();
            // What it has it was assigned by id.
            Some(TopicPartitions { topic_id: *self.ids.get(&topic)?, partitions })
        };
        topics.filter_map(part).collect()
    }

    fn on_heartbeat(&mut self, now: Millis, said: Partitions, response: ConsumerGroupHeartbeatResponse) {
        if response.error_code == ErrorCode::INVALID_REGULAR_EXPRESSION {
            let why = response.error_message.as_deref().unwrap_or_default();
            return self.fail(Failure::Pattern(why.to_owned()));
        }
        if !response.error_code.is_ok() {
            return self.on_refused(now, response.error_code);
        }
        if let Some(id) = response.member_id.filter(|id| !id.is_empty()) {
            self.member_id = Str::from(id.to_string());
        }
        if self.epoch == JOIN_EPOCH {
            self.times_soon = TIMES_SOON;
        }
        self.epoch = response.member_epoch;
        self.told = Some(said);
        self.next_heartbeat = now.plus(i64::from(response.heartbeat_interval_ms));
        if let Some(assignment) = response.assignment {
            let part = |of: ottla_wire::messages::consumer_group_heartbeat_response::TopicPartitions| {
                (of.topic_id, of.partitions.into_iter().collect())
            };
            self.target = Some(assignment.topic_partitions.into_iter().map(part).collect());
        }
        if self.target.as_ref().is_none_or(BTreeMap::is_empty) && self.times_soon > 0 {
            self.times_soon -= 1;
            self.next_heartbeat = self.next_heartbeat.min(now.plus(SOON_MS));
        }
    }

    fn on_refused(&mut self, now: Millis, code: ErrorCode) {
        // What of the request was taken is not known.
        self.told = None;
        match code {
            ErrorCode::UNKNOWN_MEMBER_ID | ErrorCode::FENCED_MEMBER_EPOCH => self.start_over(),
            // A classic group that does not make way, or a broker without these groups.
            ErrorCode::GROUP_ID_NOT_FOUND | ErrorCode::UNSUPPORTED_VERSION if self.epoch == JOIN_EPOCH => {
                self.fail(Failure::Unsupported);
            }
            ErrorCode::GROUP_ID_NOT_FOUND => self.start_over(),
            code if has_moved(code) => self.line.lose(now),
            code if code.is_retriable() => self.line.pause(now),
            code => self.fail(Failure::Refused(code)),
        }
    }

    fn lose_all(&mut self) {
        self.revoking = None;
        lose(&mut self.owned, &mut self.todo);
    }

    /// The place is lost; it joins again under the same name.
    fn start_over(&mut self) {
        self.lose_all();
        self.epoch = JOIN_EPOCH;
        self.target = None;
        self.told = None;
    }

    fn fail(&mut self, failure: Failure) {
        self.start_over();
        self.phase = Phase::Over;
        self.todo.push_back(Action::Fail(failure));
    }

    fn say_goodbye(&mut self, for_good: bool) {
        // Also where no answer has come yet: the name is its own.
        let may_be_member = self.line.has_asked();
        self.line.hang_up();
        self.start_over();
        self.phase = match (may_be_member, for_good) {
            (true, _) => Phase::Leaving { for_good },
            (false, true) => Phase::Over,
            (false, false) => Phase::Away,
        };
    }
}
