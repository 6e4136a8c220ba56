//! Fetch (key 1), versions 4–18: reads whole batches from many partitions and waits for more when there is too little.
//!
//! Partitions are filled in the order of the request. The first partition with data always gets its first batch,
//! whatever the limits say, so that a large batch cannot stop a consumer.

use std::{sync::Arc, time::Duration};

use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    fetch_request::FetchRequest,
    fetch_response::{AbortedTransaction, FetchResponse, FetchableTopicResponse, PartitionData},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    call::{Answer, Call},
    partition::{FetchError, Isolation, Partition, PartitionRead, ReadRequest, Waiter},
};

/// One partition a client wants, in the order it asked.
struct Wanted {
    topic: Str,
    topic_id: Uuid,
    index: i32,
    read: ReadRequest,
    partition: Option<Arc<Partition>>,
}

pub(crate) async fn handle(call: &Call, request: FetchRequest) -> Result<Answer<FetchResponse>, ErrorCode> {
    let deadline =
        Instant::now() + Duration::from_millis(u64::try_from(request.max_wait_ms).unwrap_or_default());
    let min_bytes = usize::try_from(request.min_bytes).unwrap_or_default();
    let limit = request.max_bytes.min(call.broker.config.fetch_max_bytes);
    let max_bytes = usize::try_from(limit).unwrap_or_default();
    let wanted = wanted(call, &request);
    let mut answers = read_all(&wanted, max_bytes);
    if !is_enough(&answers, min_bytes) && Instant::now() < deadline {
        let partitions = wanted.iter().filter_map(|wanted| wanted.partition.clone()).collect();
        let registration = Waiter::register(partitions);
        // What moved before the registration is seen here, what moves after it wakes us.
        answers = read_all(&wanted, max_bytes);
        while !is_enough(&answers, min_bytes) {
            if timeout_at(deadline, registration.moved()).await.is_err() {
                break;
            }
            answers = read_all(&wanted, max_bytes);
        }
    }
    Ok(respond(call, wanted, answers).into())
}

fn wanted(call: &Call, request: &FetchRequest) -> Vec<Wanted> {
    let isolation = if request.replica_id == -2 {
        Isolation::LogEnd
    } else if request.isolation_level == 1 {
        Isolation::ReadCommitted
    } else {
        Isolation::ReadUncommitted
    };
    let mut wanted = Vec::new();
    for topic in &request.topics {
        for at in &topic.partitions {
            let partition = if call.version >= 13 {
                call.broker.partitions.by_id(topic.topic_id, at.partition)
            } else {
                call.broker.partitions.by_name(&topic.topic, at.partition)
            };
            wanted.push(Wanted {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                index: at.partition,
                read: ReadRequest {
                    offset: at.fetch_offset,
                    max_bytes: usize::try_from(at.partition_max_bytes).unwrap_or_default(),
                    at_least_one: false,
                    isolation,
                    current_leader_epoch: at.current_leader_epoch,
                },
                partition,
            });
        }
    }
    wanted
}

type Read = Result<PartitionRead, Option<FetchError>>;

fn read_all(wanted: &[Wanted], max_bytes: usize) -> Vec<Read> {
    let mut left = max_bytes;
    let mut nothing_yet = true;
    let mut answers = Vec::with_capacity(wanted.len());
    for one in wanted {
        let Some(partition) = &one.partition else {
            answers.push(Err(None));
            continue;
        };
        let request =
            ReadRequest { max_bytes: one.read.max_bytes.min(left), at_least_one: nothing_yet, ..one.read };
        let read = partition.read(&request).map_err(Some);
        if let Ok(read) = &read {
            left = left.saturating_sub(read.records.len());
            nothing_yet &= read.records.is_empty();
        }
        answers.push(read);
    }
    answers
}

/// Whether to answer now: enough bytes, or an error that must not wait.
fn is_enough(answers: &[Read], min_bytes: usize) -> bool {
    let bytes: usize = answers.iter().flatten().map(|read| read.records.len()).sum();
    answers.is_empty() || bytes >= min_bytes || answers.iter().any(Result::is_err)
}

fn respond(call: &Call, wanted: Vec<Wanted>, answers: Vec<Read>) -> FetchResponse {
    let mut response = FetchResponse::default();
    for (wanted, answer) in wanted.into_iter().zip(answers) {
        let data = partition_data(call.version, wanted.index, answer);
        let same =
            |topic: &FetchableTopicResponse| topic.topic_id == wanted.topic_id && topic.topic == wanted.topic;
        match response.responses.last_mut().filter(|last| same(last)) {
            Some(last) => last.partitions.push(data),
            None => response.responses.push(FetchableTopicResponse {
                topic: wanted.topic,
                topic_id: wanted.topic_id,
                partitions: vec![data],
            }),
        }
    }
    response
}

fn partition_data(version: i16, partition_index: i32, answer: Read) -> PartitionData {
    match answer {
        Ok(read) => PartitionData {
            partition_index,
            high_watermark: read.high_watermark,
            last_stable_offset: read.last_stable_offset,
            log_start_offset: read.log_start_offset,
            aborted_transactions: read.aborted.map(|aborted| {
                let txn = |txn: ottla_log::AbortedTxn| AbortedTransaction {
                    producer_id: txn.producer_id,
                    first_offset: txn.first_offset,
                };
                aborted.into_iter().map(txn).collect()
            }),
            records: Some(read.records.into()),
            ..PartitionData::default()
        },
        Err(error) => {
            let missing = if version >= 13 {
                ErrorCode::UNKNOWN_TOPIC_ID
            } else {
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
            };
            PartitionData {
                partition_index,
                error_code: error.map_or(missing, |error| error.code(version)),
                high_watermark: -1,
                records: Some(bytes::Bytes::new().into()),
                ..PartitionData::default()
            }
        }
    }
}
