use bytes::Bytes;
use ottla_types::{Str, Uuid};

use crate::DecodeError;

/// Memory that decoded values may take, per byte of the frame. Honest messages take up to five.
const HEAP_PER_BYTE: usize = 8;
/// What every frame may take beyond that: short ones may hold a few values that are much larger than their bytes.
const HEAP_FREE: usize = 48 << 10;

/// A cursor over one frame. Everything it hands out shares the frame's memory.
///
/// It also keeps account of the memory that arrays take: an element of one byte (an empty string, say) may be forty
/// times as large once it is decoded, and a frame full of them must not cost its sender's victim that much.
#[derive(Debug, Clone)]
pub struct Reader {
    frame: Bytes,
    at: usize,
    heap_left: usize,
}

macro_rules! fixed {
    ($($name:ident $type:ty;)*) => {$(
        #[doc = concat!("A big-endian `", stringify!($type), "`.")]
        ///
        /// # Errors
        /// The frame ends first.
        pub fn $name(&mut self) -> Result<$type, DecodeError> {
            const SIZE: usize = size_of::<$type>();
            let bytes = self.slice(SIZE, stringify!($type))?;
            let mut fixed = [0; SIZE];
            fixed.copy_from_slice(bytes);
            Ok(<$type>::from_be_bytes(fixed))
        }
    )*};
}

impl Reader {
    /// Starts at the beginning of `frame`.
    #[must_use]
    pub fn new(frame: Bytes) -> Self {
        let heap_left = frame.len().saturating_mul(HEAP_PER_BYTE).saturating_add(HEAP_FREE);
        Self { frame, at: 0, heap_left }
    }

    /// The same with at most `bytes` for all values together, however long the frame is.
    #[must_use]
    pub fn with_heap_within(mut self, bytes: usize) -> Self {
        self.heap_left = self.heap_left.min(bytes);
        self
    }

    /// Notes that `count` values of `size` bytes each are about to be kept.
    ///
    /// # Errors
    /// The frame's values would take memory out of proportion to its length.
    pub(crate) fn take_heap(&mut self, count: usize, size: usize) -> Result<(), DecodeError> {
        let left = self.heap_left.checked_sub(count.saturating_mul(size));
        self.heap_left = left.ok_or(DecodeError::OutOfProportion { length: self.frame.len() })?;
        Ok(())
    }

    /// Reads the next `length` bytes by a reader of their own, on this one's account of memory. Answers what `read`
    /// does, and how many bytes it left.
    ///
    /// # Errors
    /// The frame ends first, or `read` fails.
    pub(crate) fn part<T>(
        &mut self,
        length: usize,
        what: &'static str,
        read: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<(T, usize), DecodeError> {
        let frame = self.bytes(length, what)?;
        let mut part = Self { frame, at: 0, heap_left: self.heap_left };
        let value = read(&mut part)?;
        self.heap_left = part.heap_left;
        Ok((value, part.remaining()))
    }

    /// Bytes not yet read.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.frame.len() - self.at
    }

    /// Everything not yet read.
    #[must_use]
    pub fn rest(mut self) -> Bytes {
        self.frame.split_off(self.at)
    }

    fixed! {
        i8 i8;
        i16 i16;
        i32 i32;
        i64 i64;
        u8 u8;
        u16 u16;
        u32 u32;
        f64 f64;
    }

    fn slice(&mut self, length: usize, what: &'static str) -> Result<&[u8], DecodeError> {
        let remaining = self.remaining();
        if length > remaining {
            return Err(DecodeError::UnexpectedEnd { what, needed: length, remaining });
        }
        self.at += length;
        Ok(&self.frame[self.at - length..self.at])
    }

    /// The next `length` bytes, without copying them.
    ///
    /// # Errors
    /// The frame ends first.
    pub fn bytes(&mut self, length: usize, what: &'static str) -> Result<Bytes, DecodeError> {
        let start = self.at;
        self.slice(length, what)?;
        Ok(self.frame.slice(start..start + length))
    }

    /// Text of `length` bytes.
    ///
    /// # Errors
    /// The frame ends first, or the bytes are not UTF-8.
    pub fn text(&mut self, length: usize) -> Result<Str, DecodeError> {
        Str::try_from(self.bytes(length, "a string")?).map_err(|_| DecodeError::InvalidUtf8)
    }

    /// Sixteen bytes.
    ///
    /// # Errors
    /// The frame ends first.
    pub fn uuid(&mut self) -> Result<Uuid, DecodeError> {
        let mut id = [0; 16];
        id.copy_from_slice(self.slice(16, "uuid")?);
        Ok(Uuid(id))
    }

    /// An unsigned varint of at most five bytes.
    ///
    /// # Errors
    /// The frame ends first, or the value does not fit 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.u8()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong(5))
    }

    /// A nullable length: an `i32` below 0 (−1, in truth; Kafka takes any), or compact 0, says null.
    ///
    /// # Errors
    /// The frame ends first.
    pub fn length(&mut self, compact: bool) -> Result<Option<usize>, DecodeError> {
        if compact {
            let length = self.unsigned_varint()?;
            return Ok(length.checked_sub(1).map(|length| length as usize));
        }
        Ok(usize::try_from(self.i32()?).ok())
    }

    /// As [`length`](Self::length), for strings, whose plain form is an `i16`.
    ///
    /// # Errors
    /// As there.
    pub fn short_length(&mut self, compact: bool) -> Result<Option<usize>, DecodeError> {
        if compact {
            return self.length(true);
        }
        Ok(usize::try_from(self.i16()?).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn varint(bytes: &'static [u8]) -> Result<u32, DecodeError> {
        Reader::new(Bytes::from_static(bytes)).unsigned_varint()
    }

    #[test]
    fn memory_is_counted_over_all_parts_of_a_frame() {
        let mut r = Reader::new(Bytes::from_static(&[0; 10]));
        let limit = HEAP_FREE + 10 * HEAP_PER_BYTE;
        r.take_heap(1, limit - 20).unwrap();
        let ((), left) = r.part(4, "a part", |part| part.take_heap(2, 10)).unwrap();
        assert_eq!((left, r.remaining()), (4, 6));
        assert_eq!(r.take_heap(1, 1), Err(DecodeError::OutOfProportion { length: 10 }));
        assert!(r.take_heap(usize::MAX, 2).is_err());
    }

    #[test]
    fn unsigned_varints_end_within_five_bytes_and_32_bits() {
        assert_eq!(varint(&[0x00]), Ok(0));
        assert_eq!(varint(&[0x80, 0x01]), Ok(128));
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
        assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x1f]), Err(DecodeError::VarintTooLong(5)));
        assert_eq!(varint(&[0xff; 6]), Err(DecodeError::VarintTooLong(5)));
        assert!(varint(&[0x80]).is_err());
    }
}
