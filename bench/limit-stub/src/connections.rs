//! Bytes from a socket and back: one thread each, or one task.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::net::SendFlags;

use crate::{
    fetch::{FetchRequest, fetch, gather},
    requests::answer_request,
    server::{Server, lock, malformed},
    wire::{Outcome, Piece},
};

pub(crate) const FIRST_BUFFER: usize = 256 << 10;
pub(crate) const LARGEST_FRAME: usize = 128 << 20;

/// Bytes received and not yet handled. Requests are read in large pieces and handled where they lie.
pub(crate) struct Inbox {
    pub(crate) buffer: Vec<u8>,
    pub(crate) have: usize,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self { buffer: vec![0; FIRST_BUFFER], have: 0 }
    }
    /// Length of the first frame with its length field, once that field is there. Grows the buffer if need be.
    pub(crate) fn frame_end(&mut self) -> io::Result<Option<usize>> {
        if self.have < 4 {
            return Ok(None);
        }
        let [a, b, c, d, ..] = self.buffer[..] else {
            return Ok(None);
        };
        let end =
            usize::try_from(i32::from_be_bytes([a, b, c, d])).map_err(|_| malformed("frame length"))? + 4;
        if end > LARGEST_FRAME {
            return Err(malformed("frame too large"));
        }
        if self.buffer.len() < end {
            self.buffer.resize(end + (64 << 10), 0);
        }
        Ok(Some(end))
    }
    pub(crate) fn drop_front(&mut self, end: usize) {
        self.buffer.copy_within(end..self.have, 0);
        self.have -= end;
    }
}

/// Header bytes that a file range follows wait for it, so both leave in one segment.
pub(crate) fn send_flags(piece: &Piece) -> SendFlags {
    SendFlags::NOSIGNAL | if piece.range.is_some() { SendFlags::MORE } else { SendFlags::empty() }
}

pub(crate) fn serve_blocking(server: &Server, mut stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut inbox, mut copy) = (Inbox::new(), Vec::new());
    loop {
        let end = loop {
            match inbox.frame_end()? {
                Some(end) if inbox.have >= end => break end,
                _ => match stream.read(&mut inbox.buffer[inbox.have..])? {
                    0 => return Ok(()),
                    n => inbox.have += n,
                },
            }
        };
        let outcome = answer_request(server, &mut inbox.buffer[4..end])?;
        inbox.drop_front(end);
        let pieces = match outcome {
            Outcome::NoReply => continue,
            Outcome::Reply(pieces) => pieces,
            Outcome::Wait(request) => wait_blocking(server, &request)?,
        };
        if !server.options.sendfile {
            gather(&pieces, &mut copy)?;
            stream.write_all(&copy)?;
            continue;
        }
        for piece in &pieces {
            let mut sent = 0;
            while sent < piece.header.len() {
                sent += rustix::net::send(&stream, &piece.header[sent..], send_flags(piece))?;
            }
            if let Some(range) = &piece.range {
                let (mut position, end) = (range.position, range.position + range.len as u64);
                while position < end {
                    let len = (end - position) as usize;
                    if rustix::fs::sendfile(&stream, &range.file, Some(&mut position), len)? == 0 {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
    }
}

pub(crate) fn wait_blocking(server: &Server, request: &FetchRequest) -> io::Result<Vec<Piece>> {
    let deadline = Instant::now() + Duration::from_millis(request.max_wait_ms);
    loop {
        // The counter is read before the log: an append in between moves it, and the wait below does not start.
        let seen = *lock(&server.appends);
        let left = deadline.saturating_duration_since(Instant::now());
        if let Some(pieces) = fetch(server, request, left.is_zero())? {
            return Ok(pieces);
        }
        let appends = lock(&server.appends);
        drop(server.appended.wait_timeout_while(appends, left, |now| *now == seen));
    }
}

pub(crate) async fn serve_async(server: Arc<Server>, mut stream: tokio::net::TcpStream) -> io::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
    stream.set_nodelay(true)?;
    let (mut inbox, mut copy) = (Inbox::new(), Vec::new());
    loop {
        let end = loop {
            match inbox.frame_end()? {
                Some(end) if inbox.have >= end => break end,
                _ => match stream.read(&mut inbox.buffer[inbox.have..]).await? {
                    0 => return Ok(()),
                    n => inbox.have += n,
                },
            }
        };
        let outcome = answer_request(&server, &mut inbox.buffer[4..end])?;
        inbox.drop_front(end);
        let pieces = match outcome {
            Outcome::NoReply => continue,
            Outcome::Reply(pieces) => pieces,
            Outcome::Wait(request) => wait_async(&server, &request).await?,
        };
        if !server.options.sendfile {
            gather(&pieces, &mut copy)?;
            stream.write_all(&copy).await?;
            continue;
        }
        for piece in &pieces {
            let mut sent = 0;
            while sent < piece.header.len() {
                let send = || Ok(rustix::net::send(&stream, &piece.header[sent..], send_flags(piece))?);
                sent += stream.async_io(Interest::WRITABLE, send).await?;
            }
            if let Some(range) = &piece.range {
                let (mut position, end) = (range.position, range.position + range.len as u64);
                while position < end {
                    // At most 1 MiB at a time, so one fast reader does not hold the worker.
                    let send = || {
                        let len = (end - position).min(1 << 20) as usize;
                        Ok(rustix::fs::sendfile(&stream, &range.file, Some(&mut position), len)?)
                    };
                    if stream.async_io(Interest::WRITABLE, send).await? == 0 {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                }
            }
        }
    }
}

pub(crate) async fn wait_async(server: &Server, request: &FetchRequest) -> io::Result<Vec<Piece>> {
    let deadline = tokio::time::Instant::now() + Duration::from_millis(request.max_wait_ms);
    let mut expired = false;
    loop {
        // Enabled before the log is read, so an append in between is not missed.
        let mut appended = std::pin::pin!(server.notify.notified());
        appended.as_mut().enable();
        if let Some(pieces) = fetch(server, request, expired)? {
            return Ok(pieces);
        }
        expired = tokio::time::timeout_at(deadline, appended).await.is_err();
    }
}
