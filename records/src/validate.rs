//! What a broker checks before it appends a producer's batch, and what it changes.
//!
//! The order is Kafka's: framing and size, checksum, header sense, then each record, unless the header of a compressed batch
//! says enough. Nothing is appended when one record is bad; the errors say which.

mod records;

use bytes::Bytes;
use records::{check_records, header_is_enough};

use crate::{
    Batch, BatchBuilder, BatchError, BatchHeader, Codec, HEADER_LEN, Header, Levels, Limits, NewRecord,
    RecordView, Records, TimestampType, glimpse, header::LENGTH_OVERHEAD,
};

/// The settings of the topic and the version of the request.
#[derive(Debug, Clone, Copy)]
pub struct ProduceRules {
    /// `max.message.bytes`: of the compressed batch.
    pub max_message_bytes: usize,
    /// `message.timestamp.type`.
    pub timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`.
    pub timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub timestamp_after_max_ms: i64,
    /// `cleanup.policy` names `compact`: every record needs a key.
    pub compacted: bool,
    /// Compressed records are decompressed and looked at one by one also where the batch's header says all that has to be known.
    pub check_compressed: bool,
    /// `compression.type`; `None` keeps the producer's.
    pub codec: Option<Codec>,
    /// `compression.*.level`.
    pub levels: Levels,
    /// Bounds of decompression.
    pub limits: Limits,
    /// Version of the Produce request.
    pub version: i16,
    /// Wall clock, milliseconds.
    pub now_ms: i64,
}

/// A batch that may be appended: the log writes its place into the header and leaves the payload where it lies.
#[derive(Debug, Clone)]
pub struct AppendBatch {
    /// Offsets relative to 0 until the log assigns them.
    pub header: BatchHeader,
    /// Everything behind the header.
    pub payload: Bytes,
}

impl AppendBatch {
    /// A batch that is known to be sound, as coordinators and the controller build them.
    ///
    /// # Errors
    /// There is no batch.
    pub fn trusted(bytes: &Bytes) -> Result<Self, BatchError> {
        let batch = Batch::parse(bytes)?;
        Ok(Self { header: *batch.header(), payload: batch.bytes().slice(HEADER_LEN..) })
    }

    /// Bytes of the whole batch.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        HEADER_LEN + self.payload.len()
    }
}

/// Why one record is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordError {
    /// Its place in the batch.
    pub index: i32,
    /// Why.
    pub message: String,
}

/// Why a partition's records are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRecords {
    /// CORRUPT_MESSAGE.
    #[error(transparent)]
    Corrupt(#[from] BatchError),
    /// MESSAGE_TOO_LARGE.
    #[error(
        "The record batch size in the append to the log is {size} bytes which exceeds the maximum configured value of {max}."
    )]
    TooLarge {
        /// Of the batch.
        size: usize,
        /// `max.message.bytes`.
        max: usize,
    },
    /// INVALID_RECORD before the partition is asked: these bytes are not one batch of a version that is allowed.
    #[error("{0}")]
    NotOneBatch(String),
    /// INVALID_RECORD.
    #[error("{0}")]
    InvalidRecord(String),
    /// INVALID_RECORD with the records it is about.
    #[error("One or more records have been rejected due to {} record errors in total, and only showing the first three errors at most: [{}]", .0.len(), first_three(.0))]
    InvalidEach(Vec<RecordError>),
    /// INVALID_TIMESTAMP with the records it is about.
    #[error("One or more records have been rejected due to invalid timestamp")]
    InvalidTimestamp(Vec<RecordError>),
    /// UNSUPPORTED_COMPRESSION_TYPE.
    #[error("Produce requests with version {0} are not allowed to use ZStandard compression")]
    UnsupportedCompression(i16),
    /// UNSUPPORTED_FOR_MESSAGE_FORMAT.
    #[error("records of magic {0} are not accepted by version {1} of Produce")]
    UnsupportedMagic(i8, i16),
}

fn first_three(errors: &[RecordError]) -> String {
    let text =
        |error: &RecordError| format!("RecordError(batchIndex={}, message='{}')", error.index, error.message);
    errors.iter().take(3).map(text).collect::<Vec<_>>().join(", ")
}

/// Checks one partition's records and makes them ready for the log.
///
/// # Errors
/// Says what to answer; nothing has been changed.
pub fn validate_for_append(records: &Bytes, rules: &ProduceRules) -> Result<AppendBatch, InvalidRecords> {
    let batch = single_batch(records, rules)?;
    if batch.bytes().len() > rules.max_message_bytes {
        return Err(InvalidRecords::TooLarge { size: batch.bytes().len(), max: rules.max_message_bytes });
    }
    batch.verify()?;
    check_header(batch.header(), rules)?;
    if header_is_enough(&batch, rules) {
        let append = AppendBatch { header: *batch.header(), payload: batch.bytes().slice(HEADER_LEN..) };
        return Ok(stamp(append, batch.header().max_timestamp, rules));
    }
    let walked = batch.records(&rules.limits).map_err(|error| match error {
        BatchError::Codec(_) => InvalidRecords::InvalidRecord(error.to_string()),
        other => other.into(),
    })?;
    let max_timestamp = check_records(&batch, &walked, rules)?;
    let source = batch.header().codec()?;
    let append = match rules.codec {
        Some(target) if target != source => recompress(&batch, &walked, target, rules)?,
        _ => AppendBatch { header: *batch.header(), payload: batch.bytes().slice(HEADER_LEN..) },
    };
    Ok(stamp(append, max_timestamp, rules))
}

fn single_batch(records: &Bytes, rules: &ProduceRules) -> Result<Batch, InvalidRecords> {
    let batch = Batch::parse(records).map_err(|error| match error {
        BatchError::UnsupportedMagic(magic) if rules.version >= 3 && (0..2).contains(&magic) => {
            InvalidRecords::NotOneBatch(format!(
                "Produce requests with version {} are only allowed to contain record batches with magic version 2",
                rules.version
            ))
        }
        BatchError::Truncated { .. } if rules.version >= 3 => {
            InvalidRecords::NotOneBatch(format!(
                "Produce requests with version {} must have exactly one record batch per partition",
                rules.version
            ))
        }
        other => other.into(),
    })?;
    // The beginning of another batch behind this one does not count, nor is it appended.
    match glimpse(&records[batch.bytes().len()..]) {
        Ok(None) => Ok(batch),
        Ok(Some(_)) => Err(InvalidRecords::NotOneBatch(format!(
            "Produce requests with version {} must have exactly one record batch per partition",
            rules.version
        ))),
        Err(_) => Err(BatchError::Malformed("what follows the batch is not another one").into()),
    }
}

fn check_header(header: &BatchHeader, rules: &ProduceRules) -> Result<(), InvalidRecords> {
    let invalid = |text: String| Err(InvalidRecords::InvalidRecord(text));
    if header.codec()? == Codec::Zstd && rules.version < 7 {
        return Err(InvalidRecords::UnsupportedCompression(rules.version));
    }
    if header.base_offset != 0 {
        return invalid(format!(
            "The baseOffset of the record batch in the append should be 0, but it is {}",
            header.base_offset
        ));
    }
    if header.is_control() {
        return invalid("Clients are not allowed to write control records".into());
    }
    if header.record_count <= 0 || header.last_offset_delta != header.record_count - 1 {
        return invalid(format!(
            "Inconsistent batch: {} records, last offset delta {}",
            header.record_count, header.last_offset_delta
        ));
    }
    if header.has_producer() && header.base_sequence < 0 {
        return invalid(format!(
            "Invalid sequence number {} in record batch with producerId {}",
            header.base_sequence, header.producer_id
        ));
    }
    if header.has_delete_horizon() {
        return invalid("Clients are not allowed to set the delete horizon".into());
    }
    if header.is_transactional() && !header.has_producer() {
        return invalid("A transactional batch needs a producer id".into());
    }
    Ok(())
}

/// The same records in another codec.
fn recompress(
    batch: &Batch,
    records: &Records,
    target: Codec,
    rules: &ProduceRules,
) -> Result<AppendBatch, InvalidRecords> {
    let old = batch.header();
    let mut builder = BatchBuilder::new().codec(target, rules.levels).producer(
        old.producer_id,
        old.producer_epoch,
        old.base_sequence,
    );
    if old.is_transactional() {
        builder = builder.transactional();
    }
    for record in records.iter() {
        let record = record?;
        let headers: Vec<Header<'_>> = record.headers().collect();
        let RecordView { timestamp, key, value, .. } = record;
        builder.push(&NewRecord { timestamp, key, value, headers: &headers });
    }
    let bytes = builder.finish().freeze();
    if bytes.len() > rules.max_message_bytes {
        return Err(InvalidRecords::TooLarge { size: bytes.len(), max: rules.max_message_bytes });
    }
    Ok(AppendBatch::trusted(&bytes)?)
}

/// Relative offsets, the largest timestamp as the records say it, and the append time where the topic wants it.
fn stamp(mut append: AppendBatch, max_timestamp: i64, rules: &ProduceRules) -> AppendBatch {
    let header = &mut append.header;
    header.base_offset = 0;
    header.batch_length = (HEADER_LEN - LENGTH_OVERHEAD + append.payload.len()) as i32;
    let before = (header.attributes, header.max_timestamp);
    match rules.timestamp_type {
        TimestampType::CreateTime => {
            header.attributes &= !0x08;
            header.max_timestamp = max_timestamp;
        }
        TimestampType::LogAppendTime => {
            header.attributes |= 0x08;
            header.max_timestamp = rules.now_ms;
        }
    }
    if before != (header.attributes, header.max_timestamp) {
        header.crc = crc_of(header, &append.payload);
    }
    append
}

/// The checksum of a header and a payload that do not lie together.
fn crc_of(header: &BatchHeader, payload: &[u8]) -> u32 {
    let mut head = [0; HEADER_LEN];
    header.write(&mut head);
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    digest.update(&head[crate::header::CRC_FROM..]);
    digest.update(payload);
    digest.finalize() as u32
}
