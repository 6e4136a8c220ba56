use std::{borrow::Cow, fmt, marker::PhantomData, ops::Deref};

use bytes::Bytes;
use ottla_types::Str;

use super::data::{Data, DataError};
use crate::{OutgoingRecord, Record, SendError};

/// One of the two parts of a record that have a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordPart {
    /// Its key.
    Key,
    /// Its value.
    Value,
}

impl fmt::Display for RecordPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Value => "value",
        })
    }
}

/// A record with the topic it is for: see [`Topic::record`](crate::Topic::record).
#[derive(Debug, Clone)]
#[must_use = "it is written once it is sent"]
pub struct ProducerRecord {
    pub(super) topic: Cow<'static, str>,
    pub(super) record: Result<OutgoingRecord, SendError>,
}

impl ProducerRecord {
    /// With one more header.
    pub fn header(self, key: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.with(|record| record.headers.push((key.into(), Some(value.into()))))
    }

    /// Of another time than now; milliseconds.
    pub fn timestamp(self, ms: i64) -> Self {
        self.with(|record| record.timestamp = Some(ms))
    }

    /// For this partition, whatever the key says.
    pub fn partition(self, partition: i32) -> Self {
        self.with(|record| record.partition = Some(partition))
    }

    /// The topic it is for.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The same as bytes, for [`send`](crate::Producer::send).
    ///
    /// # Errors
    /// Its key or its value cannot be written.
    pub fn into_outgoing(self) -> Result<OutgoingRecord, SendError> {
        self.record
    }

    fn with(mut self, change: impl FnOnce(&mut OutgoingRecord)) -> Self {
        if let Ok(record) = &mut self.record {
            change(record);
        }
        self
    }
}

/// A record that was read, with the types of its topic. All of the [`Record`] is there as well: its place, its time, its
/// headers, and the bytes of key and value.
///
/// Key and value are read when they are asked for. One that cannot be read is an error of that call, and nothing else: the
/// next record comes all the same, and whoever wants to go on marks this one.
pub struct ConsumerRecord<K, V> {
    record: Record,
    data: PhantomData<fn() -> (K, V)>,
}

impl<K, V> ConsumerRecord<K, V> {
    pub(crate) fn new(record: Record) -> Self {
        Self { record, data: PhantomData }
    }

    /// The record as bytes.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record
    }

    fn read<T: Data>(&self, part: RecordPart, bytes: Option<&Bytes>) -> Result<T::Value, Unreadable> {
        T::decode(bytes).map_err(|why| Unreadable {
            topic: self.topic.clone(),
            partition: self.partition,
            offset: self.offset,
            part,
            wanted: std::any::type_name::<T>(),
            why,
        })
    }
}

impl<K: Data, V> ConsumerRecord<K, V> {
    /// Its key, read anew each time.
    ///
    /// # Errors
    /// Its bytes are no such key.
    pub fn key(&self) -> Result<K::Value, Unreadable> {
        self.read::<K>(RecordPart::Key, self.record.key.as_ref())
    }
}

impl<K, V: Data> ConsumerRecord<K, V> {
    /// Its value, read anew each time.
    ///
    /// # Errors
    /// Its bytes are no such value.
    pub fn value(&self) -> Result<V::Value, Unreadable> {
        self.read::<V>(RecordPart::Value, self.record.value.as_ref())
    }
}

impl<K, V> Deref for ConsumerRecord<K, V> {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl<K, V> Clone for ConsumerRecord<K, V> {
    fn clone(&self) -> Self {
        Self::new(self.record.clone())
    }
}

impl<K, V> fmt::Debug for ConsumerRecord<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.record.fmt(f)
    }
}

/// A key or value that is not what its topic says. Only this record is concerned: to go on, mark it and take the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{topic}-{partition} @{offset}: the {part} is no {wanted}: {why}")]
pub struct Unreadable {
    /// The record's topic.
    pub topic: Str,
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Which part of it.
    pub part: RecordPart,
    /// The type the topic says.
    pub wanted: &'static str,
    /// What is wrong with the bytes, which are in the record's own `key` or `value`.
    pub why: DataError,
}
