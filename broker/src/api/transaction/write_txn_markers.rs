//! WriteTxnMarkers (key 27): a coordinator, or an operator who ends a hanging transaction (KIP-664), ends transactions in
//! the partitions led here.

use std::sync::Arc;

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    write_txn_markers_request::{WritableTxnMarker, WriteTxnMarkersRequest},
    write_txn_markers_response::{
        WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
        WriteTxnMarkersResponse,
    },
};
use tokio::task::JoinHandle;

use crate::{
    call::{Answer, Call},
    partition::EndMarker,
    transactions::write_marker,
};

/// The version that says the transaction's version (KIP-1228).
const SAYS_VERSION: i16 = 2;

/// A topic with the partitions whose markers are being written.
type Topic = (Str, Vec<(i32, JoinHandle<Result<(), ErrorCode>>)>);

pub(crate) async fn handle(
    call: &Call,
    request: WriteTxnMarkersRequest,
) -> Result<Answer<WriteTxnMarkersResponse>, ErrorCode> {
    // All of them first: a marker waits for a flush, and they share it.
    let begun: Vec<(i64, Vec<Topic>)> =
        request.markers.into_iter().map(|marker| (marker.producer_id, begin(call, marker))).collect();
    Ok(Answer::Later(Box::pin(async move {
        let mut response = WriteTxnMarkersResponse::default();
        for (producer_id, topics) in begun {
            let mut result =
                WritableTxnMarkerResult { producer_id, topics: Vec::with_capacity(topics.len()) };
            for (name, writes) in topics {
                let mut partitions = Vec::with_capacity(writes.len());
                for (partition_index, write) in writes {
                    let error_code = code_of(write.await.unwrap_or(Err(ErrorCode::UNKNOWN_SERVER_ERROR)));
                    partitions.push(WritableTxnMarkerPartitionResult { partition_index, error_code });
                }
                result.topics.push(WritableTxnMarkerTopicResult { name, partitions });
            }
            response.markers.push(result);
        }
        Ok(response)
    })))
}

fn begin(call: &Call, marker: WritableTxnMarker) -> Vec<Topic> {
    let end = EndMarker {
        producer: (marker.producer_id, marker.producer_epoch),
        commit: marker.transaction_result,
        coordinator_epoch: marker.coordinator_epoch,
        transaction_version: if call.version >= SAYS_VERSION { marker.transaction_version.into() } else { 0 },
    };
    let topic = |topic: ottla_wire::messages::write_txn_markers_request::WritableTxnMarkerTopic| {
        let write = |index: i32| {
            let (broker, name) = (Arc::clone(&call.broker), topic.name.clone());
            (index, tokio::spawn(async move { write_marker(&broker, &name, index, end).await }))
        };
        (topic.name.clone(), topic.partition_indexes.iter().map(|index| write(*index)).collect())
    };
    marker.topics.into_iter().map(topic).collect()
}

fn code_of(result: Result<(), ErrorCode>) -> ErrorCode {
    result.err().unwrap_or(ErrorCode::NONE)
}
