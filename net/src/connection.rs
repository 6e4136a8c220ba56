//! One connection: read, handle, write, in this order, on one task.

use std::{
    collections::VecDeque,
    future::poll_fn,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::yield_now,
    time::{Instant, Sleep, sleep_until, timeout},
};

use crate::{
    ConnectionContext, Handler, Options, Outcome, Pending, Stats,
    budget::Budget,
    pool::Pool,
    reader::{FrameReader, Incoming, ReadError},
    refusals::Refusals,
    registry::Registry,
    writer::write_frame,
};

/// How long a connection that we close waits for the peer to have read its last answers.
const LINGER: Duration = Duration::from_millis(500);

/// After so many bytes of requests in a row a connection lets others have the thread: one whose requests never end would keep
/// it for tens of requests, and nobody would look at the sockets meanwhile.
const TURN: usize = 256 * 1024;

/// What all connections of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: Options,
    pub(crate) budget: Arc<Budget>,
    pub(crate) pool: Arc<Pool>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) refusals: Refusals,
    pub(crate) stopping: AtomicBool,
    /// Bytes of answers that are being written.
    pub(crate) unsent: AtomicUsize,
}

impl Shared {
    /// How long a reader may do nothing now.
    fn write_patience(&self) -> Duration {
        let options = &self.options;
        if self.unsent.load(Relaxed) > options.unsent {
            options.short_write_timeout.min(options.write_timeout)
        } else {
            options.write_timeout
        }
    }
}

/// What a connection is made of besides its socket.
pub(crate) struct Link<'a, H> {
    pub(crate) context: &'a Arc<ConnectionContext>,
    pub(crate) shared: &'a Shared,
    pub(crate) handler: &'a H,
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The peer has closed and got all its answers.
    PeerClosed,
    /// We close: a handler said so, or the server stops. The peer may still read what was written.
    Closing,
    /// Nothing for too long.
    Timeout(&'static str),
    /// Not a frame we take.
    BadFrame(ReadError),
    /// The socket failed.
    Io(io::Error),
}

impl From<ReadError> for End {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Io(error) => Self::Io(error),
            size => Self::BadFrame(size),
        }
    }
}

/// Serves the connection until it ends.
pub(crate) async fn serve<H: Handler>(stream: TcpStream, link: Link<'_, H>, registry: &Registry) {
    let (read, write) = stream.into_split();
    let write = Arc::new(write);
    registry.opened(link.context.id(), &write);
    let mut connection = Connection::new(&link, read, &write);
    let end = connection.run(link.handler).await;
    let reader = connection.reader;
    finish(write.as_ref().as_ref(), &link, reader, end).await;
    registry.closed(link.context.id());
}

async fn finish<H>(stream: &TcpStream, link: &Link<'_, H>, reader: FrameReader, end: End) {
    let Link { context, shared, .. } = link;
    match end {
        End::PeerClosed => {}
        End::Closing => {
            let _ = socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write);
            let _ = timeout(LINGER, reader.drain()).await;
        }
        End::Timeout(what) => {
            shared.stats.timeouts.fetch_add(1, Relaxed);
            tracing::debug!(peer = %context.peer(), "connection closed: {what}");
        }
        End::BadFrame(error) => {
            shared.stats.bad_frames.fetch_add(1, Relaxed);
            if shared.refusals.may_log(context.peer().ip()) {
                tracing::warn!(peer = %context.peer(), listener = %context.listener(), "connection closed: {error}");
            }
        }
        End::Io(error) => tracing::debug!(peer = %context.peer(), "connection lost: {error}"),
    }
}

struct Connection<'a> {
    stream: &'a TcpStream,
    context: &'a Arc<ConnectionContext>,
    shared: &'a Shared,
    reader: FrameReader,
    /// Answers still to come, in the order of their requests.
    pending: VecDeque<Pending>,
    muted_until: Option<Instant>,
    accepted: Instant,
    /// When the last frame was complete, or its answer written.
    last_activity: Instant,
    /// One timer for all deadlines; it may fire too early, then it is set again.
    timer: Pin<Box<Sleep>>,
}

impl<'a> Connection<'a> {
    fn new<H>(link: &Link<'a, H>, read: OwnedReadHalf, write: &'a OwnedWriteHalf) -> Self {
        let Link { context, shared, .. } = *link;
        let now = Instant::now();
        Self {
            stream: write.as_ref(),
            context,
            shared,
            reader: FrameReader::new(read, Arc::clone(&shared.budget), Arc::clone(&shared.pool)),
            pending: VecDeque::new(),
            muted_until: None,
            accepted: now,
            last_activity: now,
            timer: Box::pin(sleep_until(now + shared.options.max_idle)),
        }
    }

    async fn run<H: Handler>(&mut self, handler: &H) -> End {
        let mut in_a_row = 0;
        loop {
            let incoming = match self.next_frame().await {
                Ok(incoming) => incoming,
                Err(end) => return end,
            };
            let Incoming { bytes, permit } = incoming;
            let length = bytes.len();
            self.shared.stats.bytes_in.fetch_add(length as u64, Relaxed);
            let result = match self.handle(handler, bytes).await {
                Ok(outcome) => self.settle(outcome).await,
                Err(end) => Err(end),
            };
            drop(permit);
            if let Err(end) = result {
                return end;
            }
            in_a_row += length;
            if in_a_row >= TURN {
                in_a_row = 0;
                yield_now().await;
            }
        }
    }

