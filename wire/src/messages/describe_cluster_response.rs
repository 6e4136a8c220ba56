// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeCluster response (key 60), versions 0–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeCluster response (key 60), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=2, flexible = 0)]
pub struct DescribeClusterResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Endpoint type; since version 1.
    #[field(versions = 1.., default = 1)]
    pub endpoint_type: i8,
    /// Cluster id.
    pub cluster_id: Str,
    /// Controller id.
    #[field(default = -1)]
    pub controller_id: i32,
    /// Brokers.
    pub brokers: Vec<DescribeClusterBroker>,
    /// Cluster authorized operations.
    #[field(default = -2147483648)]
    pub cluster_authorized_operations: i32,
}

/// Part of [`DescribeClusterResponse`]: describe cluster broker.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeClusterBroker {
    /// Broker id.
    pub broker_id: i32,
    /// Host.
    pub host: Str,
    /// Port.
    pub port: i32,
    /// Rack.
    #[field(nullable)]
    pub rack: Option<Str>,
    /// Is fenced; since version 2.
    #[field(versions = 2..)]
    pub is_fenced: bool,
}
