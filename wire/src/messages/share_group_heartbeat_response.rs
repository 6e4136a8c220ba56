// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupHeartbeat response (key 76), versions 1–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ShareGroupHeartbeat response (key 76), versions 1–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=1, flexible = 0)]
pub struct ShareGroupHeartbeatResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Member id.
    #[field(nullable)]
    pub member_id: Option<Str>,
    /// Member epoch.
    pub member_epoch: i32,
    /// Heartbeat interval, in milliseconds.
    pub heartbeat_interval_ms: i32,
    /// Assignment.
    #[field(nullable)]
    pub assignment: Option<Assignment>,
}

/// Part of [`ShareGroupHeartbeatResponse`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`ShareGroupHeartbeatResponse`]: assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    /// Topic partitions.
    pub topic_partitions: Vec<TopicPartitions>,
}
