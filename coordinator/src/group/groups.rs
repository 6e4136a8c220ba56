use super::{
    Settings,
    classic::{ClassicGroup, State, Turn},
    command::{Command, Heartbeat, JoinGroup, LeaveGroup, SyncGroup},
    consumer::Watch,
    durable::Durable,
    metadata::Metadata,
    record::Record,
    reply::{JoinReply, LeaveReply, LeftMember, Reply, SyncReply},
    timers::{Timer, Timers},
};
use crate::{Effects, Machine, Ticket};
use ottla_types::{ErrorCode, Millis, Str};
use std::{collections::BTreeMap, sync::Arc};

/// The coordinator of one `__consumer_offsets` partition: its groups and all committed offsets.
#[derive(Debug, Default)]
pub struct Groups {
    pub(super) settings: Settings,
    pub(super) durable: Durable,
    /// The cluster as it is known here.
    pub(super) metadata: Arc<Metadata>,
    /// The version of the metadata that last brought new topics.
    pub(super) topics_since: i64,
    /// Every classic group that exists, loaded ones included. Volatile.
    pub(super) live: BTreeMap<Str, ClassicGroup>,
    /// What is known of consumer groups beside the log. Volatile.
    pub(super) watches: BTreeMap<Str, Watch>,
    pub(super) timers: Timers,
    /// When offsets are next checked for expiry; `None` until loaded.
    pub(super) next_sweep: Option<Millis>,
}

impl Groups {
    /// An empty coordinator, ready to replay.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// As [`new`](Self::new), in a cluster like this.
    #[must_use]
    pub fn with_metadata(settings: Settings, metadata: Arc<Metadata>) -> Self {
        Self { topics_since: metadata.version, metadata, ..Self::new(settings) }
    }

    /// What the log says, for metrics and tests.
    #[must_use]
    pub fn durable(&self) -> &Durable {
        &self.durable
    }

    /// How many groups there are.
    #[must_use]
    pub fn group_count(&self) -> usize {
        self.live.len() + self.durable.consumer_groups().count()
    }

    /// How many classic groups are in each state, in the order of [`State::ALL`].
    #[must_use]
    pub fn count_by_state(&self) -> [usize; 4] {
        State::ALL.map(|state| self.live.values().filter(|group| group.state == state).count())
    }

