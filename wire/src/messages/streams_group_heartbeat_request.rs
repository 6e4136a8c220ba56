// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupHeartbeat request (key 88), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// StreamsGroupHeartbeat request (key 88), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = StreamsGroupHeartbeat, versions = 0..=0, flexible = 0, response = crate::messages::streams_group_heartbeat_response::StreamsGroupHeartbeatResponse)]
pub struct StreamsGroupHeartbeatRequest {
    /// Group id.
    pub group_id: Str,
    /// Member id.
    pub member_id: Str,
    /// Member epoch.
    pub member_epoch: i32,
    /// Endpoint information epoch.
    pub endpoint_information_epoch: i32,
    /// Instance id.
    #[field(nullable)]
    pub instance_id: Option<Str>,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Rebalance timeout, in milliseconds.
    #[field(default = -1)]
    pub rebalance_timeout_ms: i32,
    /// Topology.
    #[field(nullable)]
    pub topology: Option<Topology>,
    /// Active tasks.
    #[field(nullable)]
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Standby tasks.
    #[field(nullable)]
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Warmup tasks.
    #[field(nullable)]
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Process id.
    #[field(nullable)]
    pub process_id: Option<Str>,
    /// User endpoint.
    #[field(nullable)]
    pub user_endpoint: Option<Endpoint>,
    /// Client tags.
    #[field(nullable)]
    pub client_tags: Option<Vec<KeyValue>>,
    /// Task offsets.
    #[field(nullable)]
    pub task_offsets: Option<Vec<TaskOffset>>,
    /// Task end offsets.
    #[field(nullable)]
    pub task_end_offsets: Option<Vec<TaskOffset>>,
    /// Shutdown application.
    pub shutdown_application: bool,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: key value.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct KeyValue {
    /// Key.
    pub key: Str,
    /// Value.
    pub value: Str,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: topic info.
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

/// Part of [`StreamsGroupHeartbeatRequest`]: endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: task offset.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskOffset {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: task ids.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: topology.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Topology {
    /// Epoch.
    pub epoch: i32,
    /// Subtopologies.
    pub subtopologies: Vec<Subtopology>,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: subtopology.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Subtopology {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Source topics.
    pub source_topics: Vec<Str>,
    /// Source topic regex.
    pub source_topic_regex: Vec<Str>,
    /// State changelog topics.
    pub state_changelog_topics: Vec<TopicInfo>,
    /// Repartition sink topics.
    pub repartition_sink_topics: Vec<Str>,
    /// Repartition source topics.
    pub repartition_source_topics: Vec<TopicInfo>,
    /// Copartition groups.
    pub copartition_groups: Vec<CopartitionGroup>,
}

/// Part of [`StreamsGroupHeartbeatRequest`]: copartition group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct CopartitionGroup {
    /// Source topics.
    pub source_topics: Vec<i16>,
    /// Source topic regex.
    pub source_topic_regex: Vec<i16>,
    /// Repartition source topics.
    pub repartition_source_topics: Vec<i16>,
}
