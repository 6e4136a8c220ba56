// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DescribeLogDirs response (key 35), versions 0–5.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// DescribeLogDirs response (key 35), versions 0–5.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 0..=5, flexible = 2)]
pub struct DescribeLogDirsResponse {
    /// Throttle time, in milliseconds.
    pub throttle_time_ms: i32,
    /// Error code; since version 3.
    #[field(versions = 3.., ignorable)]
    pub error_code: ErrorCode,
    /// Results.
    pub results: Vec<DescribeLogDirsResult>,
}

/// Part of [`DescribeLogDirsResponse`]: describe log dirs result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsResult {
    /// Error code.
    pub error_code: ErrorCode,
    /// Log dir.
    pub log_dir: Str,
    /// Topics.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// Total bytes; since version 4.
    #[field(versions = 4.., ignorable, default = -1)]
    pub total_bytes: i64,
    /// Usable bytes; since version 4.
    #[field(versions = 4.., ignorable, default = -1)]
    pub usable_bytes: i64,
    /// Is cordoned; since version 5.
    #[field(versions = 5.., ignorable)]
    pub is_cordoned: bool,
}

/// Part of [`DescribeLogDirsResponse`]: describe log dirs topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<DescribeLogDirsPartition>,
}

/// Part of [`DescribeLogDirsResponse`]: describe log dirs partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DescribeLogDirsPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Partition size.
    pub partition_size: i64,
    /// Offset lag.
    pub offset_lag: i64,
    /// Is future key.
    pub is_future_key: bool,
}
