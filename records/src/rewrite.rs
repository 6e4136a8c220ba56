//! A batch again, without some of its records.
//!
//! What is known of a batch beside its records stays: where it begins and ends, who led, who produced it and up to which
//! sequence. So a log says the same of its producers before and after records were removed from it.

use bytes::BytesMut;

use crate::{
    BatchBuilder, BatchError, BatchHeader, HEADER_LEN, Levels, NewRecord, RecordView, TimestampType,
};

/// Attribute bit: the base timestamp is the delete horizon.
const DELETE_HORIZON: i16 = 0x40;
/// What attributes keep of a batch without records: what timestamps mean, transactional, control.
const KEPT_WHEN_EMPTY: i16 = 0x38;

/// The batch of `header` with these of its records only, compressed as it was. `horizon` stands in it from now on.
///
/// # Errors
/// The codec is unknown.
pub fn with_records(
    header: &BatchHeader,
    records: &[RecordView<'_>],
    horizon: Option<i64>,
) -> Result<BytesMut, BatchError> {
    // A timestamp that cannot be counted from the horizon could not be read again.
    let countable =
        |horizon: &i64| records.iter().all(|record| record.timestamp.checked_sub(*horizon).is_some());
    let horizon = horizon.filter(countable);
    let mut builder = BatchBuilder::new()
        .base_offset(header.base_offset)
        .leader_epoch(header.partition_leader_epoch)
        .producer(header.producer_id, header.producer_epoch, header.base_sequence)
        .codec(header.codec()?, Levels::default());
    if let Some(horizon) = horizon {
        builder = builder.base_timestamp(horizon);
    }
    for record in records {
        let headers: Vec<_> = record.headers().collect();
        let delta = i32::try_from(record.offset - header.base_offset)
            .map_err(|_| BatchError::Malformed("a record far from its batch"))?;
        let kept = NewRecord {
            timestamp: record.timestamp,
            key: record.key,
            value: record.value,
            headers: &headers,
        };
        builder.push_at(delta, &kept);
    }
    Ok(builder.finish_with(|new| {
        new.last_offset_delta = header.last_offset_delta;
        new.attributes |= header.attributes & KEPT_WHEN_EMPTY;
        if horizon.is_some() {
            new.attributes |= DELETE_HORIZON;
        }
        if header.timestamp_type() == TimestampType::LogAppendTime {
            new.max_timestamp = header.max_timestamp;
        }
    }))
}

/// The batch of `header` with no record at all: its offsets and what it says of its producer.
#[must_use]
pub fn without_records(header: &BatchHeader) -> BytesMut {
    let mut bytes = BytesMut::zeroed(HEADER_LEN);
    let empty = BatchHeader {
        batch_length: (HEADER_LEN - crate::header::LENGTH_OVERHEAD) as i32,
        attributes: header.attributes & KEPT_WHEN_EMPTY,
        base_timestamp: -1,
        record_count: 0,
        ..*header
    };
    empty.write(&mut bytes);
    BatchHeader::renew_crc(&mut bytes);
    bytes
}
