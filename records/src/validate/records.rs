//! The records of a batch: where its header is enough, and where each is looked at.

use std::ops::RangeInclusive;

use super::{InvalidRecords, ProduceRules, RecordError};
use crate::{Batch, BatchError, Codec, HEADER_LEN, Records, TimestampType, is_whole};

/// Whether a compressed batch may be stored as it is. To decompress it only to look costs more than all the rest of an append; so what
/// its header says of the records is believed, unless it names a timestamp the topic refuses. The topic has to want neither
/// keys nor another codec, and the payload to be one whole frame of its codec that is no bomb.
pub(super) fn header_is_enough(batch: &Batch, rules: &ProduceRules) -> bool {
    let header = batch.header();
    let timely = timely(rules);
    let is_timely = |at: i64| at == -1 || timely.contains(&at);
    let Ok(codec) = header.codec() else { return false };
    codec != Codec::None
        && !rules.compacted
        && !rules.check_compressed
        && rules.codec.is_none_or(|wanted| wanted == codec)
        && is_timely(header.base_timestamp)
        && is_timely(header.max_timestamp)
        && is_whole(codec, &batch.bytes()[HEADER_LEN..], &rules.limits)
}

/// The largest timestamp, which the header of the batch may state wrongly.
pub(super) fn check_records(
    batch: &Batch,
    records: &Records,
    rules: &ProduceRules,
) -> Result<i64, InvalidRecords> {
    let base = batch.header().base_offset;
    let timely = timely(rules);
    let mut keyless = Vec::new();
    let mut untimely = Vec::new();
    let mut max_timestamp = i64::MIN;
    let mut index = 0;
    let walked = records.glance_at_each(|record| {
        if record.offset_delta != i64::from(index) {
            return Err(Wrong::Record(misplaced(index, record.offset_delta)));
        }
        if rules.compacted && !record.has_key {
            keyless.push(RecordError {
                index,
                message: "Compacted topic cannot accept message without key".into(),
            });
        }
        let at = record.timestamp;
        max_timestamp = max_timestamp.max(at);
        if !timely.contains(&at) && at != -1 {
            untimely
                .push(RecordError { index, message: out_of_range(at, base + record.offset_delta, rules) });
        }
        index += 1;
        Ok(())
    });
    walked.map_err(|wrong| match wrong {
        Wrong::Record(invalid) => invalid,
        Wrong::Walk(error) => InvalidRecords::InvalidRecord(error.to_string()),
    })?;
    if !keyless.is_empty() {
        return Err(InvalidRecords::InvalidEach(keyless));
    }
    if !untimely.is_empty() {
        return Err(InvalidRecords::InvalidTimestamp(untimely));
    }
    Ok(max_timestamp)
}

/// What ends the walk through the records of a batch.
enum Wrong {
    Record(InvalidRecords),
    Walk(BatchError),
}

impl From<BatchError> for Wrong {
    fn from(error: BatchError) -> Self {
        Self::Walk(error)
    }
}

#[cold]
fn misplaced(index: i32, delta: i64) -> InvalidRecords {
    InvalidRecords::InvalidRecord(format!("Inner record at position {index} has the offset delta {delta}"))
}

/// The timestamps a record may have besides none, -1.
fn timely(rules: &ProduceRules) -> RangeInclusive<i64> {
    let ProduceRules { now_ms, timestamp_before_max_ms: before, timestamp_after_max_ms: after, .. } = *rules;
    if rules.timestamp_type == TimestampType::LogAppendTime {
        return i64::MIN..=i64::MAX;
    }
    let earliest = if before == i64::MAX { i64::MIN } else { now_ms.saturating_sub(before) };
    earliest..=now_ms.saturating_add(after)
}

#[cold]
fn out_of_range(at: i64, offset: i64, rules: &ProduceRules) -> String {
    format!(
        "Timestamp {at} of message with offset {offset} is out of range. The timestamp should be within [{}, {}]",
        rules.now_ms.saturating_sub(rules.timestamp_before_max_ms),
        rules.now_ms.saturating_add(rules.timestamp_after_max_ms)
    )
}
