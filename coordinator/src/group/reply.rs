use super::State;
use super::consumer::{ConsumerState, DescribedConsumerGroup, HeartbeatReply};
use bytes::Bytes;
use ottla_types::{ErrorCode, Str, Uuid};

/// What callers hear, by command.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// To `Join`.
    Join(JoinReply),
    /// To `Sync`.
    Sync(SyncReply),
    /// To `Heartbeat`.
    Heartbeat(ErrorCode),
    /// To `Leave`.
    Leave(LeaveReply),
    /// To `CommitOffsets`.
    Commit(CommitReply),
    /// To `FetchOffsets`.
    Fetch(Result<FetchReply, ErrorCode>),
    /// To `DeleteOffsets`: per-partition codes, or one code for the group.
    DeleteOffsets(Result<PartitionErrors, ErrorCode>),
    /// To `DeleteGroups`, in the order asked.
    DeleteGroups(Vec<(Str, ErrorCode)>),
    /// To `DescribeGroups`, in the order asked.
    Describe(Vec<DescribedGroup>),
    /// To `ListGroups`.
    List(Vec<ListedGroup>),
    /// To `ConsumerHeartbeat`.
    ConsumerHeartbeat(Result<HeartbeatReply, Refused>),
    /// To `DescribeConsumerGroups`, in the order asked; those that are not there, or of another type, with the reason.
    DescribeConsumer(Vec<(Str, Result<DescribedConsumerGroup, Refused>)>),
    /// To commands that only say something.
    Done,
}

/// Why something was not done, with Kafka's words for it where its clients show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The error.
    pub code: ErrorCode,
    /// What is wrong.
    pub message: Str,
}

impl Refused {
    pub(super) fn new(code: ErrorCode, message: impl Into<Str>) -> Self {
        Self { code, message: message.into() }
    }
}

/// The answer to a join.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinReply {
    /// `NONE`, or why not.
    pub error: ErrorCode,
    /// The generation joined, −1 on error.
    pub generation: i32,
    /// The group's protocol type.
    pub protocol_type: Option<Str>,
    /// The chosen protocol, on success.
    pub protocol_name: Option<Str>,
    /// The leader's member id.
    pub leader: Str,
    /// The leader has nothing to assign: it came back into a stable generation.
    pub skip_assignment: bool,
    /// The caller's member id.
    pub member_id: Str,
    /// Everybody's metadata, for the leader; empty for followers.
    pub members: Vec<JoinedMember>,
}

/// One member as the leader sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinedMember {
    /// Its id.
    pub member_id: Str,
    /// Its instance id if static.
    pub instance_id: Option<Str>,
    /// What it said about the chosen protocol.
    pub metadata: Bytes,
}

impl JoinReply {
    pub(super) fn failed(member_id: &Str, error: ErrorCode) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol_name: None,
            leader: Str::new(),
            skip_assignment: false,
            member_id: member_id.clone(),
            members: Vec::new(),
        }
    }
}

/// The answer to a sync.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncReply {
    /// `NONE`, or why not.
    pub error: ErrorCode,
    /// The group's protocol type, on success.
    pub protocol_type: Option<Str>,
    /// The chosen protocol, on success.
    pub protocol_name: Option<Str>,
    /// What the leader assigned to the caller.
    pub assignment: Bytes,
}

impl SyncReply {
    pub(super) fn failed(error: ErrorCode) -> Self {
        Self { error, protocol_type: None, protocol_name: None, assignment: Bytes::new() }
    }
}

/// The answer to a leave.
#[derive(Debug, Clone, PartialEq)]
pub struct LeaveReply {
    /// An error of the whole request.
    pub error: ErrorCode,
    /// One entry for each member named, in order.
    pub members: Vec<LeftMember>,
}

/// What became of one leaving member.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftMember {
    /// As asked.
    pub member_id: Str,
    /// As asked.
    pub instance_id: Option<Str>,
    /// `NONE`, or why it did not leave.
    pub error: ErrorCode,
}

/// Codes by topic and partition, in the order asked.
pub type PartitionErrors = Vec<(Str, Vec<(i32, ErrorCode)>)>;

/// The answer to a commit: codes by partition, or one code that holds for all of them.
pub type CommitReply = Result<PartitionErrors, ErrorCode>;

/// The answer to a fetch.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchReply {
    /// In the order asked, or by name when everything was asked for.
    pub topics: Vec<FetchedTopic>,
}

/// The offsets of one topic.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedTopic {
    /// The topic's name.
    pub name: Str,
    /// As asked; zero when everything was asked for.
    pub topic_id: Uuid,
    /// Its partitions.
    pub partitions: Vec<FetchedOffset>,
}

/// One fetched offset. Nothing committed is offset −1 and no error.
#[derive(Debug, Clone, PartialEq)]
pub struct FetchedOffset {
    /// The partition.
    pub partition: i32,
    /// −1 when there is none.
    pub offset: i64,
    /// −1 when unknown.
    pub leader_epoch: i32,
    /// As committed.
    pub metadata: Str,
    /// `NONE` or `UNSTABLE_OFFSET_COMMIT`.
    pub error: ErrorCode,
}

/// One group in full.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedGroup {
    /// The group.
    pub group_id: Str,
    /// `None`: there is no such classic group.
    pub state: Option<State>,
    /// There is a group of another type with this id.
    pub is_of_other_type: bool,
    /// Empty for a group without members ever.
    pub protocol_type: Str,
    /// The chosen protocol while stable, else empty.
    pub protocol: Str,
    /// Its members; their metadata only while stable.
    pub members: Vec<DescribedMember>,
}

/// One member of a described group.
#[derive(Debug, Clone, PartialEq)]
pub struct DescribedMember {
    /// Its id.
    pub member_id: Str,
    /// Its instance id if static.
    pub instance_id: Option<Str>,
    /// From its join.
    pub client_id: Str,
    /// From its join.
    pub client_host: Str,
    /// What it said about the chosen protocol.
    pub metadata: Bytes,
    /// What the leader assigned to it.
    pub assignment: Bytes,
}

/// One line of ListGroups.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedGroup {
    /// The group.
    pub group_id: Str,
    /// Empty for a group without members ever.
    pub protocol_type: Str,
    /// Its state.
    pub state: GroupState,
}

/// Where a group stands, and of which type it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupState {
    /// A classic group.
    Classic(State),
    /// A consumer group.
    Consumer(ConsumerState),
}

impl GroupState {
    /// Kafka's name for the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Classic(state) => state.name(),
            Self::Consumer(state) => state.name(),
        }
    }

    /// Kafka's name for the type.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Classic(_) => "classic",
            Self::Consumer(_) => "consumer",
        }
    }
}
