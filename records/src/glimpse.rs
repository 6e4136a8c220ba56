//! A first look at a producer's bytes: length and magic only, as Kafka does it before it looks at any partition.

use crate::{HEADER_LEN, header::LENGTH_OVERHEAD};

/// The shortest entry of any format, in bytes behind its length.
const MIN_LENGTH: i32 = 14;
/// Where every format has its magic byte.
const MAGIC_AT: usize = 16;

/// The batch at the front of some bytes, of any magic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glimpse {
    /// Part of a transaction.
    pub transactional: bool,
}

/// Bytes that are the beginning of nothing. Where they are a partition's first, the whole request is refused with
/// CORRUPT_MESSAGE.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unwalkable {
    /// A length below that of the shortest entry.
    #[error("Record size {0} is less than the minimum record overhead ({MIN_LENGTH})")]
    TooShort(i32),
    /// A magic byte no format has.
    #[error("Invalid magic found in record: {0}")]
    Magic(i8),
}

/// Looks at the batch at the front of `bytes`; `None` where none is complete.
///
/// # Errors
/// A length or a magic byte that cannot be.
pub fn glimpse(bytes: &[u8]) -> Result<Option<Glimpse>, Unwalkable> {
    let Some(length) = bytes.get(8..LENGTH_OVERHEAD) else { return Ok(None) };
    let length = i32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    if length < MIN_LENGTH {
        return Err(Unwalkable::TooShort(length));
    }
    let Some(&magic) = bytes.get(MAGIC_AT) else { return Ok(None) };
    if magic > 2 {
        return Err(Unwalkable::Magic(i8::from_be_bytes([magic])));
    }
    let size = LENGTH_OVERHEAD + length.unsigned_abs() as usize;
    Ok(bytes
        .get(..size)
        .map(|batch| Glimpse { transactional: magic == 2 && size >= HEADER_LEN && batch[22] & 0x10 != 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchBuilder, NewRecord};

    fn batch(mut builder: BatchBuilder) -> Vec<u8> {
        builder.push(&NewRecord::default());
        builder.finish().to_vec()
    }

    #[test]
    fn a_batch_is_seen_when_it_is_complete() {
        let one = batch(BatchBuilder::new());
        for cut in 0..one.len() {
            assert_eq!(glimpse(&one[..cut]), Ok(None), "{cut}");
        }
        assert_eq!(glimpse(&one), Ok(Some(Glimpse { transactional: false })));
        let transactional = batch(BatchBuilder::new().transactional());
        assert_eq!(glimpse(&transactional), Ok(Some(Glimpse { transactional: true })));
    }

    #[test]
    fn impossible_lengths_and_magics_are_named() {
        let mut bytes = batch(BatchBuilder::new());
        bytes[16] = 3;
        assert_eq!(glimpse(&bytes), Err(Unwalkable::Magic(3)));
        bytes[8..12].copy_from_slice(&13_i32.to_be_bytes());
        assert_eq!(glimpse(&bytes), Err(Unwalkable::TooShort(13)));
    }
}
