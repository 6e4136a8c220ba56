//! For tests of members: Ottla's own group coordinator, behind a network that loses, repeats and delays.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use ottla_coordinator::{
    Effects, Machine, Ticket,
    group::{
        Command, ConsumerHeartbeat, Groups, Heartbeat, HeartbeatReply, JoinGroup, LeaveGroup, LeavingMember,
        Metadata, Protocol, Record, Reply, Settings, SyncGroup, Topic,
    },
};
use ottla_types::{Millis, Str, Uuid};
use ottla_wire::messages::{
    consumer_group_heartbeat_request::{self, ConsumerGroupHeartbeatRequest},
    consumer_group_heartbeat_response::{Assignment, ConsumerGroupHeartbeatResponse, TopicPartitions},
    join_group_response::{JoinGroupResponse, JoinGroupResponseMember},
    sync_group_response::SyncGroupResponse,
};

use super::{Answer, Counted, Counts, Request, Sought};

pub(super) const GROUP: Str = Str::from_static("g");

/// Who asked, and with which ticket of theirs.
pub(super) type Caller = (usize, u64);

/// A coordinator with its log.
pub(super) struct Coordinator {
    groups: Groups,
    log: Vec<Record>,
    settings: Settings,
    metadata: Arc<Metadata>,
    callers: HashMap<Ticket, Caller>,
    tickets: u64,
    /// Answers on their way.
    pub(super) answers: Vec<(Caller, Answer)>,
}

impl Coordinator {
    pub(super) fn new(topics: &BTreeMap<Str, i32>, now: Millis) -> Self {
        let settings =
            Settings { min_session_timeout_ms: 1000, initial_rebalance_delay_ms: 300, ..Settings::default() };
        let metadata = Arc::new(cluster(1, topics));
        let mut groups = Groups::with_metadata(settings.clone(), Arc::clone(&metadata));
        let effects = groups.loaded(now);
        let (log, callers) = (Vec::new(), HashMap::new());
        let mut new = Self { groups, log, settings, metadata, callers, tickets: 0, answers: Vec::new() };
        new.apply(effects);
        new
    }

    /// A crash: who waits for an answer does so in vain.
    pub(super) fn restart(&mut self, now: Millis) {
        self.groups = Groups::with_metadata(self.settings.clone(), Arc::clone(&self.metadata));
        self.log.iter().for_each(|record| self.groups.replay(record));
        let lost: Vec<_> = self.callers.drain().map(|(_, caller)| (caller, Answer::Lost)).collect();
        self.answers.extend(lost);
        let effects = self.groups.loaded(now);
        self.apply(effects);
    }

    pub(super) fn change_topics(&mut self, now: Millis, topics: &BTreeMap<Str, i32>) {
        self.metadata = Arc::new(cluster(self.metadata.version + 1, topics));
        let command = Command::MetadataChanged(Arc::clone(&self.metadata));
        self.tickets += 1;
        let effects = self.groups.step(now, Ticket(self.tickets), command);
        self.apply(effects);
    }

    pub(super) fn tick(&mut self, now: Millis) {
        while self.groups.deadline().is_some_and(|due| due <= now) {
            let effects = self.groups.tick(now);
            self.apply(effects);
        }
    }

    pub(super) fn ask(&mut self, now: Millis, caller: Caller, request: Request) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.callers.insert(ticket, caller);
        let fresh_id = Uuid::from_u128(u128::from(self.tickets));
        let effects = self.groups.step(now, ticket, command(request, fresh_id));
        self.apply(effects);
    }

    /// The ids of the members there are.
    pub(super) fn members(&mut self, now: Millis) -> BTreeSet<Str> {
        self.tickets += 1;
        let mut members = BTreeSet::new();
        for command in [Command::DescribeGroups(vec![GROUP]), Command::DescribeConsumerGroups(vec![GROUP])] {
            let effects = self.groups.step(now, Ticket(self.tickets), command);
            match effects.replies.into_iter().next() {
                Some((_, Reply::Describe(groups))) => {
                    let known = groups.into_iter().flat_map(|group| group.members);
                    members.extend(known.map(|member| member.member_id));
                }
                Some((_, Reply::DescribeConsumer(groups))) => {
                    let known = groups.into_iter().filter_map(|(_, group)| group.ok());
                    members.extend(known.flat_map(|group| group.members).map(|member| member.member_id));
                }
                other => panic!("not a description: {other:?}"),
            }
        }
        members
    }

    /// What the cluster says of topics.
    pub(super) fn counts(&self, sought: &Sought) -> Counts {
        let is_sought = |topic: &&Topic| match sought {
            Sought::Topics(names) => names.contains(&topic.name),
            Sought::Ids(ids) => ids.contains(&topic.id),
            Sought::All => true,
        };
        let counted = |topic: &Topic| {
            let internal = topic.name.starts_with("__");
            let counted = Counted { id: topic.id, partitions: topic.partitions, racks: Vec::new(), internal };
            (topic.name.clone(), counted)
        };
        self.metadata.topics().filter(is_sought).map(counted).collect()
    }

    fn apply(&mut self, effects: Effects<Groups>) {
        for record in effects.records {
            self.groups.replay(&record);
            self.log.push(record);
        }
        for (ticket, reply) in effects.replies {
            if let Some(caller) = self.callers.remove(&ticket) {
                self.answers.push((caller, answer(reply)));
            }
        }
    }
}

