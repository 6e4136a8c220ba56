// Made by `cargo xtask messages` from Kafka's schemas; ordinary source since.

//! WriteTxnMarkers request (key 27), versions 1–2.

use crate::Message;
use ottla_types::Str;

/// WriteTxnMarkers request (key 27), versions 1–2.
#[derive(Debug, Clone, PartialEq, Message)]
#[message(request, key = WriteTxnMarkers, versions = 1..=2, flexible = 1, response = crate::messages::write_txn_markers_response::WriteTxnMarkersResponse)]
pub struct WriteTxnMarkersRequest {
    /// Markers.
    pub markers: Vec<WritableTxnMarker>,
}

/// Part of [`WriteTxnMarkersRequest`]: writable txn marker.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarker {
    /// Producer id.
    pub producer_id: i64,
    /// Producer epoch.
    pub producer_epoch: i16,
    /// Transaction result.
    pub transaction_result: bool,
    /// Topics.
    pub topics: Vec<WritableTxnMarkerTopic>,
    /// Coordinator epoch.
    pub coordinator_epoch: i32,
    /// Transaction version; since version 2.
    #[field(versions = 2.., ignorable)]
    pub transaction_version: i8,
}

/// Part of [`WriteTxnMarkersRequest`]: writable txn marker topic.
#[derive(Debug, Clone, PartialEq, Message)]
pub struct WritableTxnMarkerTopic {
    /// Name.
    pub name: Str,
    /// Partition indexes.
    pub partition_indexes: Vec<i32>,
}
