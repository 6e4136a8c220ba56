use bytes::Bytes;

use crate::{BatchError, BatchHeader, TimestampType, glance::Glance, varint};

/// One record where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordView<'a> {
    /// Absolute offset.
    pub offset: i64,
    /// Milliseconds; the batch's append time under LogAppendTime.
    pub timestamp: i64,
    /// `None` for null.
    pub key: Option<&'a [u8]>,
    /// `None` for null: a tombstone on compacted topics.
    pub value: Option<&'a [u8]>,
    header_count: usize,
    headers: &'a [u8],
}

impl<'a> RecordView<'a> {
    /// Headers in order, repeated keys included.
    pub fn headers(&self) -> impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)> + use<'a> {
        let mut bytes = self.headers;
        (0..self.header_count).map_while(move |_| {
            let key = field(&mut bytes).ok()??;
            Some((key, field(&mut bytes).ok()?))
        })
    }

    /// Number of headers.
    #[must_use]
    pub const fn header_count(&self) -> usize {
        self.header_count
    }
}

/// What is wrong with a record. Every record of every producer is walked, so the walk has to be cheap: this is two words, and
/// becomes a [`BatchError`] once.
type Malformed = &'static str;

const ENDS_EARLY: Malformed = "a record ends early";

/// A length-prefixed field; `None` inside for null.
#[inline(always)]
fn field<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let length = varint::read_int(bytes).ok_or(ENDS_EARLY)?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| "a negative length")?;
    let (field, rest) = bytes.split_at_checked(length).ok_or(ENDS_EARLY)?;
    *bytes = rest;
    Ok(Some(field))
}

/// The uncompressed records of one batch.
#[derive(Debug, Clone)]
pub struct Records {
    header: BatchHeader,
    payload: Bytes,
}

impl Records {
    pub(crate) fn new(header: BatchHeader, payload: Bytes) -> Self {
        Self { header, payload }
    }

    /// The bytes they lie in: what a view shows can be shared from here.
    #[must_use]
    pub const fn payload(&self) -> &Bytes {
        &self.payload
    }

    pub(crate) const fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// Walks them. Ends with an error where the payload makes no sense; the number of records and the end of the
    /// payload are checked too.
    #[must_use]
    pub fn iter(&self) -> RecordIter<'_> {
        RecordIter { header: &self.header, rest: &self.payload, left: i64::from(self.header.record_count) }
    }
}

impl<'a> IntoIterator for &'a Records {
    type Item = Result<RecordView<'a>, BatchError>;
    type IntoIter = RecordIter<'a>;

    fn into_iter(self) -> RecordIter<'a> {
        self.iter()
    }
}

pub(crate) const TRAILING: BatchError = BatchError::Malformed("bytes follow the last record");

/// The walk through the records of a batch.
#[derive(Debug, Clone)]
pub struct RecordIter<'a> {
    header: &'a BatchHeader,
    rest: &'a [u8],
    /// Records still to come; below 0 when there is nothing more to say.
    left: i64,
}

impl<'a> Iterator for RecordIter<'a> {
    type Item = Result<RecordView<'a>, BatchError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left > 0 {
            let record = one(self.header, &mut self.rest);
            self.left = if record.is_ok() { self.left - 1 } else { -1 };
            return Some(record.map_err(BatchError::Malformed));
        }
        let trailing = self.left == 0 && !self.rest.is_empty();
        self.left = -1;
        trailing.then_some(Err(TRAILING))
    }
}

/// The same of a record that does not look like most.
#[inline(never)]
pub(crate) fn glance(header: &BatchHeader, rest: &mut &[u8]) -> Result<Glance, BatchError> {
    let record = one(header, rest).map_err(BatchError::Malformed)?;
    let offset_delta = record.offset.wrapping_sub(header.base_offset);
    Ok(Glance { offset_delta, timestamp: record.timestamp, has_key: record.key.is_some() })
}

#[inline(always)]
fn one<'a>(header: &BatchHeader, rest: &mut &'a [u8]) -> Result<RecordView<'a>, Malformed> {
    let mut body = field(rest)?.ok_or("a record without a length")?;
    let (_attributes, after) = body.split_first().ok_or(ENDS_EARLY)?;
    body = after;
    let timestamp_delta = varint::read_long(&mut body).ok_or(ENDS_EARLY)?;
    let offset_delta = varint::read_int(&mut body).ok_or(ENDS_EARLY)?;
    let key = field(&mut body)?;
    let value = field(&mut body)?;
    let header_count = varint::read_int(&mut body).ok_or(ENDS_EARLY)?;
    let header_count = usize::try_from(header_count).map_err(|_| "a negative header count")?;
    if header_count > body.len() / 2 {
        return Err(ENDS_EARLY);
    }
    let headers = body;
    for _ in 0..header_count {
        field(&mut body)?.ok_or("a header without a key")?;
        field(&mut body)?;
    }
    if !body.is_empty() {
        return Err("bytes follow the last header");
    }
    let timestamp = match header.timestamp_type() {
        TimestampType::LogAppendTime => header.max_timestamp,
        TimestampType::CreateTime => {
            header.base_timestamp.checked_add(timestamp_delta).ok_or("a timestamp out of range")?
        }
    };
    let offset = header.base_offset.saturating_add(i64::from(offset_delta));
    Ok(RecordView { offset, timestamp, key, value, header_count, headers })
}
