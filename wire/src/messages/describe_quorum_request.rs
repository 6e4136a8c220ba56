// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeQuorum request (key 55), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// DescribeQuorum request (key 55), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeQuorum, versions = 0..=2, flexible = 0, response = crate::messages::describe_quorum_response::DescribeQuorumResponse)]
pub struct DescribeQuorumRequest {
    /// Topics.
    pub topics: Vec<TopicData>,
}

/// Part of [`DescribeQuorumRequest`]: topic data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicData {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<PartitionData>,
}

/// Part of [`DescribeQuorumRequest`]: partition data.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionData {
    /// Partition index.
    pub partition_index: i32,
}
