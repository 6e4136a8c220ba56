use bytes::{BufMut, BytesMut};

use crate::{
    BatchHeader, Codec, HEADER_LEN, Levels, TimestampType, compress, header::LENGTH_OVERHEAD, varint,
};

/// A header: key, value or null.
pub type Header<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct NewRecord<'a> {
    /// Milliseconds.
    pub timestamp: i64,
    /// `None` for null.
    pub key: Option<&'a [u8]>,
    /// `None` for null.
    pub value: Option<&'a [u8]>,
    /// In order; keys may repeat.
    pub headers: &'a [Header<'a>],
}

impl NewRecord<'_> {
    /// Bytes it takes in a batch at most, uncompressed.
    #[must_use]
    pub fn size_bound(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(k, v)| field_size(Some(k)) + field_size(*v)).sum();
        // Length, attributes, timestamp delta, offset delta and number of headers at their longest.
        5 + 1 + 10 + 5 + 5 + field_size(self.key) + field_size(self.value) + headers
    }
}

/// Builds one batch. Offsets are consecutive from the base offset.
#[derive(Debug, Clone)]
pub struct BatchBuilder {
    base_offset: i64,
    leader_epoch: i32,
    attributes: i16,
    codec: Codec,
    levels: Levels,
    producer: (i64, i16, i32),
    base_timestamp: Option<i64>,
    max_timestamp: i64,
    count: i32,
    /// Room for the header, and behind it the records uncompressed; empty before the first of them.
    bytes: BytesMut,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchBuilder {
    /// An empty, uncompressed batch at offset 0.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base_offset: 0,
            leader_epoch: -1,
            attributes: 0,
            codec: Codec::None,
            levels: Levels::default(),
            producer: (-1, -1, -1),
            base_timestamp: None,
            max_timestamp: -1,
            count: 0,
            bytes: BytesMut::new(),
        }
    }

    /// Offset of the first record.
    #[must_use]
    pub const fn base_offset(mut self, base_offset: i64) -> Self {
        self.base_offset = base_offset;
        self
    }

    /// Epoch of the leader that appends it.
    #[must_use]
    pub const fn leader_epoch(mut self, epoch: i32) -> Self {
        self.leader_epoch = epoch;
        self
    }

    /// How to compress the records, and how hard.
    #[must_use]
    pub const fn codec(mut self, codec: Codec, levels: Levels) -> Self {
        self.codec = codec;
        self.levels = levels;
        self
    }

    /// Id, epoch and first sequence of an idempotent producer.
    #[must_use]
    pub const fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        self.producer = (id, epoch, base_sequence);
        self
    }

    /// Part of a transaction.
    #[must_use]
    pub const fn transactional(mut self) -> Self {
        self.attributes |= 0x10;
        self
    }

    /// Holds control records.
    #[must_use]
    pub const fn control(mut self) -> Self {
        self.attributes |= 0x20;
        self
    }

    /// What the timestamps mean.
    #[must_use]
    pub const fn timestamp_type(mut self, kind: TimestampType) -> Self {
        if matches!(kind, TimestampType::LogAppendTime) {
            self.attributes |= 0x08;
        }
        self
    }

    /// Number of records so far.
    #[must_use]
    pub const fn len(&self) -> i32 {
        self.count
    }

    /// True before the first record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the batch so far, uncompressed.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        self.bytes.len().max(HEADER_LEN)
    }

    /// Adds a record at the next offset.
    pub fn push(&mut self, record: &NewRecord<'_>) {
        self.push_at(self.count, record);
    }

    /// Adds a record at an offset relative to the base: the cleaner leaves gaps.
    pub(crate) fn push_at(&mut self, offset_delta: i32, record: &NewRecord<'_>) {
        let base = *self.base_timestamp.get_or_insert(record.timestamp);
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        let timestamp_delta = record.timestamp.wrapping_sub(base);
        let offset_delta = i64::from(offset_delta);
        let body = 1
            + varint::size(timestamp_delta)
            + varint::size(offset_delta)
            + field_size(record.key)
            + field_size(record.value)
            + varint::size(record.headers.len() as i64)
            + record.headers.iter().map(|(k, v)| field_size(Some(k)) + field_size(*v)).sum::<usize>();
        let out = &mut self.bytes;
        if out.is_empty() {
            out.resize(HEADER_LEN, 0);
        }
        out.reserve(body + 10);
        varint::write_long(out, body as i64);
        out.put_u8(0);
        varint::write_long(out, timestamp_delta);
        varint::write_long(out, offset_delta);
        put_field(out, record.key);
        put_field(out, record.value);
        varint::write_long(out, record.headers.len() as i64);
        for (key, value) in record.headers {
            put_field(out, Some(key));
            put_field(out, *value);
        }
        self.count += 1;
    }

    /// Records count their timestamps from here; without it, from the first of them.
    pub(crate) const fn base_timestamp(mut self, base: i64) -> Self {
        self.base_timestamp = Some(base);
        self
    }

    /// The batch with its checksum.
    #[must_use]
    pub fn finish(self) -> BytesMut {
        self.finish_with(|_| {})
    }

    /// As [`finish`](Self::finish), with a last word on the header before the checksum is made.
    pub(crate) fn finish_with(self, last_word: impl FnOnce(&mut BatchHeader)) -> BytesMut {
        let mut bytes = self.bytes;
        bytes.resize(bytes.len().max(HEADER_LEN), 0);
        if self.codec != Codec::None {
            let payload = compress(self.codec, &bytes[HEADER_LEN..], self.levels);
            bytes.truncate(HEADER_LEN);
            bytes.put_slice(&payload);
        }
        let (producer_id, producer_epoch, base_sequence) = self.producer;
        let mut header = BatchHeader {
            base_offset: self.base_offset,
            batch_length: (bytes.len() - LENGTH_OVERHEAD) as i32,
            partition_leader_epoch: self.leader_epoch,
            magic: 2,
            crc: 0,
            attributes: self.attributes | self.codec.id(),
            last_offset_delta: (self.count - 1).max(0),
            base_timestamp: self.base_timestamp.unwrap_or(-1),
            max_timestamp: self.max_timestamp,
            producer_id,
            producer_epoch,
            base_sequence,
            record_count: self.count,
        };
        last_word(&mut header);
        header.write(&mut bytes);
        BatchHeader::renew_crc(&mut bytes);
        bytes
    }
}

fn field_size(field: Option<&[u8]>) -> usize {
    field.map_or(1, |bytes| varint::size(bytes.len() as i64) + bytes.len())
}

fn put_field(out: &mut BytesMut, field: Option<&[u8]>) {
    match field {
        None => varint::write_long(out, -1),
        Some(bytes) => {
            varint::write_long(out, bytes.len() as i64);
            out.put_slice(bytes);
        }
    }
}
