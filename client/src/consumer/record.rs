use bytes::Bytes;
use ottla_records::{Batch, BatchError, BatchHeader, Limits, RecordView, Records};
use ottla_types::Str;

use super::partition::TopicPartition;

/// A record that was read. Key and value share the memory of the batch they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its topic.
    pub topic: Str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// The epoch of the leader that wrote it, −1 for unknown.
    pub leader_epoch: i32,
    /// Milliseconds.
    pub timestamp: i64,
    /// `None` for null.
    pub key: Option<Bytes>,
    /// `None` for null.
    pub value: Option<Bytes>,
    /// In order; keys may repeat.
    pub headers: Vec<(String, Option<Bytes>)>,
}

impl Record {
    /// Where it is from.
    #[must_use]
    pub fn at(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.clone(), partition: self.partition }
    }
}

/// The records of one batch, where they lie.
#[derive(Debug, Clone)]
pub struct RecordBatch {
    at: TopicPartition,
    records: Records,
    from: i64,
    header: BatchHeader,
}

impl RecordBatch {
    /// # Errors
    /// The checksum does not match, or the records cannot be decompressed.
    pub(super) fn open(at: TopicPartition, batch: &Batch, from: i64) -> Result<Self, BatchError> {
        batch.verify()?;
        Ok(Self { at, records: batch.records(&Limits::default())?, from, header: *batch.header() })
    }

    /// The same without the records before an offset.
    pub(super) fn from(self, offset: i64) -> Self {
        Self { from: self.from.max(offset), ..self }
    }

    /// Where it is from.
    #[must_use]
    pub fn at(&self) -> &TopicPartition {
        &self.at
    }

    /// What is before this offset is not wanted of it.
    pub(super) const fn start(&self) -> i64 {
        self.from
    }

    /// What stands in front of its records: codec, timestamp type, producer and the rest, as the log has it.
    #[must_use]
    pub const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// One past its last offset.
    #[must_use]
    pub fn next_offset(&self) -> i64 {
        self.header.next_offset()
    }

    /// The epoch of the leader that wrote it, −1 for unknown.
    #[must_use]
    pub const fn leader_epoch(&self) -> i32 {
        self.header.partition_leader_epoch
    }

    /// Its records without a copy; an error where the batch makes no sense from there on.
    pub fn iter(&self) -> impl Iterator<Item = Result<RecordView<'_>, BatchError>> {
        let from = self.from;
        self.records.iter().filter(move |record| record.as_ref().map_or(true, |view| view.offset >= from))
    }

    /// Its records one by one; key and value share the memory of the batch.
    ///
    /// # Errors
    /// One of them makes no sense.
    pub fn records(&self) -> Result<Vec<Record>, BatchError> {
        self.iter().map(|view| view.map(|view| self.record(&view))).collect()
    }

    fn record(&self, view: &RecordView<'_>) -> Record {
        let shared = |bytes: &[u8]| self.records.payload().slice_ref(bytes);
        let text = |key: &[u8]| String::from_utf8_lossy(key).into_owned();
        Record {
            topic: self.at.topic.clone(),
            partition: self.at.partition,
            offset: view.offset,
            leader_epoch: self.header.partition_leader_epoch,
            timestamp: view.timestamp,
            key: view.key.map(shared),
            value: view.value.map(shared),
            headers: view.headers().map(|(key, value)| (text(key), value.map(shared))).collect(),
        }
    }
}