fn cluster(version: i64, topics: &BTreeMap<Str, i32>) -> Metadata {
    let topic = |(name, count): (&Str, &i32)| {
        // One that is made later changes no other's.
        let id = Uuid::from_u128(name.bytes().fold(0, |id, byte| id << 8 | u128::from(byte)));
        Arc::new(Topic::new(name.clone(), id, &vec![Vec::new(); usize::try_from(*count).unwrap_or_default()]))
    };
    Metadata::new(version, topics.iter().map(topic), Arc::default())
}

fn command(request: Request, fresh_id: Uuid) -> Command {
    match request {
        Request::Join(join) => Command::Join(JoinGroup {
            group_id: join.group_id,
            member_id: join.member_id,
            instance_id: join.group_instance_id,
            client_id: Str::from_static("c"),
            client_host: Str::from_static("/127.0.0.1"),
            session_timeout_ms: join.session_timeout_ms,
            rebalance_timeout_ms: join.rebalance_timeout_ms,
            protocol_type: join.protocol_type,
            protocols: join
                .protocols
                .into_iter()
                .map(|of| Protocol { name: of.name, metadata: of.metadata })
                .collect(),
            fresh_id,
            requires_known_member_id: true,
            supports_skip_assignment: true,
        }),
        Request::Sync(sync) => Command::Sync(SyncGroup {
            group_id: sync.group_id,
            generation: sync.generation_id,
            member_id: sync.member_id,
            instance_id: sync.group_instance_id,
            protocol_type: sync.protocol_type,
            protocol_name: sync.protocol_name,
            assignments: sync.assignments.into_iter().map(|of| (of.member_id, of.assignment)).collect(),
        }),
        Request::Heartbeat(heartbeat) => Command::Heartbeat(Heartbeat {
            group_id: heartbeat.group_id,
            generation: heartbeat.generation_id,
            member_id: heartbeat.member_id,
            instance_id: heartbeat.group_instance_id,
        }),
        Request::Modern(heartbeat) => Command::ConsumerHeartbeat(modern(heartbeat, fresh_id)),
        Request::Leave(leave) => Command::Leave(LeaveGroup {
            group_id: leave.group_id,
            members: leave
                .members
                .into_iter()
                .map(|of| LeavingMember { member_id: of.member_id, instance_id: of.group_instance_id })
                .collect(),
        }),
    }
}

fn modern(heartbeat: ConsumerGroupHeartbeatRequest, fresh_id: Uuid) -> ConsumerHeartbeat {
    let owned = |of: Vec<consumer_group_heartbeat_request::TopicPartitions>| {
        of.into_iter().map(|of| (of.topic_id, of.partitions)).collect()
    };
    ConsumerHeartbeat {
        group_id: heartbeat.group_id,
        member_id: heartbeat.member_id,
        member_epoch: heartbeat.member_epoch,
        instance_id: heartbeat.instance_id,
        rack_id: heartbeat.rack_id,
        rebalance_timeout_ms: heartbeat.rebalance_timeout_ms,
        topics: heartbeat.subscribed_topic_names,
        regex: heartbeat.subscribed_topic_regex,
        assignor: heartbeat.server_assignor,
        owned: heartbeat.topic_partitions.map(owned),
        client_id: Str::from_static("c"),
        client_host: Str::from_static("/127.0.0.1"),
        fresh_id,
        brings_member_id: true,
    }
}

fn told(reply: HeartbeatReply) -> ConsumerGroupHeartbeatResponse {
    let part = |(topic_id, partitions): (Uuid, BTreeSet<i32>)| TopicPartitions {
        topic_id,
        partitions: partitions.into_iter().collect(),
    };
    let assignment =
        |of: ottla_assign::Partitions| Assignment { topic_partitions: of.into_iter().map(part).collect() };
    ConsumerGroupHeartbeatResponse {
        member_id: Some(reply.member_id),
        member_epoch: reply.member_epoch,
        heartbeat_interval_ms: reply.heartbeat_interval_ms,
        assignment: reply.assignment.map(assignment),
        ..ConsumerGroupHeartbeatResponse::default()
    }
}

fn answer(reply: Reply) -> Answer {
    match reply {
        Reply::Join(join) => Answer::Join(JoinGroupResponse {
            error_code: join.error,
            generation_id: join.generation,
            protocol_type: join.protocol_type,
            protocol_name: join.protocol_name,
            leader: join.leader,
            skip_assignment: join.skip_assignment,
            member_id: join.member_id,
            members: join
                .members
                .into_iter()
                .map(|of| JoinGroupResponseMember {
                    member_id: of.member_id,
                    group_instance_id: of.instance_id,
                    metadata: of.metadata,
                })
                .collect(),
            ..JoinGroupResponse::default()
        }),
        Reply::Sync(sync) => Answer::Sync(SyncGroupResponse {
            error_code: sync.error,
            protocol_type: sync.protocol_type,
            protocol_name: sync.protocol_name,
            assignment: sync.assignment,
            ..SyncGroupResponse::default()
        }),
        Reply::Heartbeat(code) => Answer::Heartbeat(code),
        Reply::Leave(_) => Answer::Leave,
        Reply::ConsumerHeartbeat(Ok(reply)) => Answer::Modern(told(reply)),
        Reply::ConsumerHeartbeat(Err(refused)) => Answer::Modern(ConsumerGroupHeartbeatResponse {
            error_code: refused.code,
            error_message: Some(refused.message),
            ..ConsumerGroupHeartbeatResponse::default()
        }),
        other => panic!("no member asked for {other:?}"),
    }
}
