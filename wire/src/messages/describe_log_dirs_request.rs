// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeLogDirs request (key 35), versions 0–5.

use crate::Message;
use ottla_types::Str;

/// DescribeLogDirs request (key 35), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DescribeLogDirs, versions = 0..=5, flexible = 2, response = crate::messages::describe_log_dirs_response::DescribeLogDirsResponse)]
pub struct DescribeLogDirsRequest {
    /// Topics.
    #[field(nullable)]
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

/// Part of [`DescribeLogDirsRequest`]: describable log dir topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribableLogDirTopic {
    /// Topic.
    pub topic: Str,
    /// Partitions.
    pub partitions: Vec<i32>,
}
