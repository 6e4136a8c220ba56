// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareFetch response (key 78), versions 1–2.

use crate::{Message, Records};
use ottla_types::{ErrorCode, Str, Uuid};

/// ShareFetch response (key 78), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=2, flexible = 0)]
pub struct ShareFetchResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Acquisition lock timeout, in milliseconds; since version 1.
    pub acquisition_lock_timeout_ms: i32,
    /// Responses.
    pub responses: Vec<ShareFetchableTopicResponse>,
    /// Node endpoints.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// Part of [`ShareFetchResponse`]: share fetchable topic response.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ShareFetchableTopicResponse {
    /// Topic id.
    pub topic_id: Uuid,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`ShareFetchResponse`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Acknowledge error code.
    pub acknowledge_error_code: ErrorCode,
    /// Acknowledge error message.
    #[field(nullable)]
    pub acknowledge_error_message: Option<Str>,
    /// Current leader.
    pub current_leader: LeaderIdAndEpoch,
    /// Records.
    pub records: Records,
    /// Acquired records.
    pub acquired_records: Vec<AcquiredRecords>,
}

/// Part of [`ShareFetchResponse`]: leader id and epoch.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct LeaderIdAndEpoch {
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch.
    pub leader_epoch: i32,
}

/// Part of [`ShareFetchResponse`]: acquired records.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct AcquiredRecords {
    /// First offset.
    pub first_offset: i64,
    /// Last offset.
    pub last_offset: i64,
    /// Delivery count.
    pub delivery_count: i16,
}

/// Part of [`ShareFetchResponse`]: node endpoint.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct NodeEndpoint {
    /// Node id.
    pub node_id: i32,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: i32,
    /// Rack.
    #[field(nullable)]
    pub rack: Option<Str>,
}
