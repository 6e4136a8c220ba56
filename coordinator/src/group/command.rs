use super::{ConsumerHeartbeat, Metadata, Settings};
use bytes::Bytes;
use ottla_types::{Str, Uuid};
use std::sync::Arc;

/// What may be asked of the coordinator of one partition.
#[derive(Debug, Clone)]
pub enum Command {
    /// Answered with `Reply::Join`, possibly after a rebalance.
    Join(JoinGroup),
    /// Answered with `Reply::Sync`, when the leader has sent the assignment.
    Sync(SyncGroup),
    /// Answered with `Reply::Heartbeat`.
    Heartbeat(Heartbeat),
    /// Answered with `Reply::Leave`.
    Leave(LeaveGroup),
    /// Answered with `Reply::Commit`.
    CommitOffsets(CommitOffsets),
    /// A transaction that may have committed offsets here has ended. Answered with `Reply::Done`.
    EndTransaction(EndTransaction),
    /// Answered with `Reply::Fetch`; a read, but one that sees every commit answered before it.
    FetchOffsets(FetchOffsets),
    /// Answered with `Reply::DeleteOffsets`.
    DeleteOffsets(DeleteOffsets),
    /// Answered with `Reply::DeleteGroups`, one code for each group, in order.
    DeleteGroups(Vec<Str>),
    /// Answered with `Reply::Describe`, one entry for each group, in order.
    DescribeGroups(Vec<Str>),
    /// Answered with `Reply::ConsumerHeartbeat`.
    ConsumerHeartbeat(ConsumerHeartbeat),
    /// Answered with `Reply::DescribeConsumer`, one entry for each group, in order.
    DescribeConsumerGroups(Vec<Str>),
    /// Answered with `Reply::List`.
    ListGroups(ListGroups),
    /// These topics are gone: so are their offsets. Answered with `Reply::Done`.
    TopicsDeleted(Vec<Str>),
    /// From now on the cluster is like this, unless something newer is known. Answered with `Reply::Done`.
    MetadataChanged(Arc<Metadata>),
    /// From now on these settings hold. Answered with `Reply::Done`.
    ChangeSettings(Settings),
}

/// JoinGroup, with what the request's version implies already spelled out.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JoinGroup {
    /// The group.
    pub group_id: Str,
    /// Empty for a member that has none yet.
    pub member_id: Str,
    /// Set by static members (KIP-345).
    pub instance_id: Option<Str>,
    /// From the request header; begins the member ids made for dynamic members.
    pub client_id: Str,
    /// The peer's address as Kafka writes it, `/127.0.0.1`.
    pub client_host: Str,
    /// The member is removed after this long without a heartbeat.
    pub session_timeout_ms: i32,
    /// How long the member may take to rejoin. Version 0 has none: the session timeout.
    pub rebalance_timeout_ms: i32,
    /// `consumer`, `connect`, …
    pub protocol_type: Str,
    /// What the member can do, most wanted first.
    pub protocols: Vec<Protocol>,
    /// Random; becomes part of the member id when one has to be made.
    pub fresh_id: Uuid,
    /// Version 4 and above: a dynamic member without an id gets one and must join again with it.
    pub requires_known_member_id: bool,
    /// Version 9 and above: a returning static leader may be told to skip the assignment.
    pub supports_skip_assignment: bool,
}

/// One assignment protocol a member supports, with what it has to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Protocol {
    /// For example `range`.
    pub name: Str,
    /// Opaque, except that `consumer` subscriptions are read to know the topics.
    pub metadata: Bytes,
}

/// SyncGroup.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncGroup {
    /// The group.
    pub group_id: Str,
    /// The generation the member joined.
    pub generation: i32,
    /// The member.
    pub member_id: Str,
    /// Set by static members.
    pub instance_id: Option<Str>,
    /// Version 5: must be the group's if given.
    pub protocol_type: Option<Str>,
    /// Version 5: must be the group's if given.
    pub protocol_name: Option<Str>,
    /// Member id and assignment; only the leader's count.
    pub assignments: Vec<(Str, Bytes)>,
}

