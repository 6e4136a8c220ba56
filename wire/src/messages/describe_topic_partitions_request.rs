// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeTopicPartitions request (key 75), versions 0–0.

use crate::Message;
use ottla_types::Str;

/// DescribeTopicPartitions request (key 75), versions 0–0.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeTopicPartitions, versions = 0..=0, flexible = 0, response = crate::messages::describe_topic_partitions_response::DescribeTopicPartitionsResponse)]
pub struct DescribeTopicPartitionsRequest {
    /// Topics.
    pub topics: Vec<TopicRequest>,
    /// Response partition limit.
    #[field(default = 2000)]
    pub response_partition_limit: i32,
    /// Cursor.
    #[field(nullable)]
    pub cursor: Option<Cursor>,
}

/// Part of [`DescribeTopicPartitionsRequest`]: topic request.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicRequest {
    /// Name.
    pub name: Str,
}

/// Part of [`DescribeTopicPartitionsRequest`]: cursor.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Cursor {
    /// Topic name.
    pub topic_name: Str,
    /// Partition index.
    pub partition_index: i32,
}
