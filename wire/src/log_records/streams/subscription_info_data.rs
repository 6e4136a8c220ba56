// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! SubscriptionInfoData, versions 1–11.

use crate::Message;
use bytes::Bytes;
use ottla_types::{Str, Uuid};

/// SubscriptionInfoData, versions 1–11.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(data, versions = 1..=11)]
pub struct SubscriptionInfoData {
    /// Version; since version 1.
    pub version: i32,
    /// Latest supported version; since version 3.
    #[field(versions = 3.., default = -1)]
    pub latest_supported_version: i32,
    /// Process id; since version 1.
    pub process_id: Uuid,
    /// Prev tasks; versions 1–6.
    #[field(versions = 1..=6)]
    pub prev_tasks: Vec<TaskId>,
    /// Standby tasks; versions 1–6.
    #[field(versions = 1..=6)]
    pub standby_tasks: Vec<TaskId>,
    /// User end point; since version 2.
    #[field(versions = 2..)]
    pub user_end_point: Bytes,
    /// Task offset sums; since version 7.
    #[field(versions = 7..)]
    pub task_offset_sums: Vec<TaskOffsetSum>,
    /// Unique field; since version 8.
    #[field(versions = 8..)]
    pub unique_field: i8,
    /// Error code; since version 9.
    #[field(versions = 9..)]
    pub error_code: i32,
    /// Client tags; since version 11.
    #[field(versions = 11..)]
    pub client_tags: Vec<ClientTag>,
}

/// Part of [`SubscriptionInfoData`]: task id.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskId {
    /// Topic group id; versions 1–6.
    #[field(versions = 1..=6)]
    pub topic_group_id: i32,
    /// Partition; versions 1–6.
    #[field(versions = 1..=6)]
    pub partition: i32,
}

/// Part of [`SubscriptionInfoData`]: task offset sum.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct TaskOffsetSum {
    /// Topic group id; since version 7.
    #[field(versions = 7..)]
    pub topic_group_id: i32,
    /// Partition; since version 10.
    #[field(versions = 10..)]
    pub partition: i32,
    /// Offset sum; since version 10.
    #[field(versions = 10..)]
    pub offset_sum: i64,
    /// Named topology; since version 10.
    #[field(versions = 10.., nullable = 10..)]
    pub named_topology: Option<Str>,
    /// Partition to offset sum; versions 7–9.
    #[field(versions = 7..=9)]
    pub partition_to_offset_sum: Vec<PartitionToOffsetSum>,
}

/// Part of [`SubscriptionInfoData`]: partition to offset sum.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct PartitionToOffsetSum {
    /// Partition; versions 7–9.
    #[field(versions = 7..=9)]
    pub partition: i32,
    /// Offset sum; versions 7–9.
    #[field(versions = 7..=9)]
    pub offset_sum: i64,
}

/// Part of [`SubscriptionInfoData`]: client tag.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct ClientTag {
    /// Key; since version 11.
    #[field(versions = 11..)]
    pub key: Bytes,
    /// Value; since version 11.
    #[field(versions = 11..)]
    pub value: Bytes,
}
