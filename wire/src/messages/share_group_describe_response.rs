// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ShareGroupDescribe response (key 77), versions 1–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ShareGroupDescribe response (key 77), versions 1–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=1, flexible = 0)]
pub struct ShareGroupDescribeResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Groups.
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`ShareGroupDescribeResponse`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`ShareGroupDescribeResponse`]: assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    /// Topic partitions.
    pub topic_partitions: Vec<TopicPartitions>,
}

/// Part of [`ShareGroupDescribeResponse`]: described group.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribedGroup {
    /// Error code.
    pub error_code: ErrorCode,
    /// Error message.
    #[field(nullable)]
    pub error_message: Option<Str>,
    /// Group id.
    pub group_id: Str,
    /// Group state.
    pub group_state: Str,
    /// Group epoch.
    pub group_epoch: i32,
    /// Assignment epoch.
    pub assignment_epoch: i32,
    /// Assignor name.
    pub assignor_name: Str,
    /// Members.
    pub members: Vec<Member>,
    /// Authorized operations.
    #[field(default = -2147483648)]
    pub authorized_operations: i32,
}

/// Part of [`ShareGroupDescribeResponse`]: member.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Member {
    /// Member id.
    pub member_id: Str,
    /// Rack id.
    #[field(nullable)]
    pub rack_id: Option<Str>,
    /// Member epoch.
    pub member_epoch: i32,
    /// Client id.
    pub client_id: Str,
    /// Client host.
    pub client_host: Str,
    /// Subscribed topic names.
    pub subscribed_topic_names: Vec<Str>,
    /// Assignment.
    pub assignment: Assignment,
}
