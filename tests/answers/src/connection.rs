use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use bytes::Bytes;

use crate::Stop;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// No answer here is longer; what claims to be is nonsense.
const MAX_ANSWER: i32 = 64 << 20;

/// A connection that sends frames and receives frames.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    pub(crate) next_correlation: i32,
}

impl Connection {
    pub(crate) fn open(target: SocketAddr) -> Result<Self, Stop> {
        let stream = TcpStream::connect_timeout(&target, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, next_correlation: 1 })
    }

    /// Sends bytes as they are, the size included. A connection that is closed already is noticed when reading.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self.stream.write_all(bytes) {
            Err(error) if !is_closed(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// The next frame without its size, or `None` when the broker has closed the connection.
    pub(crate) fn receive(&mut self) -> Result<Option<Bytes>, Stop> {
        let mut size = [0; 4];
        if !self.fill(&mut size)? {
            return Ok(None);
        }
        let size = i32::from_be_bytes(size);
        if !(0..=MAX_ANSWER).contains(&size) {
            return Err(Stop::Broken(format!("an answer of {size} bytes")));
        }
        let mut frame = vec![0; size as usize];
        Ok(self.fill(&mut frame)?.then(|| Bytes::from(frame)))
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, Stop> {
        match self.stream.read_exact(buffer) {
            Ok(()) => Ok(true),
            Err(error) if is_closed(&error) => Ok(false),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Err(Stop::Broken(format!("no answer within {} s", PATIENCE.as_secs())))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn is_closed(error: &std::io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}
