// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeProducers request (key 61), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DescribeProducers request (key 61), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeProducers, versions = 0..=0, flexible = 0, response = crate::messages::describe_producers_response::DescribeProducersResponse)]
pub struct DescribeProducersRequest {
    /// Topics.
    pub topics: Vec<TopicRequest>,
}

/// Part of [`DescribeProducersRequest`]: topic request.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicRequest {
    /// Name.
    pub name: Str,
    /// Partition indexes.
    pub partition_indexes: Vec<i32>,
}
