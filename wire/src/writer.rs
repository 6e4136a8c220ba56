use bytes::{BufMut, Bytes, BytesMut};
use ottla_types::Uuid;

use crate::{Chunk, EncodeError, FileRange, Records, records::Segments};

/// Shared bytes shorter than this are copied: a segment of its own costs more than the copy.
const SHARE_FROM: usize = 1024;

/// Collects one message: owned bytes for what is small, shared slices for record data, which is never copied.
#[derive(Debug, Default)]
pub struct Writer {
    done: Vec<Segment>,
    open: BytesMut,
}

#[derive(Debug)]
enum Segment {
    Owned(BytesMut),
    Shared(Bytes),
    InFile(FileRange),
}

impl Writer {
    /// An empty writer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty writer with room for `bytes`.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self { done: Vec::new(), open: BytesMut::with_capacity(bytes) }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        let done: usize = self.done.iter().map(Segment::len).sum();
        done + self.open.len()
    }

    /// True before the first byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Small bytes, copied.
    pub fn put(&mut self, bytes: &[u8]) {
        self.open.put_slice(bytes);
    }

    /// One byte.
    pub fn u8(&mut self, value: u8) {
        self.open.put_u8(value);
    }

    /// Sixteen bytes.
    pub fn uuid(&mut self, id: Uuid) {
        self.put(&id.0);
    }

    /// Bytes that other owners keep: shared, not copied, unless they are few.
    pub fn share(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARE_FROM {
            return self.put(bytes);
        }
        self.close();
        self.done.push(Segment::Shared(bytes.clone()));
    }

    /// Bytes that are sent from the file they lie in.
    pub fn share_file(&mut self, range: &FileRange) {
        self.close();
        self.done.push(Segment::InFile(range.clone()));
    }

    /// What comes next is a segment of its own.
    fn close(&mut self) {
        if !self.open.is_empty() {
            self.done.push(Segment::Owned(self.open.split()));
        }
    }

    /// An unsigned varint.
    pub fn unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.u8((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.u8(value as u8);
    }

    /// A nullable length: −1, or compact 0, for null.
    ///
    /// # Errors
    /// The length does not fit the wire.
    pub fn length(
        &mut self,
        length: Option<usize>,
        compact: bool,
        what: &'static str,
    ) -> Result<(), EncodeError> {
        if compact {
            return self.compact_length(length, what);
        }
        let length = length.map_or(Ok(-1), |length| {
            i32::try_from(length).map_err(|_| EncodeError::TooLong { what, length })
        })?;
        self.put(&length.to_be_bytes());
        Ok(())
    }

    /// As [`length`](Self::length), for strings: at most 32,767 bytes in either form.
    ///
    /// # Errors
    /// As there.
    pub fn short_length(
        &mut self,
        length: Option<usize>,
        compact: bool,
        what: &'static str,
    ) -> Result<(), EncodeError> {
        let short = length.map_or(Ok(-1), |length| {
            i16::try_from(length).map_err(|_| EncodeError::TooLong { what, length })
        })?;
        if compact {
            return self.compact_length(length, what);
        }
        self.put(&short.to_be_bytes());
        Ok(())
    }

    fn compact_length(&mut self, length: Option<usize>, what: &'static str) -> Result<(), EncodeError> {
        let plus_one = length.map_or(Ok(0), |length| {
            i32::try_from(length + 1).map_err(|_| EncodeError::TooLong { what, length })
        })?;
        self.unsigned_varint(plus_one.cast_unsigned());
        Ok(())
    }

    /// Appends what another writer has collected.
    pub(crate) fn append(&mut self, other: Self) {
        for segment in other.done {
            match segment {
                Segment::Owned(bytes) => self.put(&bytes),
                Segment::Shared(bytes) => self.share(&bytes),
                Segment::InFile(range) => self.share_file(&range),
            }
        }
        self.put(&other.open);
    }

    /// Overwrites the first four bytes, which the caller has put there as a placeholder.
    pub(crate) fn patch_size(&mut self, size: i32) {
        let first = match self.done.first_mut() {
            Some(Segment::Owned(bytes)) => bytes,
            _ => &mut self.open,
        };
        first[..4].copy_from_slice(&size.to_be_bytes());
    }

    /// The collected segments, in order.
    pub(crate) fn into_segments(mut self) -> Segments {
        if self.done.is_empty() {
            // One piece, as nearly always: given away whole it needs no count of who else has a part of it.
            let all = Some(self.open).filter(|open| !open.is_empty());
            return all.map(|open| Chunk::Memory(open.freeze())).into_iter().collect();
        }
        self.close();
        self.done.into_iter().map(Segment::freeze).collect()
    }

    /// The collected bytes as one piece; copies only when there are several segments. For messages that are kept in
    /// memory anyway: what lies in files is left out.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        Records::of(self.into_segments()).into_memory()
    }
}

impl Segment {
    fn len(&self) -> usize {
        match self {
            Self::Owned(bytes) => bytes.len(),
            Self::Shared(bytes) => bytes.len(),
            Self::InFile(range) => range.length,
        }
    }

    fn freeze(self) -> Chunk {
        match self {
            Self::Owned(bytes) => Chunk::Memory(bytes.freeze()),
            Self::Shared(bytes) => Chunk::Memory(bytes),
            Self::InFile(range) => Chunk::File(range),
        }
    }
}
