//! Record batches v2: view, iterate, build, validate, compress.
//!
//! A batch is looked at where it lies: [`BatchHeader`] reads and patches the 61 bytes in front, [`Batch`] walks the
//! records behind them without copying. Base offset and leader epoch stand outside the checksum, so the log assigns
//! them in place. Whatever the bytes are, nothing here panics and nothing allocates more than its limit.
//!
//! Deliberately unknown here: files, offsets that are already taken, and the wire messages batches travel in.

#![forbid(unsafe_code)]

mod batch;
mod builder;
mod codec;
mod control;
mod glance;
mod glimpse;
mod header;
mod record;
mod rewrite;
pub mod validate;
mod varint;

pub use batch::{Batch, Batches};
pub use builder::{BatchBuilder, Header, NewRecord};
pub use codec::{Codec, CodecError, Levels, Limits, compress, decompress, is_whole};
pub use control::{ControlRecord, ControlType, control_batch, end_txn_marker};
pub use glimpse::{Glimpse, Unwalkable, glimpse};
pub use header::{BatchError, BatchHeader, HEADER_LEN, TimestampType};
pub use record::{RecordIter, RecordView, Records};
pub use rewrite::{with_records, without_records};

/// CRC-32C, the checksum of batches.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    // The algorithm's width is 32 bits, so the upper half is always zero.
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}
