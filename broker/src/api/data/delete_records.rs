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
    broker::{Broker, INTERNAL_TOPICS},
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
    let mut wanted = Vec::new();
    for (name, indexes) in order {
        let mut partitions = Vec::with_capacity(indexes.len());
        for partition_index in indexes {
            let (low_watermark, error_code) =
                match find(call, &name, partition_index, offsets[&(name.clone(), partition_index)]) {
                    Ok((partition, target)) => {
                        let slot = (response.topics.len(), partitions.len());
                        wanted.push(Wanted { slot, partition, target });
                        (-1, ErrorCode::NONE)
                    }
                    Err(code) => (-1, code),
                };
            partitions.push(DeleteRecordsPartitionResult { partition_index, low_watermark, error_code });
        }
        response.topics.push(DeleteRecordsTopicResult { name, partitions });
    }
    let broker = Arc::clone(&call.broker);
    // What is deleted must stay so: this writes, and waits for the disk.
    let deleted = tokio::task::spawn_blocking(move || delete(&broker, wanted)).await;
    for ((topic, partition), result) in deleted.map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)? {
        let slot = &mut response.topics[topic].partitions[partition];
        match result {
            Ok(low_watermark) => slot.low_watermark = low_watermark,
            Err(code) => slot.error_code = code,
        }
    }
    Ok(response.into())
}

/// A partition that is to begin later, and where its answer stands in the response.
struct Wanted {
    slot: (usize, usize),
    partition: Arc<Partition>,
    target: i64,
}

/// The partition, and the offset it is to begin at.
fn find(call: &Call, topic: &str, index: i32, offset: i64) -> Result<(Arc<Partition>, i64), ErrorCode> {
    let partition = call.broker.partitions.by_name(topic, index);
    let partition = partition.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    if INTERNAL_TOPICS.contains(&topic) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    if !partition.config().cleanup_policy.delete {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    let high_watermark = partition.inspect(|_, leader| leader.high_watermark());
    let target = if offset == HIGH_WATERMARK { high_watermark } else { offset };
    if target < 0 || target > high_watermark {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    Ok((partition, target))
}

/// Each partition's first offset afterwards. First it is written down where they begin now, then they do.
fn delete(broker: &Broker, wanted: Vec<Wanted>) -> Vec<((usize, usize), Result<i64, ErrorCode>)> {
    let mut done = Vec::with_capacity(wanted.len());
    for (at, data_dir) in broker.dirs.iter().enumerate() {
        let here: Vec<&Wanted> = wanted.iter().filter(|one| one.partition.dir() == at).collect();
        let raised: Vec<_> = here.iter().map(|one| (one.partition.name(), one.target)).collect();
        let written = match data_dir.flusher.failure() {
            Some(why) => Err(why.to_owned()),
            None => data_dir.dir.raise_log_starts(&raised).map_err(|error| error.to_string()),
        };
        for one in here {
            let result = match &written {
                Ok(()) => advance(broker, one),
                Err(error) => {
                    tracing::error!(partition = %one.partition.name(), %error, "deleting records failed");
                    Err(ErrorCode::KAFKA_STORAGE_ERROR)
                }
            };
            done.push((one.slot, result));
        }
    }
    done
}

fn advance(broker: &Broker, wanted: &Wanted) -> Result<i64, ErrorCode> {
    let partition = &wanted.partition;
    let advanced = partition
        .with_log(|log, _| log.advance_log_start(wanted.target).map(|removed| (removed, log.log_start())));
    let (removed, log_start) = advanced.map_err(|error| {
        tracing::error!(partition = %partition.name(), %error, "deleting records failed");
        ErrorCode::KAFKA_STORAGE_ERROR
    })?;
    let due = clock::monotonic().plus(partition.config().file_delete_delay_ms).0;
    broker.doomed.lock().extend(removed.into_iter().map(|file| (due, file)));
    Ok(log_start)
}
