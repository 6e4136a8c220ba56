//! Produce (key 0): appends record batches.
//!
//! Every partition is validated and appended on its own, in the order of the connection; the answer then waits once for
//! all of them while the next request is already handled. With acks=0 nothing is answered, and an error closes the
//! connection, which is how the producer learns of it.

mod transactional;
mod whole;

use std::{collections::HashMap, sync::Arc, time::Duration};

use ottla_replication::leader::Acks;
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    produce_response::{
        BatchIndexAndErrorMessage, PartitionProduceResponse, ProduceResponse, TopicProduceResponse,
    },
};
use smallvec::SmallVec;
use tokio::time::{Instant, timeout_at};

use self::transactional::Words;
use crate::{
    call::{Answer, Call},
    partition::{AppendError, Appended, Partition, Waiter},
};

/// A partition whose append waits for its acknowledgement, and where its answer stands in the response.
struct Pending {
    topic: usize,
    partition: usize,
    at: Arc<Partition>,
    appended: Appended,
}

/// Those of a request: one, for most producers.
type Waiting = SmallVec<[Pending; 1]>;

pub(crate) async fn handle(
    call: &Call,
    request: ProduceRequest,
) -> Result<Answer<ProduceResponse>, ErrorCode> {
    let timeout = Duration::from_millis(u64::try_from(request.timeout_ms).unwrap_or(0));
    let deadline = Instant::now() + timeout;
    let acks = Acks::from_wire(request.acks);
    if let Err(refusal) = whole::check(&request) {
        return Ok(match acks {
            Some(Acks::None) => Answer::Close,
            _ => whole::refuse(request, &refusal).into(),
        });
    }
    let words = transactional::ask(call, &request).await;
    let mut pending = Waiting::new();
    let mut response = ProduceResponse::default();
    for (position, topic) in whole::merged(request.topic_data).into_iter().enumerate() {
        response.responses.push(append_topic(call, (acks, &words), topic, position, &mut pending));
    }
    if acks == Some(Acks::None) {
        let mut partitions = response.responses.iter().flat_map(|topic| &topic.partition_responses);
        let failed = partitions.any(|partition| !partition.error_code.is_ok());
        return Ok(if failed { Answer::Close } else { Answer::Silent });
    }
    settle(&mut pending, &mut response, call.version);
    if pending.is_empty() {
        return Ok(response.into());
    }
    let version = call.version;
    Ok(Answer::Later(Box::pin(async move {
        wait(&mut pending, &mut response, deadline, version).await;
        Ok(response)
    })))
}

fn append_topic(
    call: &Call,
    (acks, words): (Option<Acks>, &Words),
    topic: TopicProduceData,
    position: usize,
    pending: &mut Waiting,
) -> TopicProduceResponse {
    let mut answer =
        TopicProduceResponse { name: topic.name.clone(), topic_id: topic.topic_id, ..Default::default() };
    for data in last_of_each(topic.partition_data) {
        let mut slot = PartitionProduceResponse { index: data.index, base_offset: -1, ..Default::default() };
        match append(call, (acks, words), (&topic.name, topic.topic_id), data) {
            Ok((at, appended)) => {
                slot.base_offset = appended.base_offset;
                slot.log_append_time_ms = appended.log_append_time_ms;
                slot.log_start_offset = appended.log_start_offset;
                let partition = answer.partition_responses.len();
                pending.push(Pending { topic: position, partition, at, appended });
            }
            Err(error) => {
                refuse(&mut slot, &error, call.version);
                slot.log_start_offset = log_start(call, (&topic.name, topic.topic_id), slot.index, &error);
            }
        }
        answer.partition_responses.push(slot);
    }
    answer
}

/// A partition that is named twice is appended to once, with what its last mention holds, as in Kafka.
fn last_of_each(mut all: Vec<PartitionProduceData>) -> Vec<PartitionProduceData> {
    if all.len() > 1 {
        let last: HashMap<i32, usize> = all.iter().enumerate().map(|(at, data)| (data.index, at)).collect();
        let mut at = 0..;
        all.retain(|data| at.next() == last.get(&data.index).copied());
    }
    all
}

fn append(
    call: &Call,
    (acks, words): (Option<Acks>, &Words),
    (name, id): (&Str, Uuid),
    data: PartitionProduceData,
) -> Result<(Arc<Partition>, Appended), AppendError> {
    let acks = acks.ok_or(AppendError::InvalidRequiredAcks)?;
    let partition = find(call, (name, id), data.index)?;
    let word = words.of(name, id, data.index)?;
    let records = data.records.map(ottla_wire::Records::into_memory).unwrap_or_default();
    let appended = partition.append(&records, acks, call.version, word)?;
    Ok((partition, appended))
}

fn find(call: &Call, (name, id): (&Str, Uuid), index: i32) -> Result<Arc<Partition>, AppendError> {
    if call.version < 13 {
        return call.broker.partitions.by_name(name, index).ok_or(AppendError::UnknownTopicOrPartition);
    }
    let known = || call.broker.image().topics.by_id(id).is_some();
    call.broker.partitions.by_id(id, index).ok_or_else(|| {
        if known() { AppendError::UnknownTopicOrPartition } else { AppendError::UnknownTopicId }
    })
}

/// The first offset of a partition that refused records, where Kafka says it with this error.
fn log_start(call: &Call, (name, id): (&Str, Uuid), index: i32, error: &AppendError) -> i64 {
    if !error.tells_log_start() {
        return -1;
    }
    let partitions = &call.broker.partitions;
    let at = if call.version >= 13 { partitions.by_id(id, index) } else { partitions.by_name(name, index) };
    at.map_or(-1, |partition| partition.inspect(|log, _| log.log_start()))
}

/// Waits until every append is acknowledged or the producer's timeout has passed.
async fn wait(pending: &mut Waiting, response: &mut ProduceResponse, deadline: Instant, version: i16) {
    let places = pending.iter().map(|p| (Arc::clone(&p.at), p.appended.last_offset + 1));
    let registration = Waiter::register_for(places);
    let settled = timeout_at(deadline, async {
        loop {
            settle(pending, response, version);
            if pending.is_empty() {
                return;
            }
            registration.moved().await;
        }
    });
    if settled.await.is_ok() {
        return;
    }
    for late in pending.drain(..) {
        let slot = &mut response.responses[late.topic].partition_responses[late.partition];
        refuse(slot, &AppendError::TimedOut, version);
    }
}

/// Takes out of `pending` what has been acknowledged or has failed, and writes failures into the response.
fn settle(pending: &mut Waiting, response: &mut ProduceResponse, version: i16) {
    pending.retain(|p| match p.at.acknowledged(&p.appended) {
        Ok(done) => !done,
        Err(error) => {
            let slot = &mut response.responses[p.topic].partition_responses[p.partition];
            refuse(slot, &error, version);
            false
        }
    });
}

fn refuse(slot: &mut PartitionProduceResponse, error: &AppendError, version: i16) {
    slot.error_code = error.code(version);
    slot.base_offset = -1;
    slot.log_append_time_ms = -1;
    slot.log_start_offset = -1;
    slot.error_message = error.message().map(Str::from);
    slot.record_errors = error
        .record_errors()
        .iter()
        .map(|record| BatchIndexAndErrorMessage {
            batch_index: record.index,
            batch_index_error_message: Some(record.message.clone().into()),
        })
        .collect();
}
