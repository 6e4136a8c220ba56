// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! Metadata response (key 3), versions 0–13.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// Metadata response (key 3), versions 0–13.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=13, flexible = 9)]
pub struct MetadataResponse {
    /// Throttle time, in milliseconds; since version 3.
    #[field(versions = 3.., ignorable)]
    pub throttle_time_ms: i32,
    /// Brokers.
    pub brokers: Vec<MetadataResponseBroker>,
    /// Cluster id; since version 2.
    #[field(versions = 2.., nullable = 2.., ignorable)]
    pub cluster_id: Option<Str>,
    /// Controller id; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub controller_id: i32,
    /// Topics.
    pub topics: Vec<MetadataResponseTopic>,
    /// Cluster authorized operations; versions 8–10.
    #[field(versions = 8..=10, default = -2147483648)]
    pub cluster_authorized_operations: i32,
    /// Error code; since version 13.
    #[field(versions = 13.., ignorable)]
    pub error_code: ErrorCode,
}

/// Part of [`MetadataResponse`]: metadata response broker.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MetadataResponseBroker {
    /// Node id.
    pub node_id: i32,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: i32,
    /// Rack; since version 1.
    #[field(versions = 1.., nullable = 1.., ignorable)]
    pub rack: Option<Str>,
}

/// Part of [`MetadataResponse`]: metadata response topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MetadataResponseTopic {
    /// Error code.
    pub error_code: ErrorCode,
    /// Name.
    #[field(nullable = 12.., default = Some(Default::default()))]
    pub name: Option<Str>,
    /// Topic id; since version 10.
    #[field(versions = 10.., ignorable)]
    pub topic_id: Uuid,
    /// Is internal; since version 1.
    #[field(versions = 1.., ignorable)]
    pub is_internal: bool,
    /// Partitions.
    pub partitions: Vec<MetadataResponsePartition>,
    /// Topic authorized operations; since version 8.
    #[field(versions = 8.., default = -2147483648)]
    pub topic_authorized_operations: i32,
}

/// Part of [`MetadataResponse`]: metadata response partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct MetadataResponsePartition {
    /// Error code.
    pub error_code: ErrorCode,
    /// Partition index.
    pub partition_index: i32,
    /// Leader id.
    pub leader_id: i32,
    /// Leader epoch; since version 7.
    #[field(versions = 7.., ignorable, default = -1)]
    pub leader_epoch: i32,
    /// Replica nodes.
    pub replica_nodes: Vec<i32>,
    /// Isr nodes.
    pub isr_nodes: Vec<i32>,
    /// Offline replicas; since version 5.
    #[field(versions = 5.., ignorable)]
    pub offline_replicas: Vec<i32>,
}
