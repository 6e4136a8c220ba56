// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupDescribe response (key 89), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// StreamsGroupDescribe response (key 89), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupDescribeResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Groups.
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`StreamsGroupDescribeResponse`]: endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`StreamsGroupDescribeResponse`]: task offset.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskOffset {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// Part of [`StreamsGroupDescribeResponse`]: assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    /// Active tasks.
    pub active_tasks: Vec<TaskIds>,
    /// Standby tasks.
    pub standby_tasks: Vec<TaskIds>,
    /// Warmup tasks.
    pub warmup_tasks: Vec<TaskIds>,
}

/// Part of [`StreamsGroupDescribeResponse`]: task ids.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`StreamsGroupDescribeResponse`]: key value.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KeyValue {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: Str,
}

/// Part of [`StreamsGroupDescribeResponse`]: topic info.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicInfo {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: i32,
    /// Replication factor.
    pub replication_factor: i16,
    /// Topic configs.
    pub topic_configs: Vec<KeyValue>,
}

/// Part of [`StreamsGroupDescribeResponse`]: described group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Group id.
    pub group_id: Str,
    /// Group state.
    pub group_state: Str,
    /// Group epoch.
    pub group_epoch: i32,
    /// Assignment epoch.
    pub assignment_epoch: i32,
    /// Topology.
    #[field(nullable)]
    pub topology: Option<Topology>,
    /// Members.
    pub members: Vec<Member>,
    /// Authorized operations.
    #[field(default = -2147483648)]
    pub authorized_operations: i32,
}

/// Part of [`StreamsGroupDescribeResponse`]: topology.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Topology {
    /// Epoch.
    pub epoch: i32,
    /// Subtopologies.
    #[field(nullable)]
    pub subtopologies: Option<Vec<Subtopology>>,
}

/// Part of [`StreamsGroupDescribeResponse`]: subtopology.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Subtopology {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Source topics.
    pub source_topics: Vec<Str>,
    /// Repartition sink topics.
    pub repartition_sink_topics: Vec<Str>,
    /// State changelog topics.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Repartition source topics.
    pub repartition_source_topics: Vec<TopicInfo>,
}

/// Part of [`StreamsGroupDescribeResponse`]: member.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Member {
    /// Member id.
    pub member_id: Str,
    /// Member epoch.
    pub member_epoch: i32,
    /// Instance id.
    #[field(nullable)]
    pub instance_id: Option<Str>,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Topology epoch.
    pub topology_epoch: i32,
    /// Process id.
    pub process_id: Str,
    /// User endpoint.
    #[field(nullable)]
    pub user_endpoint: Option<Endpoint>,
    /// Client tags.
    pub client_tags: Vec<KeyValue>,
    /// Task offsets.
    pub task_offsets: Vec<TaskOffset>,
    /// Task end offsets.
    pub task_end_offsets: Vec<TaskOffset>,
    /// Assignment.
    pub assignment: Assignment,
    /// Target assignment.
    pub target_assignment: Assignment,
    /// Is classic.
    pub is_classic: bool,
}
