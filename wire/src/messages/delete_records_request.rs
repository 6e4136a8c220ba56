// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! DeleteRecords request (key 21), versions 0–2.

use crate::Message;
use ottla_types::Str;

/// DeleteRecords request (key 21), versions 0–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = DeleteRecords, versions = 0..=2, flexible = 2, response = crate::messages::delete_records_response::DeleteRecordsResponse)]
pub struct DeleteRecordsRequest {
    /// Topics.
    pub topics: Vec<DeleteRecordsTopic>,
    /// Timeout, in milliseconds.
    pub timeout_ms: i32,
}

/// Part of [`DeleteRecordsRequest`]: delete records topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsTopic {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<DeleteRecordsPartition>,
}

/// Part of [`DeleteRecordsRequest`]: delete records partition.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct DeleteRecordsPartition {
    /// Partition index.
    pub partition_index: i32,
    /// Offset.
    pub offset: i64,
}
