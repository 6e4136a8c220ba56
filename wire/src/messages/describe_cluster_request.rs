// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeCluster request (key 60), versions 0–2.

use crate::Message;

/// DescribeCluster request (key 60), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeCluster, versions = 0..=2, flexible = 0, response = crate::messages::describe_cluster_response::DescribeClusterResponse)]
pub struct DescribeClusterRequest {
    /// Include cluster authorized operations.
    pub include_cluster_authorized_operations: bool,
    /// Endpoint type; since version 1.
    #[field(versions = 1.., default = 1)]
    pub endpoint_type: i8,
    /// Include fenced brokers; since version 2.
    #[field(versions = 2..)]
    pub include_fenced_brokers: bool,
}
