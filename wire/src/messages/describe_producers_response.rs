// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeProducers response (key 61), versions 0–0.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeProducers response (key 61), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=0, flexible = 0)]
pub struct DescribeProducersResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Topics.
    pub topics: Vec<TopicResponse>,
}

/// Part of [`DescribeProducersResponse`]: topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicResponse {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionResponse>,
}

/// Part of [`DescribeProducersResponse`]: partition response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionResponse {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Active producers.
    pub active_producers: Vec<ProducerState>,
}

/// Part of [`DescribeProducersResponse`]: producer state.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ProducerState {
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i32,
    /// Last sequence.
    #[field(default = -1)]
    pub last_sequence: i32,
    /// Last timestamp.
    #[field(default = -1)]
    pub last_timestamp: i64,
    /// Coordinator epoch.
    pub coordinator_epoch: i32,
    /// Current txn start offset.
    #[field(default = -1)]
    pub current_txn_start_offset: i64,
}
