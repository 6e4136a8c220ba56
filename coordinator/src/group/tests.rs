//! Tables of the rules, with virtual time, and random commands against the invariants.

mod commits;
mod consumers;
mod expiry;
mod format;
mod joining;
mod migration;
mod random;
mod replay;
mod schedules;
mod statics;
mod syncing;
mod transactions;

use super::*;
use crate::{
    Machine, Ticket,
    testing::{Replayable, Rig},
};
use bytes::Bytes;
use ottla_types::{ErrorCode, Millis, Str, Uuid};

impl Replayable for Groups {
    type State = Durable;
    type Key = (Option<OffsetKey>, Str);

    fn durable_state(&self) -> Durable {
        self.durable.clone()
    }

    fn compaction_key(record: &Record) -> Option<Self::Key> {
        match record {
            // The cleaner leaves what open transactions wrote alone until they end; so does this picture of it.
            Record::Offset { producer_id: Some(_), .. } | Record::TransactionEnd { .. } => None,
            Record::Offset { key, .. } => Some((Some(key.clone()), key.group_id.clone())),
            Record::Group { group_id, .. } => Some((None, group_id.clone())),
            Record::Consumer { group_id, record } => {
                let key = match record {
                    ConsumerRecord::Epoch(_) => "3".to_owned(),
                    ConsumerRecord::PartitionMetadata(_) => "4".to_owned(),
                    ConsumerRecord::Member { member_id, .. } => format!("5 {member_id}"),
                    ConsumerRecord::TargetEpoch(_) => "6".to_owned(),
                    ConsumerRecord::Target { member_id, .. } => format!("7 {member_id}"),
                    ConsumerRecord::Current { member_id, .. } => format!("8 {member_id}"),
                    ConsumerRecord::Regex { regex, .. } => format!("16 {regex}"),
                };
                Some((None, Str::from(format!("{group_id} {key}"))))
            }
            Record::Unknown { key, .. } => Some((None, Str::from(format!("{key:?}")))),
        }
    }

    fn is_tombstone(record: &Record) -> bool {
        let consumer = |record: &ConsumerRecord| {
            matches!(
                record,
                ConsumerRecord::Epoch(None)
                    | ConsumerRecord::PartitionMetadata(false)
                    | ConsumerRecord::Member { value: None, .. }
                    | ConsumerRecord::TargetEpoch(None)
                    | ConsumerRecord::Target { value: None, .. }
                    | ConsumerRecord::Current { value: None, .. }
                    | ConsumerRecord::Regex { value: None, .. }
            )
        };
        match record {
            Record::Group { value, .. } => value.is_none(),
            Record::Offset { value, .. } => value.is_none(),
            Record::Consumer { record, .. } => consumer(record),
            Record::TransactionEnd { .. } | Record::Unknown { .. } => false,
        }
    }
}

const MINUTE: i64 = 60_000;
const SESSION: i32 = 10_000;
const REBALANCE: i32 = 60_000;

/// A coordinator on virtual time.
struct Bench<F: Fn() -> Groups> {
    rig: Rig<Groups, F>,
    now: Millis,
    ids: u128,
}

fn bench() -> Bench<impl Fn() -> Groups> {
    bench_with(Settings::default())
}

fn bench_with(settings: Settings) -> Bench<impl Fn() -> Groups> {
    bench_of(move || Groups::new(settings.clone()))
}

fn bench_of<F: Fn() -> Groups>(fresh: F) -> Bench<F> {
    let now = Millis(1_000_000);
    Bench { rig: Rig::new(fresh, now), now, ids: 0 }
}

fn text(value: &str) -> Str {
    Str::from(value.to_owned())
}