    /// The next request. Meanwhile answers that were pending go out.
    async fn next_frame(&mut self) -> Result<Incoming, End> {
        self.wait_while_muted().await?;
        loop {
            if self.shared.stopping.load(Ordering::Acquire) {
                self.settle_all().await?;
                return Err(End::Closing);
            }
            let room = self.pending.len() < self.shared.options.max_in_flight;
            if room && self.reader.assemble(self.max_frame())? {
                self.last_activity = Instant::now();
                return Ok(self.reader.take());
            }
            if self.reader.is_eof() {
                self.settle_all().await?;
                return Err(if self.reader.is_mid_frame() { End::Io(eof()) } else { End::PeerClosed });
            }
            self.arm_timer();
            tokio::select! {
                biased;
                outcome = front(&mut self.pending) => self.settle_front(outcome).await?,
                read = self.reader.progress(), if room => read?,
                () = &mut self.timer => self.check_deadline()?,
            }
        }
    }

    /// Lets the handler answer. While it waits, the next frame is read and earlier answers go out.
    ///
    /// When the peer goes away the handler goes on: what it does must not stop half way.
    async fn handle<H: Handler>(&mut self, handler: &H, bytes: Bytes) -> Result<Outcome, End> {
        let context = self.context;
        let answer = handler.handle(context, bytes);
        tokio::pin!(answer);
        let mut failed: Option<End> = None;
        loop {
            let read_on = failed.is_none() && !self.reader.is_eof() && self.muted_until.is_none();
            let read_on = read_on && !self.reader.assemble(self.max_frame()).unwrap_or(true);
            tokio::select! {
                biased;
                outcome = &mut answer => return failed.map_or(Ok(outcome), Err),
                outcome = front(&mut self.pending), if failed.is_none() => {
                    failed = self.settle_front(outcome).await.err();
                }
                read = self.reader.progress(), if read_on => failed = read.err().map(End::from),
            }
        }
    }

    /// Does what an outcome says, or queues it behind answers that are still to come.
    async fn settle(&mut self, outcome: Outcome) -> Result<(), End> {
        match outcome {
            Outcome::Later(pending) => self.pending.push_back(pending),
            Outcome::NoResponse => {}
            now if self.pending.is_empty() => self.write(now).await?,
            behind => self.pending.push_back(Box::pin(std::future::ready(behind))),
        }
        Ok(())
    }

    async fn settle_front(&mut self, outcome: Outcome) -> Result<(), End> {
        self.pending.pop_front();
        match outcome {
            Outcome::Later(pending) => self.pending.push_front(pending),
            outcome => self.write(outcome).await?,
        }
        Ok(())
    }

    async fn settle_all(&mut self) -> Result<(), End> {
        while !self.pending.is_empty() {
            let outcome = front(&mut self.pending).await;
            self.settle_front(outcome).await?;
        }
        Ok(())
    }

    async fn write(&mut self, outcome: Outcome) -> Result<(), End> {
        let frame = match outcome {
            Outcome::Respond(frame) => frame,
            Outcome::RespondThrottled(frame, ms) => {
                self.muted_until = Some(Instant::now() + Duration::from_millis(ms.into()));
                frame
            }
            Outcome::NoResponse | Outcome::Later(_) => return Ok(()),
            Outcome::Close => return Err(End::Closing),
        };
        let length = frame.memory_len();
        self.shared.unsent.fetch_add(length, Relaxed);
        let written = write_frame(self.stream, frame, || self.shared.write_patience()).await;
        self.shared.unsent.fetch_sub(length, Relaxed);
        match written {
            Ok(written) => {
                self.shared.stats.bytes_out.fetch_add(written as u64, Relaxed);
                self.last_activity = Instant::now();
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(End::Timeout("the peer does not read"))
            }
            Err(error) => Err(End::Io(error)),
        }
    }

    async fn wait_while_muted(&mut self) -> Result<(), End> {
        while let Some(until) = self.muted_until {
            tokio::select! {
                () = sleep_until(until) => self.muted_until = None,
                outcome = front(&mut self.pending) => self.settle_front(outcome).await?,
            }
        }
        Ok(())
    }

    fn max_frame(&self) -> usize {
        let options = &self.shared.options;
        if self.context.is_authenticated() {
            options.max_frame
        } else {
            options.max_unauthenticated_frame.min(options.max_frame)
        }
    }

    /// When this connection will have been quiet for too long.
    fn deadline(&self) -> (Instant, &'static str) {
        let options = &self.shared.options;
        let quiet = match self.reader.frame_deadline(options.read_timeout) {
            Some(frame) => (frame, "a frame does not get on"),
            None => (self.last_activity + options.max_idle, "idle"),
        };
        let authenticate = (self.accepted + options.authentication_timeout, "not authenticated in time");
        if self.context.is_authenticated() || quiet.0 < authenticate.0 { quiet } else { authenticate }
    }

    /// Sets the timer only when it would fire too late. Too early is fine and costs nothing per request.
    fn arm_timer(&mut self) {
        let due = self.deadline().0;
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
    }

    fn check_deadline(&mut self) -> Result<(), End> {
        let now = Instant::now();
        let (due, what) = self.deadline();
        if now >= due && self.pending.is_empty() {
            return Err(End::Timeout(what));
        }
        self.timer.as_mut().reset(due.max(now + Duration::from_millis(100)));
        Ok(())
    }
}

/// The oldest pending answer, once it is ready; never when there is none.
async fn front(pending: &mut VecDeque<Pending>) -> Outcome {
    match pending.front_mut() {
        Some(first) => poll_fn(|cx| first.as_mut().poll(cx)).await,
        None => std::future::pending().await,
    }
}

fn eof() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the peer closed in the middle of a frame")
}