    /// Runs `act` on a group with all it needs around it.
    pub(super) fn with_group<T>(
        &mut self,
        group_id: &str,
        now: Millis,
        effects: &mut Effects<Self>,
        act: impl FnOnce(&mut ClassicGroup, &mut Turn<'_>) -> T,
    ) -> Option<T> {
        let group = self.live.get_mut(group_id)?;
        let mut turn = Turn { now, settings: &self.settings, timers: &mut self.timers, effects };
        Some(act(group, &mut turn))
    }

    fn join(&mut self, now: Millis, ticket: Ticket, request: JoinGroup) -> Effects<Self> {
        let refuse =
            |error| Effects::reply(ticket, Reply::Join(JoinReply::failed(&request.member_id, error)));
        if request.group_id.is_empty() {
            return refuse(ErrorCode::INVALID_GROUP_ID);
        }
        if !(self.settings.min_session_timeout_ms..=self.settings.max_session_timeout_ms)
            .contains(&request.session_timeout_ms)
        {
            return refuse(ErrorCode::INVALID_SESSION_TIMEOUT);
        }
        if self.durable.consumer_group(&request.group_id).is_some_and(|group| !group.is_empty()) {
            return self.join_consumer_group(now, ticket, &request);
        }
        let is_new = !self.live.contains_key(&request.group_id);
        let mut effects = Effects::default();
        if is_new {
            if !request.member_id.is_empty() {
                return refuse(ErrorCode::UNKNOWN_MEMBER_ID);
            }
            // An empty consumer group makes way.
            effects.records = self.consumer_obituary(&request.group_id);
            self.create(&request.group_id, now);
        }
        let made_way = effects.records.len();
        let group_id = request.group_id.clone();
        self.with_group(&group_id, now, &mut effects, |group, turn| {
            group.join(turn, ticket, request);
            // The group must survive a restart from its first member on: clients hold ids it has given out.
            if is_new && turn.effects.records.len() == made_way {
                turn.effects.records.push(group.empty_record());
            }
        });
        effects
    }

    pub(super) fn create(&mut self, group_id: &Str, now: Millis) {
        let id = Str::from(group_id.to_string());
        self.live.insert(id.clone(), ClassicGroup::empty(id, now));
    }

    fn sync(&mut self, now: Millis, ticket: Ticket, request: &SyncGroup) -> Effects<Self> {
        if self.durable.consumer_group(&request.group_id).is_some() {
            return self.sync_consumer_group(now, ticket, request);
        }
        let error = if request.group_id.is_empty() {
            ErrorCode::INVALID_GROUP_ID
        } else {
            ErrorCode::UNKNOWN_MEMBER_ID
        };
        let mut effects = Effects::default();
        let known = self.with_group(&request.group_id, now, &mut effects, |group, turn| {
            group.sync(turn, ticket, request)
        });
        match known {
            Some(()) if !request.group_id.is_empty() => effects,
            _ => Effects::reply(ticket, Reply::Sync(SyncReply::failed(error))),
        }
    }

    fn heartbeat(&mut self, now: Millis, ticket: Ticket, request: &Heartbeat) -> Effects<Self> {
        if self.durable.consumer_group(&request.group_id).is_some() {
            return self.heartbeat_consumer_group(now, ticket, request);
        }
        if request.group_id.is_empty() {
            return Effects::reply(ticket, Reply::Heartbeat(ErrorCode::INVALID_GROUP_ID));
        }
        let mut effects = Effects::default();
        let answer = self
            .with_group(&request.group_id, now, &mut effects, |group, turn| group.heartbeat(turn, request));
        effects.replies.push((ticket, Reply::Heartbeat(answer.unwrap_or(ErrorCode::UNKNOWN_MEMBER_ID))));
        effects
    }

    fn leave(&mut self, now: Millis, ticket: Ticket, request: &LeaveGroup) -> Effects<Self> {
        let mut reply = LeaveReply { error: ErrorCode::NONE, members: Vec::new() };
        let mut effects = Effects::default();
        if request.group_id.is_empty() {
            reply.error = ErrorCode::INVALID_GROUP_ID;
        } else if self.durable.consumer_group(&request.group_id).is_some() {
            let (group_id, members) = (&request.group_id, &request.members);
            reply.members = self.leave_consumer_group_classically(now, group_id, members, &mut effects);
        } else {
            let left = self.with_group(&request.group_id, now, &mut effects, |group, turn| {
                group.leave(turn, &request.members)
            });
            reply.members = left.unwrap_or_else(|| {
                let unknown = |member: &super::command::LeavingMember| LeftMember {
                    member_id: member.member_id.clone(),
                    instance_id: member.instance_id.clone(),
                    error: ErrorCode::UNKNOWN_MEMBER_ID,
                };
                request.members.iter().map(unknown).collect()
            });
        }
        effects.replies.push((ticket, Reply::Leave(reply)));
        effects
    }

    fn expire(&mut self, timer: Timer, due: &mut Due, now: Millis, effects: &mut Effects<Self>) {
        match timer {
            Timer::Join(group_id) => {
                self.with_group(&group_id, now, effects, |group, turn| group.on_join_timer(turn));
            }
            Timer::Sync(group_id) => {
                self.with_group(&group_id, now, effects, |group, turn| group.on_sync_timer(turn));
            }
            Timer::Session(group_id, member_id) => {
                let expire =
                    |group: &mut ClassicGroup, turn: &mut Turn<'_>| group.on_session_timer(turn, &member_id);
                self.with_group(&group_id, now, effects, expire);
            }
            Timer::ConsumerRebalance(group_id, member_id) if !self.is_overdue(&group_id, &member_id) => {}
            Timer::ConsumerSession(group_id, member_id)
            | Timer::ConsumerRebalance(group_id, member_id)
            | Timer::ConsumerJoin(group_id, member_id)
            | Timer::ConsumerSync(group_id, member_id) => {
                let members = due.members.entry(group_id).or_default();
                if !members.contains(&member_id) {
                    members.push(member_id);
                }
            }
            Timer::Regex(group_id) => due.regexes.push(group_id),
        }
    }
}

/// What one tick finds due of consumer groups: of each group everything at once, for its state does not change within.
#[derive(Debug, Default)]
struct Due {
    /// Members to take out.
    members: BTreeMap<Str, Vec<Str>>,
    /// Groups whose regular expressions are to be resolved.
    regexes: Vec<Str>,
}

impl Machine for Groups {
    type Command = Command;
    type Reply = Reply;
    type Record = Record;