fn subscription(topics: &[&str]) -> Bytes {
    let mut bytes = vec![0, 1];
    bytes.extend(u32::try_from(topics.len()).unwrap().to_be_bytes());
    for topic in topics {
        bytes.extend(u16::try_from(topic.len()).unwrap().to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    // No data of its own, no partitions.
    bytes.extend((-1_i32).to_be_bytes());
    bytes.extend(0_i32.to_be_bytes());
    Bytes::from(bytes)
}

fn protocols(names: &[&str]) -> Vec<Protocol> {
    names.iter().map(|name| Protocol { name: text(name), metadata: subscription(&["t"]) }).collect()
}

fn request(group_id: &str, member_id: &Str) -> JoinGroup {
    JoinGroup {
        group_id: text(group_id),
        member_id: member_id.clone(),
        client_id: text("c"),
        client_host: text("/127.0.0.1"),
        session_timeout_ms: SESSION,
        rebalance_timeout_ms: REBALANCE,
        protocol_type: text("consumer"),
        protocols: protocols(&["range"]),
        requires_known_member_id: true,
        supports_skip_assignment: true,
        ..JoinGroup::default()
    }
}

impl<F: Fn() -> Groups> Bench<F> {
    fn submit(&mut self, command: Command) -> Ticket {
        let ticket = self.rig.submit(self.now, command);
        self.rig.assert_replay_equal();
        ticket
    }

    fn ask(&mut self, command: Command) -> Reply {
        let ticket = self.submit(command);
        self.rig.take(ticket).expect("answered at once")
    }

    fn pass(&mut self, ms: i64) {
        self.now = self.now.plus(ms);
        self.rig.run_until(self.now);
        self.rig.assert_replay_equal();
    }

    fn restart(&mut self) {
        self.rig.restart(self.now);
    }

    fn send_join(&mut self, mut join: JoinGroup) -> Ticket {
        self.ids += 1;
        join.fresh_id = Uuid::from_u128(self.ids);
        self.submit(Command::Join(join))
    }

    fn joined(&mut self, ticket: Ticket) -> JoinReply {
        match self.rig.take(ticket) {
            Some(Reply::Join(reply)) => reply,
            other => panic!("{ticket:?} is not a finished join: {other:?}"),
        }
    }

    fn ask_join(&mut self, join: JoinGroup) -> JoinReply {
        let ticket = self.send_join(join);
        self.joined(ticket)
    }

    /// The id a new dynamic member of the group is given.
    fn member_id(&mut self, group_id: &str) -> Str {
        let reply = self.ask_join(request(group_id, &Str::new()));
        assert_eq!(reply.error, ErrorCode::MEMBER_ID_REQUIRED);
        reply.member_id
    }

    fn send_sync(
        &mut self,
        group_id: &str,
        joined: &JoinReply,
        assignments: &[(&Str, &'static str)],
    ) -> Ticket {
        let assignments = assignments
            .iter()
            .map(|(member, bytes)| ((*member).clone(), Bytes::from_static(bytes.as_bytes())))
            .collect();
        self.submit(Command::Sync(SyncGroup {
            group_id: text(group_id),
            generation: joined.generation,
            member_id: joined.member_id.clone(),
            assignments,
            ..SyncGroup::default()
        }))
    }

    fn synced(&mut self, ticket: Ticket) -> SyncReply {
        match self.rig.take(ticket) {
            Some(Reply::Sync(reply)) => reply,
            other => panic!("{ticket:?} is not a finished sync: {other:?}"),
        }
    }

    /// A stable group of `size` dynamic members; the leader comes first.
    fn stable(&mut self, group_id: &str, size: usize) -> Vec<JoinReply> {
        let ids: Vec<Str> = (0..size).map(|_| self.member_id(group_id)).collect();
        let tickets: Vec<Ticket> = ids.iter().map(|id| self.send_join(request(group_id, id))).collect();
        while !tickets.iter().all(|ticket| self.rig.replies.contains_key(ticket)) {
            self.pass(1_000);
        }
        self.settle(group_id, tickets)
    }

    /// Takes finished joins, syncs everybody with the assignment `a`, and returns the joins, the leader's first.
    fn settle(&mut self, group_id: &str, tickets: Vec<Ticket>) -> Vec<JoinReply> {
        let mut joins: Vec<JoinReply> = tickets.into_iter().map(|ticket| self.joined(ticket)).collect();
        joins.sort_by_key(|join| join.member_id != join.leader);
        let all: Vec<Str> = joins.iter().map(|join| join.member_id.clone()).collect();
        let assignments: Vec<(&Str, &'static str)> = all.iter().map(|id| (id, "a")).collect();
        for join in &joins {
            assert_eq!(join.error, ErrorCode::NONE);
            let ticket = self.send_sync(group_id, join, &assignments);
            assert_eq!(self.synced(ticket).error, ErrorCode::NONE);
        }
        assert_eq!(self.state(group_id), Some(State::Stable));
        joins
    }

    fn heartbeat(&mut self, group_id: &str, generation: i32, member_id: &Str) -> ErrorCode {
        let command = Heartbeat {
            group_id: text(group_id),
            generation,
            member_id: member_id.clone(),
            instance_id: None,
        };
        match self.ask(Command::Heartbeat(command)) {
            Reply::Heartbeat(code) => code,
            other => panic!("{other:?}"),
        }
    }

    fn leave(&mut self, group_id: &str, members: &[(&str, Option<&str>)]) -> Vec<ErrorCode> {
        let leaving = |(member_id, instance_id): &(&str, Option<&str>)| LeavingMember {
            member_id: text(member_id),
            instance_id: instance_id.map(text),
        };
        let command = LeaveGroup { group_id: text(group_id), members: members.iter().map(leaving).collect() };
        match self.ask(Command::Leave(command)) {
            Reply::Leave(reply) if reply.error.is_ok() => {
                reply.members.into_iter().map(|member| member.error).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    fn commit(&mut self, group_id: &str, generation: i32, member_id: &str, offset: i64) -> ErrorCode {
        self.commit_request(CommitOffsets {
            group_id: text(group_id),
            generation,
            member_id: text(member_id),
            ..commit_of("t", offset)
        })
    }

    fn commit_request(&mut self, command: CommitOffsets) -> ErrorCode {
        match self.ask(Command::CommitOffsets(command)) {
            Reply::Commit(Ok(topics)) => topics[0].1[0].1,
            Reply::Commit(Err(code)) => code,
            other => panic!("{other:?}"),
        }
    }

    fn offset(&self, group_id: &str, topic: &str) -> i64 {
        let topics = Some(vec![FetchTopic { name: text(topic), topic_id: Uuid::ZERO, partitions: vec![0] }]);
        let reply = self.rig.live.fetch_offsets(&FetchOffsets {
            group_id: text(group_id),
            topics,
            member_epoch: -1,
            ..FetchOffsets::default()
        });
        reply.unwrap().topics[0].partitions[0].offset
    }

    fn state(&self, group_id: &str) -> Option<State> {
        self.rig.live.describe_groups(&[text(group_id)])[0].state
    }
}

fn commit_of(topic: &str, offset: i64) -> CommitOffsets {
    let partition = CommitPartition { partition: 0, offset, leader_epoch: -1, metadata: None };
    CommitOffsets {
        generation: -1,
        retention_time_ms: -1,
        topics: vec![CommitTopic { name: text(topic), topic_id: Uuid::ZERO, partitions: vec![partition] }],
        ..CommitOffsets::default()
    }
}
