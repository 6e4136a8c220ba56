//! Record batches for produce requests, right and wrong.

use bytes::Bytes;
use ottla_records::{BatchBuilder, BatchHeader, Codec, Levels, NewRecord, crc32c};

/// Timestamp of the first record of every batch: 2020.
pub(super) const TIME: i64 = 1_600_000_000_000;

/// A batch with a record for each value, one millisecond after another.
pub(super) fn batch(values: &[&str]) -> Bytes {
    filled(BatchBuilder::new(), values)
}

/// As [`batch`], compressed.
pub(super) fn compressed(codec: Codec, values: &[&str]) -> Bytes {
    filled(BatchBuilder::new().codec(codec, Levels::default()), values)
}

/// As [`batch`], of an idempotent producer.
pub(super) fn sequenced(id: i64, epoch: i16, sequence: i32, values: &[&str]) -> Bytes {
    filled(BatchBuilder::new().producer(id, epoch, sequence), values)
}

/// Fills what `builder` began.
pub(super) fn filled(mut builder: BatchBuilder, values: &[&str]) -> Bytes {
    for (n, value) in values.iter().enumerate() {
        let timestamp = TIME + n as i64;
        builder.push(&NewRecord { timestamp, key: Some(b"k"), value: Some(value.as_bytes()), headers: &[] });
    }
    builder.finish().freeze()
}

/// A batch with its header changed and the checksum made right again.
pub(super) fn changed(batch: &Bytes, change: impl FnOnce(&mut BatchHeader)) -> Bytes {
    let mut bytes = batch.to_vec();
    let mut header = BatchHeader::parse(&bytes).expect("made by the builder");
    change(&mut header);
    header.write(&mut bytes);
    let checksum = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&checksum.to_be_bytes());
    bytes.into()
}