    fn step(&mut self, now: Millis, ticket: Ticket, command: Command) -> Effects<Self> {
        match command {
            Command::Join(request) => self.join(now, ticket, request),
            Command::Sync(request) => self.sync(now, ticket, &request),
            Command::Heartbeat(request) => self.heartbeat(now, ticket, &request),
            Command::Leave(request) => self.leave(now, ticket, &request),
            Command::CommitOffsets(request) => self.commit_offsets(now, ticket, &request),
            Command::EndTransaction(request) => {
                let mut effects = Effects::reply(ticket, Reply::Done);
                let (producer_id, _) = request.producer;
                effects.records.push(Record::TransactionEnd { producer_id, committed: request.committed });
                effects
            }
            Command::FetchOffsets(request) => {
                Effects::reply(ticket, Reply::Fetch(self.fetch_offsets(&request)))
            }
            Command::DeleteOffsets(request) => self.delete_offsets(ticket, &request),
            Command::DeleteGroups(groups) => self.delete_groups(ticket, groups),
            Command::DescribeGroups(groups) => {
                Effects::reply(ticket, Reply::Describe(self.describe_groups(&groups)))
            }
            Command::ConsumerHeartbeat(request) => self.consumer_heartbeat(now, ticket, &request),
            Command::DescribeConsumerGroups(groups) => {
                Effects::reply(ticket, self.describe_consumer_groups(groups))
            }
            Command::MetadataChanged(metadata) => {
                self.metadata_changed(metadata);
                Effects::reply(ticket, Reply::Done)
            }
            Command::ListGroups(request) => Effects::reply(ticket, Reply::List(self.list_groups(&request))),
            Command::TopicsDeleted(topics) => self.topics_deleted(ticket, &topics),
            Command::ChangeSettings(settings) => {
                self.settings = settings;
                Effects::reply(ticket, Reply::Done)
            }
        }
    }

    fn tick(&mut self, now: Millis) -> Effects<Self> {
        let mut effects = Effects::default();
        let mut due = Due::default();
        while let Some(timer) = self.timers.pop_due(now) {
            self.expire(timer, &mut due, now, &mut effects);
        }
        self.expire_consumers(now, &due.members, due.regexes, &mut effects);
        if self.next_sweep.is_some_and(|at| at <= now) {
            self.sweep(now, &mut effects);
        }
        effects
    }

    fn replay(&mut self, record: &Record) {
        self.durable.apply(record);
        if let Record::Group { group_id, value: None } = record
            && let Some(group) = self.live.remove(group_id)
        {
            group.cancel_timers(&mut self.timers);
        }
        if let Record::Consumer { group_id, .. } = record
            && self.durable.consumer_group(group_id).is_none()
        {
            self.watches.remove(group_id);
        }
    }

    fn deadline(&self) -> Option<Millis> {
        self.timers.next().into_iter().chain(self.next_sweep).min()
    }

    fn loaded(&mut self, now: Millis) -> Effects<Self> {
        let mut effects = Effects::default();
        for group_id in self.durable.classic_group_ids() {
            let group = match self.durable.group(&group_id) {
                Some(persisted) => ClassicGroup::from_persisted(group_id.clone(), persisted),
                None => ClassicGroup::empty(group_id.clone(), now),
            };
            self.live.insert(group_id.clone(), group);
            self.with_group(&group_id, now, &mut effects, |group, turn| group.on_loaded(turn));
        }
        self.watch_loaded(now);
        self.next_sweep = Some(now.plus(self.settings.retention_check_interval_ms));
        effects
    }
}
