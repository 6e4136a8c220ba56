// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! StreamsGroupHeartbeat response (key 88), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// StreamsGroupHeartbeat response (key 88), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct StreamsGroupHeartbeatResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Member id.
    pub member_id: Str,
    /// Member epoch.
    pub member_epoch: i32,
    /// Heartbeat interval, in milliseconds.
    pub heartbeat_interval_ms: i32,
    /// Acceptable recovery lag.
    pub acceptable_recovery_lag: i32,
    /// Task offset interval, in milliseconds.
    pub task_offset_interval_ms: i32,
    /// Status.
    #[field(nullable)]
    pub status: Option<Vec<Status>>,
    /// Active tasks.
    #[field(nullable)]
    pub active_tasks: Option<Vec<TaskIds>>,
    /// Standby tasks.
    #[field(nullable)]
    pub standby_tasks: Option<Vec<TaskIds>>,
    /// Warmup tasks.
    #[field(nullable)]
    pub warmup_tasks: Option<Vec<TaskIds>>,
    /// Endpoint information epoch.
    pub endpoint_information_epoch: i32,
    /// Partitions by user endpoint.
    #[field(nullable)]
    pub partitions_by_user_endpoint: Option<Vec<EndpointToPartitions>>,
}

/// Part of [`StreamsGroupHeartbeatResponse`]: status.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Status {
    /// Status code.
    pub status_code: i8,
    /// Status detail.
    pub status_detail: Str,
}

/// Part of [`StreamsGroupHeartbeatResponse`]: topic partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartition {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`StreamsGroupHeartbeatResponse`]: task ids.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskIds {
    /// Subtopology id.
    pub subtopology_id: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`StreamsGroupHeartbeatResponse`]: endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Endpoint {
    /// Host.
    pub host: Str,
    /// Port.
    pub port: u16,
}

/// Part of [`StreamsGroupHeartbeatResponse`]: endpoint to partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct EndpointToPartitions {
    /// User endpoint.
    pub user_endpoint: Endpoint,
    /// Active partitions.
    pub active_partitions: Vec<TopicPartition>,
    /// Standby partitions.
    pub standby_partitions: Vec<TopicPartition>,
}
