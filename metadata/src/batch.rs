//! Records of the metadata log in record batches.

use crate::{Features, record_version};
use bytes::{Bytes, BytesMut};
use ottla_records::{Batch, BatchBuilder, BatchError, ControlRecord, Limits, NewRecord};
use ottla_wire::{DecodeError, EncodeError, MetadataRecord};

/// What a batch of the metadata log holds.
#[derive(Debug, Clone, PartialEq)]
pub enum BatchContent {
    /// Records for the image.
    Records(Vec<MetadataRecord>),
    /// Records of the quorum: leader changes, voters, snapshot header and footer.
    Control(Vec<ControlRecord>),
}

/// A batch of the metadata log cannot be read. Fatal: skipping it would make this node's metadata another one.
#[derive(Debug, thiserror::Error)]
pub enum DecodeBatchError {
    /// The batch itself.
    #[error("batch at offset {offset}: {cause}")]
    Batch {
        /// Base offset of the batch.
        offset: i64,
        /// What is wrong with it.
        cause: BatchError,
    },
    /// A record in it.
    #[error("record at offset {offset}: {cause}; was it written by a newer release?")]
    Record {
        /// Offset of the record.
        offset: i64,
        /// What is wrong with it.
        cause: DecodeError,
    },
}

/// Reads a batch.
///
/// # Errors
/// Damaged bytes, or a record type or version this build does not know.
pub fn decode_batch(batch: &Batch) -> Result<BatchContent, DecodeBatchError> {
    let offset = batch.header().base_offset;
    let bad = |cause| DecodeBatchError::Batch { offset, cause };
    if batch.header().is_control() {
        return ControlRecord::all(batch).map(BatchContent::Control).map_err(bad);
    }
    let views = batch.records(&Limits::default()).map_err(bad)?;
    let mut records = Vec::new();
    for view in views.iter() {
        let view = view.map_err(bad)?;
        let value = Bytes::copy_from_slice(view.value.unwrap_or_default());
        let record = MetadataRecord::decode(value);
        records.push(record.map_err(|cause| DecodeBatchError::Record { offset: view.offset, cause })?);
    }
    Ok(BatchContent::Records(records))
}

/// One batch of these records, at offset 0; the log assigns the offset. `timestamp` is in milliseconds.
///
/// # Errors
/// A record holds something its version cannot carry.
pub fn encode_batch(
    records: &[MetadataRecord],
    features: &Features,
    epoch: i32,
    timestamp: i64,
) -> Result<BytesMut, EncodeError> {
    let mut builder = BatchBuilder::new().leader_epoch(epoch);
    for record in records {
        let value = record.encode(record_version(record, features))?;
        builder.push(&NewRecord { timestamp, key: None, value: Some(&value), headers: &[] });
    }
    Ok(builder.finish())
}
