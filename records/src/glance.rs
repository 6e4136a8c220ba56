//! What a broker looks at in every record of every producer: its place, its time, whether it has a key.
//!
//! Nearly all records look alike: lengths of up to three bytes and no headers. Those are read eight bytes at a time out of a
//! register. Whatever looks otherwise, or stands at the end of the payload, goes through the general
//! reader, which also says what is wrong with it.

use crate::{BatchError, BatchHeader, TimestampType, varint};

/// The parts of a record that its batch depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Relative to the batch's base offset.
    pub(crate) offset_delta: i64,
    /// Milliseconds; the batch's append time under LogAppendTime.
    pub(crate) timestamp: i64,
    pub(crate) has_key: bool,
}

/// The eight bytes from `at` on, the first one lowest.
#[inline(always)]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

/// The record at the beginning of `rest`, and where the next one begins; `None` where it takes the general reader to say.
#[inline(always)]
fn common(header: &BatchHeader, rest: &[u8]) -> Option<(Glance, usize)> {
    let (length, at) = varint::of_word(word(rest, 0)?)?;
    let end = at + usize::try_from(length).ok()?;
    // Behind the attributes.
    let fields = word(rest, at + 1)?;
    let (timestamp_delta, first) = varint::of_word(fields)?;
    let fields = fields >> (8 * first);
    let (offset_delta, second) = varint::of_word(fields)?;
    // The two bytes that are left at least.
    let (key_length, third) = varint::of_word(fields >> (8 * second)).filter(|(_, bytes)| *bytes <= 2)?;
    let value_at = at + 1 + first + second + third + room(key_length)?;
    let (value_length, fourth) = varint::of_word(word(rest, value_at)?)?;
    let headers_at = value_at + fourth + room(value_length)?;
    if *rest.get(headers_at)? != 0 || headers_at + 1 != end {
        return None;
    }
    let timestamp = match header.timestamp_type() {
        TimestampType::LogAppendTime => header.max_timestamp,
        TimestampType::CreateTime => header.base_timestamp.checked_add(timestamp_delta)?,
    };
    Some((Glance { offset_delta, timestamp, has_key: key_length >= 0 }, end))
}

/// Bytes of a field of this length; null, -1, has none.
#[inline(always)]
fn room(length: i64) -> Option<usize> {
    usize::try_from(length.max(0)).ok().filter(|_| length >= -1)
}

impl crate::Records {
    /// Shows a glance at each record to `look`, which may end the walk. Ends with an error where the payload makes no sense;
    /// the number of records and the end of the payload are checked too.
    #[inline]
    pub(crate) fn glance_at_each<E: From<BatchError>>(
        &self,
        mut look: impl FnMut(Glance) -> Result<(), E>,
    ) -> Result<(), E> {
        let header = self.header();
        let mut rest: &[u8] = self.payload();
        for _ in 0..header.record_count {
            let glance = match common(header, rest) {
                Some((glance, end)) => {
                    rest = rest.get(end..).unwrap_or_default();
                    glance
                }
                None => crate::record::glance(header, &mut rest)?,
            };
            look(glance)?;
        }
        if rest.is_empty() { Ok(()) } else { Err(crate::record::TRAILING.into()) }
    }
}

#[cfg(test)]
mod tests;
