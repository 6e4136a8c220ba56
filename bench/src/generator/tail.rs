//! A consumer at the end of a partition: one long poll after the other.

use std::sync::atomic::{AtomicU64, Ordering};

use ottla_records::{Batches, Limits};
use ottla_wire::messages::fetch_request::{FetchPartition, FetchRequest, FetchTopic};

use super::{connection::Connection, frames::STAMP_LEN, latency::Latency, open::Schedule};
use crate::Result;

/// A version all three servers speak.
const FETCH: i16 = 11;
const MAX_BYTES: i32 = 8 << 20;
const MAX_WAIT_MS: i32 = 500;
/// So many empty answers in a row mean that nothing will come any more: a minute.
const EMPTY: u32 = 120;

/// Fetches partition 0 from its beginning until `total` requests have arrived. The last value of each batch carries the
/// number of its request.
pub(super) fn follow(
    mut connection: Connection,
    topic: &str,
    schedule: Schedule,
    total: &AtomicU64,
) -> Result<Latency> {
    let mut latency = Latency::new()?;
    let (mut offset, mut next, mut empty) = (0, 0_u64, 0);
    while next < total.load(Ordering::Acquire) {
        let answer = connection.ask(FETCH, &request(topic, offset))?;
        let partition = answer.responses.into_iter().flat_map(|topic| topic.partitions).next();
        let partition = partition.ok_or("a fetch without its partition")?;
        if !partition.error_code.is_ok() {
            return Err(format!("a fetch was refused: {:?}", partition.error_code).into());
        }
        let bytes = partition.records.map(ottla_wire::Records::into_memory).unwrap_or_default();
        empty = if bytes.is_empty() { empty + 1 } else { 0 };
        if empty > EMPTY {
            return Err(format!("nothing more to fetch after {next} requests").into());
        }
        for batch in Batches::new(bytes) {
            let batch = batch?;
            if batch.header().next_offset() <= offset {
                continue;
            }
            offset = batch.header().next_offset();
            let records = batch.records(&Limits::default())?;
            let last = records.iter().last().ok_or("a batch without records")??;
            let stamp = last
                .value
                .and_then(|value| value.first_chunk::<STAMP_LEN>())
                .ok_or("a value without a stamp")?;
            let index = u64::from_be_bytes(*stamp);
            if index != next {
                return Err(format!("request {index} came where {next} is due").into());
            }
            schedule.record(index, &mut latency);
            next += 1;
        }
    }
    Ok(latency)
}

fn request(topic: &str, offset: i64) -> FetchRequest {
    let partition = FetchPartition {
        partition: 0,
        fetch_offset: offset,
        partition_max_bytes: MAX_BYTES,
        ..FetchPartition::default()
    };
    let topic = FetchTopic { topic: topic.into(), partitions: vec![partition], ..FetchTopic::default() };
    FetchRequest {
        replica_id: -1,
        max_wait_ms: MAX_WAIT_MS,
        min_bytes: 1,
        max_bytes: MAX_BYTES,
        session_epoch: -1,
        topics: vec![topic],
        ..FetchRequest::default()
    }
}
