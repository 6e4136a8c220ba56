use bytes::Bytes;

use crate::{
    ApiKey, Chunk, DecodeError, EncodeError, Message, Reader, Records, Request, RequestHeader,
    ResponseHeader, Writer, records::Segments, request_header_version, response_header_version,
};

/// What most messages take besides the records they carry.
const USUAL: usize = 128;

/// A message ready for the socket: the four-byte size, then header and body, in segments that are sent one after
/// another. Record data is shared with whoever keeps it.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    segments: Segments,
}

impl Frame {
    /// A frame that is complete already: `segments` begin with the four bytes of the size.
    #[must_use]
    pub fn from_segments(segments: Vec<Bytes>) -> Self {
        Self { segments: segments.into_iter().map(Chunk::Memory).collect() }
    }

    /// In order.
    #[must_use]
    pub fn segments(&self) -> &[Chunk] {
        &self.segments
    }

    /// In order, given away.
    pub fn into_segments(self) -> impl Iterator<Item = Chunk> {
        self.segments.into_iter()
    }

    /// All of it in one piece, as tests and clients of a request at a time want it. What lies in files is left out.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        Records::of(self.segments).into_memory()
    }

    /// Bytes in all, the size included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.iter().map(Chunk::len).sum()
    }

    /// Bytes of it that lie in memory.
    #[must_use]
    pub fn memory_len(&self) -> usize {
        let in_memory = |segment: &Chunk| match segment {
            Chunk::Memory(bytes) => bytes.len(),
            Chunk::File(_) => 0,
        };
        self.segments.iter().map(in_memory).sum()
    }

    /// True for the default only.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    fn finish(mut w: Writer) -> Result<Self, EncodeError> {
        let length = w.len() - 4;
        let size = i32::try_from(length).map_err(|_| EncodeError::TooLong { what: "a frame", length })?;
        w.patch_size(size);
        Ok(Self { segments: w.into_segments() })
    }
}

/// The frame of a response.
///
/// # Errors
/// The version has no place for something in `body`.
pub fn encode_response<M: Message>(
    key: ApiKey,
    version: i16,
    correlation_id: i32,
    body: &M,
) -> Result<Frame, EncodeError> {
    let mut w = Writer::with_capacity(USUAL);
    w.put(&[0; 4]);
    ResponseHeader { correlation_id }.encode(&mut w, response_header_version(key, version));
    body.encode(&mut w, version)?;
    Frame::finish(w)
}

/// The frame of a request.
///
/// # Errors
/// The version has no place for something in `body`.
pub fn encode_request<R: Request>(header: &RequestHeader, body: &R) -> Result<Frame, EncodeError> {
    let mut w = Writer::with_capacity(USUAL);
    w.put(&[0; 4]);
    header.encode(&mut w, request_header_version(R::KEY, header.api_version))?;
    body.encode(&mut w, header.api_version)?;
    Frame::finish(w)
}

/// Reads one message that must fill `bytes` to the end.
///
/// # Errors
/// The bytes are not this message, or more follow.
pub fn decode_body<M: Message>(bytes: Bytes, version: i16) -> Result<M, DecodeError> {
    let mut r = Reader::new(bytes);
    let message = M::decode(&mut r, version)?;
    match r.remaining() {
        0 => Ok(message),
        trailing => Err(DecodeError::TrailingBytes(trailing)),
    }
}
