// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! WriteTxnMarkers response (key 27), versions 1–2.

use crate::Message;
use ottla_types::{ErrorCode, Str};

/// WriteTxnMarkers response (key 27), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(response, versions = 1..=2, flexible = 1)]
pub struct WriteTxnMarkersResponse {
    /// Markers.
    pub markers: Vec<WritableTxnMarkerResult>,
}

/// Part of [`WriteTxnMarkersResponse`]: writable txn marker result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerResult {
    /// Producer id.
    pub producer_id: i64,
    /// Topics.
    pub topics: Vec<WritableTxnMarkerTopicResult>,
}

/// Part of [`WriteTxnMarkersResponse`]: writable txn marker topic result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerTopicResult {
    /// Name.
    pub name: Str,
    /// Partitions.
    pub partitions: Vec<WritableTxnMarkerPartitionResult>,
}

/// Part of [`WriteTxnMarkersResponse`]: writable txn marker partition result.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerPartitionResult {
    /// Partition index.
    pub partition_index: i32,
    /// Error code.
    pub error_code: ErrorCode,
}