/// Heartbeat.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Heartbeat {
    /// The group.
    pub group_id: Str,
    /// The member's generation.
    pub generation: i32,
    /// The member.
    pub member_id: Str,
    /// Set by static members.
    pub instance_id: Option<Str>,
}

/// LeaveGroup; versions below 3 name one member.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeaveGroup {
    /// The group.
    pub group_id: Str,
    /// Who leaves.
    pub members: Vec<LeavingMember>,
}

/// One member that leaves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeavingMember {
    /// May be empty when the instance id names a static member.
    pub member_id: Str,
    /// Set for static members.
    pub instance_id: Option<Str>,
}

/// OffsetCommit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommitOffsets {
    /// The group; may be empty (old simple consumers).
    pub group_id: Str,
    /// −1 for commits from outside the group.
    pub generation: i32,
    /// Empty for commits from outside the group.
    pub member_id: Str,
    /// Set by static members.
    pub instance_id: Option<Str>,
    /// Versions 2–4: keep the offsets this long, in milliseconds; −1 for the broker's retention.
    pub retention_time_ms: i64,
    /// The producer (id and epoch) whose transaction the commit is part of: it counts when that commits.
    pub producer: Option<(i64, i16)>,
    /// Version 9 and above: an unknown group is `GROUP_ID_NOT_FOUND` instead of `ILLEGAL_GENERATION`, and members of
    /// the consumer protocol may commit.
    pub knows_group_id_not_found: bool,
    /// What to commit. The caller has checked that the partitions exist.
    pub topics: Vec<CommitTopic>,
}

/// A marker of the transaction coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndTransaction {
    /// The producer, and the epoch the marker says.
    pub producer: (i64, i16),
    /// Its pending offsets count from now on, or never.
    pub committed: bool,
    /// Of the coordinator that decided.
    pub coordinator_epoch: i32,
}

/// The commits of one topic.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommitTopic {
    /// The topic's name.
    pub name: Str,
    /// Its id, zero when unknown.
    pub topic_id: Uuid,
    /// Its partitions.
    pub partitions: Vec<CommitPartition>,
}

/// One committed offset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CommitPartition {
    /// The partition.
    pub partition: i32,
    /// The offset of the next record to read.
    pub offset: i64,
    /// The leader epoch of the last record read, −1 when unknown.
    pub leader_epoch: i32,
    /// Whatever the client wants to remember.
    pub metadata: Option<Str>,
}

/// OffsetFetch for one group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchOffsets {
    /// The group.
    pub group_id: Str,
    /// `None` for everything the group has committed.
    pub topics: Option<Vec<FetchTopic>>,
    /// Answer `UNSTABLE_OFFSET_COMMIT` where a transaction may still change the offset.
    pub require_stable: bool,
    /// Version 9 and above: who asks, for members of consumer groups.
    pub member_id: Option<Str>,
    /// That member's epoch, −1 for none.
    pub member_epoch: i32,
}

/// The partitions of one topic whose offsets are wanted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FetchTopic {
    /// The topic's name.
    pub name: Str,
    /// Its id; an offset committed for a topic of this name with another id does not count. Zero matches any.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<i32>,
}

/// OffsetDelete.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteOffsets {
    /// The group.
    pub group_id: Str,
    /// What to forget.
    pub topics: Vec<DeleteTopic>,
}

/// The partitions of one topic whose offsets are to be forgotten.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeleteTopic {
    /// The topic's name.
    pub name: Str,
    /// The partitions.
    pub partitions: Vec<i32>,
}

/// ListGroups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListGroups {
    /// Only groups in the states of these names, in any case of letters; `None` for all.
    pub states: Option<Vec<Str>>,
    /// Only groups of the types of these names, in any case of letters; `None` for all.
    pub types: Option<Vec<Str>>,
}
