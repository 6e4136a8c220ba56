// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Produce response (key 0), versions 0–13.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// Produce response (key 0), versions 0–13.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=13, flexible = 9)]
pub struct ProduceResponse {
    /// Responses.
    pub responses: Vec<TopicProduceResponse>,
    /// Throttle time, in milliseconds; since version 1.
    #[field(versions = 1.., ignorable)]
    pub throttle_time_ms: i32,
    /// Node endpoints; since version 10.
    #[field(versions = 10.., tag = 0)]
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`ProduceResponse`]: topic produce response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicProduceResponse {
    /// Name; versions 0–12.
    #[field(versions = 0..=12, ignorable)]
    pub name: Str,
    /// Topic id; since version 13.
    #[field(versions = 13.., ignorable)]
    pub topic_id: Uuid,
    /// Partition responses.
    pub partition_responses: Vec<PartitionProduceResponse>,
}

/// Part of [`ProduceResponse`]: partition produce response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionProduceResponse {
    /// Index.
    pub index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Base offset.
    pub base_offset: i64,
    /// Log append time, in milliseconds; since version 2.
    #[field(versions = 2.., ignorable, default = -1)]
    pub log_append_time_ms: i64,
    /// Log start offset; since version 5.
    #[field(versions = 5.., ignorable, default = -1)]
    pub log_start_offset: i64,
    /// Record errors; since version 8.
    #[field(versions = 8.., ignorable)]
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// Error message; since version 8.
    #[field(versions = 8.., nullable = 8.., ignorable)]
    pub error_message: Option<Str>,
    /// Current leader; since version 10.
    #[field(versions = 10.., tag = 0)]
    pub current_leader: LeaderIdAndEpoch,
}

/// Part of [`ProduceResponse`]: batch index and error message.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct BatchIndexAndErrorMessage {
    /// Batch index; since version 8.
    #[field(versions = 8..)]
    pub batch_index: i32,
    /// Batch index error message; since version 8.
    #[field(versions = 8.., nullable = 8..)]
    pub batch_index_error_message: Option<Str>,
}

/// Part of [`ProduceResponse`]: leader id and epoch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    /// Leader id; since version 10.
    #[field(versions = 10.., default = -1)]
    pub leader_id: i32,
    /// Leader epoch; since version 10.
    #[field(versions = 10.., default = -1)]
    pub leader_epoch: i32,
}

/// Part of [`ProduceResponse`]: node endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    /// Node id; since version 10.
    #[field(versions = 10..)]
    pub node_id: i32,
    /// Host; since version 10.
    #[field(versions = 10..)]
    pub host: Str,
    /// Port; since version 10.
    #[field(versions = 10..)]
    pub port: i32,
    /// Rack; since version 10.
    #[field(versions = 10.., nullable = 10..)]
    pub rack: Option<Str>,
}
