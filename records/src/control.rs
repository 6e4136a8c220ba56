use bytes::{Bytes, BytesMut};

use crate::{Batch, BatchBuilder, BatchError, Limits, NewRecord};

/// What a control record says; the number stands in its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlType {
    /// A transaction ended without effect.
    Abort,
    /// A transaction took effect.
    Commit,
    /// A new leader of the quorum.
    LeaderChange,
    /// First record of a metadata snapshot.
    SnapshotHeader,
    /// Last record of a metadata snapshot.
    SnapshotFooter,
    /// Level of the quorum protocol.
    KraftVersion,
    /// The voters.
    KraftVoters,
    /// One this build does not know.
    Unknown(i16),
}

impl ControlType {
    const KNOWN: [Self; 7] = [
        Self::Abort,
        Self::Commit,
        Self::LeaderChange,
        Self::SnapshotHeader,
        Self::SnapshotFooter,
        Self::KraftVersion,
        Self::KraftVoters,
    ];

    /// The number in the key.
    #[must_use]
    pub fn code(self) -> i16 {
        match self {
            Self::Unknown(code) => code,
            known => Self::KNOWN.iter().position(|k| *k == known).unwrap_or_default() as i16,
        }
    }

    /// By its number.
    #[must_use]
    pub fn from_code(code: i16) -> Self {
        let known = usize::try_from(code).ok().and_then(|at| Self::KNOWN.get(at));
        known.copied().unwrap_or(Self::Unknown(code))
    }
}

/// One control record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRecord {
    /// What it says.
    pub kind: ControlType,
    /// The message behind it.
    pub value: Bytes,
}

impl ControlRecord {
    /// The control records of a batch that is marked as control.
    ///
    /// # Errors
    /// A record without the four-byte key.
    pub fn all(batch: &Batch) -> Result<Vec<Self>, BatchError> {
        let records = batch.records(&Limits::default())?;
        records
            .iter()
            .map(|record| {
                let record = record?;
                let key = record.key.and_then(|key| key.get(2..4));
                let key = key.ok_or(BatchError::Malformed("a control record without its type"))?;
                let kind = ControlType::from_code(i16::from_be_bytes([key[0], key[1]]));
                Ok(Self { kind, value: Bytes::copy_from_slice(record.value.unwrap_or_default()) })
            })
            .collect()
    }
}

/// A control batch of these records, all at `timestamp`.
#[must_use]
pub fn control_batch(base_offset: i64, epoch: i32, timestamp: i64, records: &[ControlRecord]) -> BytesMut {
    let mut builder = BatchBuilder::new().control().leader_epoch(epoch).base_offset(base_offset);
    for record in records {
        builder.push(&NewRecord {
            timestamp,
            key: Some(&key(record.kind)),
            value: Some(&record.value),
            headers: &[],
        });
    }
    builder.finish()
}

/// The marker that ends a transaction of a producer in one partition.
#[must_use]
pub fn end_txn_marker(
    (producer_id, producer_epoch): (i64, i16),
    commit: bool,
    coordinator_epoch: i32,
    timestamp: i64,
) -> BytesMut {
    let kind = if commit { ControlType::Commit } else { ControlType::Abort };
    let mut value = vec![0, 0];
    value.extend_from_slice(&coordinator_epoch.to_be_bytes());
    let mut builder = BatchBuilder::new().control().transactional().producer(producer_id, producer_epoch, -1);
    builder.push(&NewRecord { timestamp, key: Some(&key(kind)), value: Some(&value), headers: &[] });
    builder.finish()
}

/// Key: version 0, then the type.
fn key(kind: ControlType) -> [u8; 4] {
    let [high, low] = kind.code().to_be_bytes();
    [0, 0, high, low]
}
