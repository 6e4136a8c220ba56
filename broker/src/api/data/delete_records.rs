//! DeleteRecords (key 21): lets partitions begin at a later offset.

use std::{collections::HashMap, sync::Arc};

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    delete_records_request::DeleteRecordsRequest,
    delete_records_response::{
        DeleteRecordsPartitionResult, DeleteRecordsResponse, DeleteRecordsTopicResult,
    },
};

use crate::{
    background::write_checkpoints,
    broker::INTERNAL_TOPICS,
    call::{Answer, Call},
    clock,
    partition::Partition,
};

/// Stands for "everything there is": the high watermark.
const HIGH_WATERMARK: i64 = -1;

pub(crate) async fn handle(
    call: &Call,
    request: DeleteRecordsRequest,
) -> Result<Answer<DeleteRecordsResponse>, ErrorCode> {
    // A partition that is named twice is truncated once, as its last mention says.
    let mut order: Vec<(Str, Vec<i32>)> = Vec::new();
    let mut offsets: HashMap<(Str, i32), i64> = HashMap::new();
    for topic in request.topics.into_iter().filter(|topic| !topic.partitions.is_empty()) {
        let position = order.iter().position(|(name, _)| *name == topic.name).unwrap_or_else(|| {
            order.push((topic.name.clone(), Vec::new()));
            order.len() - 1
        });
        for asked in topic.partitions {
            if offsets.insert((topic.name.clone(), asked.partition_index), asked.offset).is_none() {
                order[position].1.push(asked.partition_index);
            }
        }
    }
    let mut response = DeleteRecordsResponse::default();
    for (name, indexes) in order {
        let delete = |partition_index: i32| {
            let offset = offsets[&(name.clone(), partition_index)];
            let (low_watermark, error_code) = match delete_before(call, &name, partition_index, offset) {
                Ok(low_watermark) => (low_watermark, ErrorCode::NONE),
                Err(code) => (-1, code),
            };
            DeleteRecordsPartitionResult { partition_index, low_watermark, error_code }
        };
        let partitions = indexes.into_iter().map(delete).collect();
        response.topics.push(DeleteRecordsTopicResult { name, partitions });
    }
    keep_deleted(call, &mut response).await;
    Ok(response.into())
}

/// Writes down where the logs begin now: after a crash the records would come back.
async fn keep_deleted(call: &Call, response: &mut DeleteRecordsResponse) {
    let partitions = || response.topics.iter().flat_map(|topic| &topic.partitions);
    if partitions().all(|partition| partition.error_code != ErrorCode::NONE) {
        return;
    }
    let broker = Arc::clone(&call.broker);
    let written = tokio::task::spawn_blocking(move || write_checkpoints(&broker)).await;
    let Err(error) = written.map_err(std::io::Error::other).flatten() else { return };
    tracing::error!(%error, "deleting records failed");
    let partitions = response.topics.iter_mut().flat_map(|topic| &mut topic.partitions);
    for partition in partitions.filter(|partition| partition.error_code == ErrorCode::NONE) {
        partition.error_code = ErrorCode::KAFKA_STORAGE_ERROR;
        partition.low_watermark = -1;
    }
}

/// The partition's first offset afterwards.
fn delete_before(call: &Call, topic: &str, index: i32, offset: i64) -> Result<i64, ErrorCode> {
    let partition = call.broker.partitions.by_name(topic, index);
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    if INTERNAL_TOPICS.contains(&topic) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    if !partition.config().cleanup_policy.delete {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    advance(call, &partition, offset)
}

fn advance(call: &Call, partition: &Partition, offset: i64) -> Result<i64, ErrorCode> {
    let (removed, log_start) = partition.with_log(|log, leader| {
        let high_watermark = leader.high_watermark();
        let target = if offset == HIGH_WATERMARK { high_watermark } else { offset };
        if target < 0 || target > high_watermark {
            return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
        }
        match log.advance_log_start(target) {
            Ok(removed) => Ok((removed, log.log_start())),
            Err(error) => {
                tracing::error!(%error, "deleting records failed");
                Err(ErrorCode::KAFKA_STORAGE_ERROR)
            }
        }
    })?;
    let due = clock::monotonic().plus(partition.config().file_delete_delay_ms).0;
    call.broker.doomed.lock().extend(removed.into_iter().map(|file| (due, file)));
    Ok(log_start)
}
