// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! ConsumerGroupDescribe response (key 69), versions 0–1.

use crate::Message;
use ottla_types::{ErrorCode, Str, Uuid};

/// ConsumerGroupDescribe response (key 69), versions 0–1.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=1, flexible = 0)]
pub struct ConsumerGroupDescribeResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Groups.
    pub groups: Vec<DescribedGroup>,
}

/// Part of [`ConsumerGroupDescribeResponse`]: topic partitions.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TopicPartitions {
    /// Topic id.
    pub topic_id: Uuid,
    /// Topic name.
    pub topic_name: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}

/// Part of [`ConsumerGroupDescribeResponse`]: assignment.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Assignment {
    /// Topic partitions.
    pub topic_partitions: Vec<TopicPartitions>,
}

/// Part of [`ConsumerGroupDescribeResponse`]: described group.
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

/// Part of [`ConsumerGroupDescribeResponse`]: member.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct Member {
    /// Member id.
    pub member_id: Str,
    /// Instance id.
    #[field(nullable)]
    pub instance_id: Option<Str>,
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
    /// Subscribed topic regex.
    #[field(nullable)]
    pub subscribed_topic_regex: Option<Str>,
    /// Assignment.
    pub assignment: Assignment,
    /// Target assignment.
    pub target_assignment: Assignment,
    /// Member type; since version 1.
    #[field(versions = 1.., ignorable, default = -1)]
    pub member_type: i8,
}
