// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeShareGroupOffsets request (key 90), versions 0–1.

use crate::Message;
use ottla_types::Str;

/// DescribeShareGroupOffsets request (key 90), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeShareGroupOffsets, versions = 0..=1, flexible = 0, response = crate::messages::describe_share_group_offsets_response::DescribeShareGroupOffsetsResponse)]
pub struct DescribeShareGroupOffsetsRequest {
    /// Groups.
    pub groups: Vec<DescribeShareGroupOffsetsRequestGroup>,
}

/// Part of [`DescribeShareGroupOffsetsRequest`]: describe share group offsets request group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsRequestGroup {
    /// Group id.
    pub group_id: Str,
    /// Topics.
    #[field(nullable)]
    pub topics: Option<Vec<DescribeShareGroupOffsetsRequestTopic>>,
}

/// Part of [`DescribeShareGroupOffsetsRequest`]: describe share group offsets request topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeShareGroupOffsetsRequestTopic {
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
