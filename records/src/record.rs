use bytes::Bytes;

use crate::{BatchError, BatchHeader, TimestampType, varint};

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

const ENDS_EARLY: BatchError = BatchError::Malformed("a record ends early");

/// A length-prefixed field; `None` inside for null.
fn field<'a>(bytes: &mut &'a [u8]) -> Result<Option<&'a [u8]>, BatchError> {
    let length = varint::read_int(bytes).ok_or(ENDS_EARLY)?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| BatchError::Malformed("a negative length"))?;
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

    /// Walks them. Ends with an error where the payload makes no sense; the number of records and the end of the
    /// payload are checked too.
    pub fn iter(&self) -> impl Iterator<Item = Result<RecordView<'_>, BatchError>> {
        let mut rest: &[u8] = &self.payload;
        let mut left = i64::from(self.header.record_count);
        std::iter::from_fn(move || {
            if left == 0 {
                left = -1;
                let trailing = !rest.is_empty();
                return trailing.then_some(Err(BatchError::Malformed("bytes follow the last record")));
            }
            if left < 0 {
                return None;
            }
            let record = self.one(&mut rest);
            left = if record.is_ok() { left - 1 } else { -1 };
            Some(record)
        })
    }

    fn one<'a>(&self, rest: &mut &'a [u8]) -> Result<RecordView<'a>, BatchError> {
        let mut body = field(rest)?.ok_or(BatchError::Malformed("a record without a length"))?;
        let (_attributes, after) = body.split_first().ok_or(ENDS_EARLY)?;
        body = after;
        let timestamp_delta = varint::read_long(&mut body).ok_or(ENDS_EARLY)?;
        let offset_delta = varint::read_int(&mut body).ok_or(ENDS_EARLY)?;
        let key = field(&mut body)?;
        let value = field(&mut body)?;
        let header_count = varint::read_int(&mut body).ok_or(ENDS_EARLY)?;
        let header_count =
            usize::try_from(header_count).map_err(|_| BatchError::Malformed("a negative header count"))?;
        if header_count > body.len() / 2 {
            return Err(ENDS_EARLY);
        }
        let headers = body;
        for _ in 0..header_count {
            field(&mut body)?.ok_or(BatchError::Malformed("a header without a key"))?;
            field(&mut body)?;
        }
        if !body.is_empty() {
            return Err(BatchError::Malformed("bytes follow the last header"));
        }
        let timestamp = match self.header.timestamp_type() {
            TimestampType::LogAppendTime => self.header.max_timestamp,
            TimestampType::CreateTime => self
                .header
                .base_timestamp
                .checked_add(timestamp_delta)
                .ok_or(BatchError::Malformed("a timestamp out of range"))?,
        };
        let offset = self.header.base_offset.saturating_add(i64::from(offset_delta));
        Ok(RecordView { offset, timestamp, key, value, header_count, headers })
    }
}
