//! A client that can say anything: frames that are right, frames that are not, and nothing at all.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use bytes::Bytes;
use ottla_types::Str;
use ottla_wire::{
    Message, Reader, Request, RequestHeader, ResponseHeader, encode_request, response_header_version,
};

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub enum Answered {
    /// A frame, without its size.
    Frame(Bytes),
    /// The end of the connection.
    Closed,
}

/// One connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    correlation: i32,
}

/// A request header of version 1: correlation id 1, client id `c`.
#[must_use]
pub fn header(key: i16, version: i16) -> Vec<u8> {
    let mut bytes = key.to_be_bytes().to_vec();
    bytes.extend(version.to_be_bytes());
    bytes.extend([0, 0, 0, 1, 0, 1, b'c']);
    bytes
}

/// A frame with its size in front.
#[must_use]
pub fn framed(frame: &[u8]) -> Vec<u8> {
    let size = u32::try_from(frame.len()).expect("frames of tests are small");
    [&size.to_be_bytes(), frame].concat()
}

impl Wire {
    /// Connects.
    ///
    /// # Panics
    /// Nobody listens.
    #[must_use]
    pub fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the broker listens");
        Self::over(stream)
    }

    /// Connects, or says that it cannot.
    #[must_use]
    pub fn try_open(address: &str) -> Option<Self> {
        TcpStream::connect(address).ok().map(Self::over)
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout above zero");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout above zero");
        stream.set_nodelay(true).expect("an open socket");
        Self { stream, correlation: 0 }
    }

    /// The socket itself.
    #[must_use]
    pub fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends bytes as they are; says whether the peer has taken them.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// No more will be sent.
    pub fn finish_sending(&self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next frame, or the end.
    ///
    /// # Panics
    /// Neither came in time.
    pub fn receive(&mut self) -> Answered {
        let mut size = [0; 4];
        if !self.fill(&mut size) {
            return Answered::Closed;
        }
        let size = usize::try_from(i32::from_be_bytes(size)).expect("answers have a size");
        let mut frame = vec![0; size];
        if self.fill(&mut frame) { Answered::Frame(frame.into()) } else { Answered::Closed }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> bool {
        match self.stream.read_exact(buffer) {
            Ok(()) => true,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("neither an answer nor the end of the connection within {PATIENCE:?}")
            }
            Err(_) => false,
        }
    }

    /// Whether the peer has closed, where it has sent nothing before.
    ///
    /// # Panics
    /// The socket cannot be asked.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.stream.set_nonblocking(true).expect("an open socket");
        let peeked = self.stream.peek(&mut [0]);
        self.stream.set_nonblocking(false).expect("an open socket");
        match peeked {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() != ErrorKind::WouldBlock,
        }
    }

    /// Waits for the end of the connection.
    ///
    /// # Panics
    /// An answer came, or nothing.
    pub fn expect_closed(&mut self, what: &str) {
        let answer = self.receive();
        assert_eq!(answer, Answered::Closed, "{what}: the connection should have been closed");
    }

    /// Sends a request without waiting for its answer; gives its correlation id.
    ///
    /// # Panics
    /// The request cannot be written at this version.
    pub fn post<R: Request>(&mut self, version: i16, request: &R) -> i32 {
        self.correlation += 1;
        let header = RequestHeader {
            api_key: R::KEY.code(),
            api_version: version,
            correlation_id: self.correlation,
            client_id: Some(Str::from_static("hostile")),
        };
        let frame = encode_request(&header, request).expect("a request of this version");
        self.send(&frame.into_bytes());
        self.correlation
    }

    /// The answer to a request that was posted.
    ///
    /// # Errors
    /// The connection was closed.
    ///
    /// # Panics
    /// It is the answer to another request, or cannot be read.
    pub fn answer<R: Request>(&mut self, version: i16, correlation: i32) -> Result<R::Response, Closed> {
        let Answered::Frame(frame) = self.receive() else { return Err(Closed) };
        let mut reader = Reader::new(frame);
        let header = ResponseHeader::decode(&mut reader, response_header_version(R::KEY, version));
        assert_eq!(header.expect("a response header").correlation_id, correlation, "answers come in order");
        let response = R::Response::decode(&mut reader, version).expect("an answer of this version");
        assert_eq!(reader.remaining(), 0, "bytes behind an answer");
        Ok(response)
    }

    /// Asks and waits.
    ///
    /// # Errors
    /// The connection was closed.
    pub fn try_ask<R: Request>(&mut self, version: i16, request: &R) -> Result<R::Response, Closed> {
        let correlation = self.post(version, request);
        self.answer::<R>(version, correlation)
    }

    /// Asks and waits.
    ///
    /// # Panics
    /// The connection was closed.
    pub fn ask<R: Request>(&mut self, version: i16, request: &R) -> R::Response {
        let response = self.try_ask(version, request);
        response.unwrap_or_else(|_| panic!("{} v{version}: the connection was closed", R::KEY.name()))
    }
}

/// The peer closed instead of answering.
#[derive(Debug)]
pub struct Closed;
