//! ListOffsets (key 2): the offset at a time, or at one of the special times below zero.
//!
//! Answers never lie beyond what the client may read: the high watermark, or the last stable offset for read_committed.

use std::{collections::HashSet, io, sync::Arc};

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest},
    list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsResponse, ListOffsetsTopicResponse},
};

use crate::{
    call::{Answer, Call},
    partition::{FetchError, Isolation, Partition},
};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;
/// The replica id of the debugging consumer, which may see what is not committed yet.
const DEBUGGING_CONSUMER: i32 = -2;

/// An offset with what belongs to it; −1 stands for "none".
struct Found {
    timestamp: i64,
    offset: i64,
    leader_epoch: i32,
}

impl Found {
    const NOTHING: Self = Self { timestamp: -1, offset: -1, leader_epoch: -1 };
}

pub(crate) async fn handle(
    call: &Call,
    request: ListOffsetsRequest,
) -> Result<Answer<ListOffsetsResponse>, ErrorCode> {
    let isolation = match (request.replica_id, request.isolation_level) {
        (DEBUGGING_CONSUMER, _) => Isolation::LogEnd,
        (_, 1) => Isolation::ReadCommitted,
        _ => Isolation::ReadUncommitted,
    };
    let (repeated, mut refused) = (repeated(&request), HashSet::new());
    let mut response = ListOffsetsResponse::default();
    for topic in request.topics.iter().filter(|topic| !topic.partitions.is_empty()) {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in &topic.partitions {
            let key = (&*topic.name, asked.partition_index);
            let answer = if repeated.contains(&key) {
                if !refused.insert(key) {
                    continue;
                }
                Err(ErrorCode::INVALID_REQUEST)
            } else {
                list(call, &topic.name, isolation, asked).await
            };
            partitions.push(respond(call.version, asked, answer));
        }
        response.topics.push(ListOffsetsTopicResponse { name: topic.name.clone(), partitions });
    }
    Ok(response.into())
}

/// Partitions that are named more than once: it is not clear which answer would be whose.
fn repeated(request: &ListOffsetsRequest) -> HashSet<(&str, i32)> {
    let (mut seen, mut repeated) = (HashSet::new(), HashSet::new());
    for topic in &request.topics {
        for asked in &topic.partitions {
            let key = (&*topic.name, asked.partition_index);
            if !seen.insert(key) {
                repeated.insert(key);
            }
        }
    }
    repeated
}

async fn list(
    call: &Call,
    topic: &str,
    isolation: Isolation,
    asked: &ListOffsetsPartition,
) -> Result<Found, ErrorCode> {
    let version = call.version;
    if asked.timestamp < 0 && version < first_version(asked.timestamp) {
        return Err(ErrorCode::UNSUPPORTED_VERSION);
    }
    let partition = call.broker.partitions.by_name(topic, asked.partition_index);
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let stale = |error: FetchError| error.code(version);
    partition.check_leader_epoch(asked.current_leader_epoch).map_err(stale)?;
    let bound = partition.inspect(|log, leader| match isolation {
        Isolation::ReadUncommitted => leader.high_watermark(),
        Isolation::ReadCommitted => leader.last_stable_offset(),
        Isolation::LogEnd => log.next_offset(),
    });
    match asked.timestamp {
        LATEST => latest(version, &partition, isolation, bound),
        EARLIEST | EARLIEST_LOCAL => Ok(earliest(&partition)),
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(Found::NOTHING),
        timestamp => search(partition, timestamp, bound).await,
    }
}

/// The version that introduced a special time.
fn first_version(timestamp: i64) -> i16 {
    match timestamp {
        LATEST | EARLIEST => 0,
        MAX_TIMESTAMP => 7,
        EARLIEST_LOCAL => 8,
        LATEST_TIERED => 9,
        EARLIEST_PENDING_UPLOAD => 11,
        _ => i16::MAX,
    }
}

fn latest(version: i16, partition: &Partition, isolation: Isolation, bound: i64) -> Result<Found, ErrorCode> {
    let (current, leader_epoch) =
        partition.inspect(|_, leader| (leader.high_watermark_is_current(), leader.epoch()));
    if !current && isolation != Isolation::LogEnd {
        // An earlier leader may have told somebody a later offset; the answer must never go back (KIP-207).
        let code =
            if version >= 5 { ErrorCode::OFFSET_NOT_AVAILABLE } else { ErrorCode::LEADER_NOT_AVAILABLE };
        return Err(code);
    }
    Ok(Found { timestamp: -1, offset: bound, leader_epoch })
}

fn earliest(partition: &Partition) -> Found {
    let (offset, epoch) = partition.earliest();
    Found { timestamp: -1, offset, leader_epoch: epoch.unwrap_or(-1) }
}

/// Searching reads the file, so it leaves the connection's thread.
async fn search(partition: Arc<Partition>, timestamp: i64, bound: i64) -> Result<Found, ErrorCode> {
    let name = partition.name();
    let look = move || {
        partition.inspect(|log, _| match timestamp {
            MAX_TIMESTAMP => log.max_timestamp_offset(bound),
            timestamp => log.offset_for_timestamp(timestamp, bound),
        })
    };
    let found = tokio::task::spawn_blocking(look).await.unwrap_or_else(|error| Err(io::Error::other(error)));
    match found {
        Ok(Some(found)) => {
            Ok(Found { timestamp: found.timestamp, offset: found.offset, leader_epoch: found.leader_epoch })
        }
        Ok(None) => Ok(Found::NOTHING),
        Err(error) => {
            tracing::error!(partition = %name, %error, "cannot look up an offset by time");
            Err(ErrorCode::KAFKA_STORAGE_ERROR)
        }
    }
}

fn respond(
    version: i16,
    asked: &ListOffsetsPartition,
    answer: Result<Found, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let partition_index = asked.partition_index;
    match answer {
        Err(error_code) => ListOffsetsPartitionResponse { partition_index, error_code, ..Default::default() },
        // Version 0 answers a list of offsets, of which clients take the first.
        Ok(found) if version == 0 => ListOffsetsPartitionResponse {
            partition_index,
            old_style_offsets: (found.offset >= 0 && asked.max_num_offsets > 0)
                .then_some(found.offset)
                .into_iter()
                .collect(),
            ..Default::default()
        },
        Ok(Found { timestamp, offset, leader_epoch }) => ListOffsetsPartitionResponse {
            partition_index,
            timestamp,
            offset,
            // Older clients have no place for it.
            leader_epoch: if version >= 4 { leader_epoch } else { -1 },
            ..Default::default()
        },
    }
}
