//! Batches as the scripts send them and as they are found again.

use bytes::Bytes;
use ottla_records::{Batch, BatchBuilder, Batches, Limits, NewRecord, end_txn_marker, validate::AppendBatch};

/// What a batch is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Without a producer id.
    Plain,
    /// Of an idempotent producer.
    Idempotent,
    /// Of a transaction.
    Transactional,
    /// The end of one, which was aborted.
    Abort,
}

/// A batch that was sent, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Offset of its first record, once it has one.
    pub base: i64,
    /// Epoch of the leader that took it.
    pub epoch: i32,
    /// Of every record.
    pub timestamp: i64,
    /// One a record.
    pub values: Vec<String>,
    /// What it is.
    pub kind: Kind,
    /// Id and first sequence.
    pub producer: (i64, i32),
}

impl Sent {
    /// Offset of the last record.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.base + self.values.len() as i64 - 1
    }

    /// As it goes to the log.
    ///
    /// # Panics
    /// Never: a batch of our own making can be read.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        let (id, sequence) = self.producer;
        if self.kind == Kind::Abort {
            return end_txn_marker((id, 0), false, 0, self.timestamp).freeze();
        }
        let mut builder = BatchBuilder::new();
        if self.kind != Kind::Plain {
            builder = builder.producer(id, 0, sequence);
        }
        if self.kind == Kind::Transactional {
            builder = builder.transactional();
        }
        for value in &self.values {
            builder.push(&NewRecord {
                timestamp: self.timestamp,
                value: Some(value.as_bytes()),
                ..NewRecord::default()
            });
        }
        builder.finish().freeze()
    }

    /// As the log takes it.
    ///
    /// # Panics
    /// Never: a batch of our own making can be read.
    #[must_use]
    pub fn to_append(&self) -> AppendBatch {
        AppendBatch::trusted(&self.bytes()).expect("a batch of our own making")
    }
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its offset.
    pub offset: i64,
    /// Its timestamp.
    pub timestamp: i64,
    /// Its value; empty for a control record.
    pub value: String,
}

/// The batches in `bytes`, each sound.
///
/// # Errors
/// One is not.
pub fn parse(bytes: Bytes) -> Result<Vec<Batch>, String> {
    Batches::new(bytes)
        .map(|batch| {
            let batch = batch.map_err(|error| error.to_string())?;
            batch.verify().map_err(|error| format!("{:?}: {error}", batch.header()))?;
            Ok(batch)
        })
        .collect()
}

/// The records of a batch.
///
/// # Errors
/// They cannot be read.
pub fn records(batch: &Batch) -> Result<Vec<Found>, String> {
    let control = batch.header().is_control();
    let records = batch.records(&Limits::default()).map_err(|error| error.to_string())?;
    let found = records.iter().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        let value = if control { &[][..] } else { record.value.unwrap_or_default() };
        let value = String::from_utf8_lossy(value).into_owned();
        Ok(Found { offset: record.offset, timestamp: record.timestamp, value })
    });
    found.collect()
}
