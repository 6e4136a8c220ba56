use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::{
    Chunk, Reader, Request, RequestHeader, ResponseHeader, decode_body, encode_request,
    response_header_version,
};

use crate::Result;

/// No answer for so long means that none will come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(super) const MAX_ANSWER: usize = 256 << 20;

/// A blocking connection.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    correlation: i32,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, correlation: 0 })
    }

    /// Asks and waits for the answer.
    pub(crate) fn ask<R: Request>(&mut self, version: i16, request: &R) -> Result<R::Response> {
        self.correlation += 1;
        self.stream.write_all(&frame(request, version, self.correlation)?)?;
        let answer = Bytes::from(read_frame(&mut self.stream)?);
        let mut reader = Reader::new(answer.clone());
        let header = ResponseHeader::decode(&mut reader, response_header_version(R::KEY, version))?;
        if header.correlation_id != self.correlation {
            return Err(format!("answer {} to request {}", header.correlation_id, self.correlation).into());
        }
        Ok(decode_body(answer.slice(answer.len() - reader.remaining()..), version)?)
    }
}

/// A whole request as it goes over the wire.
pub(crate) fn frame<R: Request>(request: &R, version: i16, correlation_id: i32) -> Result<Vec<u8>> {
    let header = RequestHeader {
        api_key: R::KEY.code(),
        api_version: version,
        correlation_id,
        client_id: Some("ottla-bench".into()),
    };
    debug_assert!(R::VERSIONS.contains(version), "{} v{version}", R::NAME);
    let frame = encode_request(&header, request)?;
    // Nothing of a request lies in a file.
    Ok(frame.segments().iter().filter_map(Chunk::memory).flatten().copied().collect())
}

/// The next frame without its size.
pub(crate) fn read_frame(stream: &mut TcpStream) -> Result<Vec<u8>> {
    let mut size = [0; 4];
    stream.read_exact(&mut size)?;
    let size = usize::try_from(i32::from_be_bytes(size))?;
    if size > MAX_ANSWER {
        return Err(format!("an answer of {size} bytes").into());
    }
    let mut frame = vec![0; size];
    stream.read_exact(&mut frame)?;
    Ok(frame)
}
