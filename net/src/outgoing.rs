//! Connections that we open: frames out, frames in, in order.
//!
//! A request that was given to a connection is written as a whole even when its caller stops waiting, so a cancelled
//! call never leaves half a frame on the wire and never gets another call's answer.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use ottla_wire::Frame;
use parking_lot::Mutex;
use tokio::{
    net::{
        TcpStream, ToSocketAddrs,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{budget::Budget, pool::Pool, reader::FrameReader, writer::write_frame};

/// The limits of a connection that we open.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long to wait for the connection.
    pub connect_timeout: Duration,
    /// How long the peer may stop reading before the connection counts as lost.
    pub write_timeout: Duration,
    /// The largest answer we take.
    pub max_frame: usize,
    /// How many requests may wait to be written.
    pub queue: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(30),
            max_frame: 256 * 1024 * 1024,
            queue: 64,
        }
    }
}

/// Why a call has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The connection is gone. Whether the peer has seen the request is not known.
    #[error("connection lost: {0}")]
    Lost(Arc<io::Error>),
    /// The peer answered something else than what is due: the connection is closed.
    #[error("answer to request {got} while the one to {due} is due")]
    OutOfOrder {
        /// The correlation id of the answer.
        got: i32,
        /// The one expected.
        due: i32,
    },
}

struct Request {
    frame: Frame,
    then: Then,
}

/// What whoever sends a request waits for.
enum Then {
    Answered(Waiting),
    Written(oneshot::Sender<()>),
}

#[derive(Debug)]
struct Waiting {
    correlation_id: i32,
    answer: oneshot::Sender<Result<Bytes, CallError>>,
}

/// Calls that were written, or are about to be, in order; and why there will be no more.
#[derive(Debug, Default)]
struct Calls {
    due: VecDeque<Waiting>,
    failed: Option<CallError>,
}

/// A connection to a broker. Cheap to share by reference; many calls may be under way at once.
pub struct Connection {
    requests: mpsc::Sender<Request>,
    calls: Arc<Mutex<Calls>>,
    next_id: AtomicI32,
    tasks: [tokio::task::AbortHandle; 2],
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("due", &self.calls.lock().due.len()).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens there, or not within the timeout.
    pub async fn connect(address: impl ToSocketAddrs, options: &Options) -> io::Result<Self> {
        let stream = timeout(options.connect_timeout, TcpStream::connect(address));
        let stream = stream.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        let (read, write) = stream.into_split();
        let (requests, queue) = mpsc::channel(options.queue);
        let calls = Arc::<Mutex<Calls>>::default();
        let reader = tokio::spawn(read_all(read, Arc::clone(&calls), options.max_frame));
        let writer = tokio::spawn(write_all(write, Arc::clone(&calls), queue, options.write_timeout));
        let tasks = [reader.abort_handle(), writer.abort_handle()];
        Ok(Self { requests, calls, next_id: AtomicI32::new(0), tasks })
    }

    /// An id for the next request's header, unique on this connection until it wraps.
    pub fn next_correlation_id(&self) -> i32 {
        self.next_id.fetch_add(1, Relaxed) & i32::MAX
    }

    /// Sends a request and waits for its answer: header and body without the size.
    ///
    /// # Errors
    /// The connection was lost before the answer came.
    pub async fn call(&self, correlation_id: i32, frame: Frame) -> Result<Bytes, CallError> {
        let mut answer = self.submit(correlation_id, frame).await?;
        answer.wait().await
    }

    /// Gives a request to the connection: it is written behind those that were given before. The answer can be waited
    /// for while others are given.
    ///
    /// # Errors
    /// The connection is known to be lost; the request was not sent.
    pub async fn submit(&self, correlation_id: i32, frame: Frame) -> Result<Answer, CallError> {
        let (answer, answered) = oneshot::channel();
        let then = Then::Answered(Waiting { correlation_id, answer });
        if self.requests.send(Request { frame, then }).await.is_err() {
            return Err(self.failure());
        }
        Ok(Answer { answered, calls: Arc::clone(&self.calls) })
    }

    /// Sends a request that has no answer (Produce with acks=0); returns once the system has taken it.
    ///
    /// # Errors
    /// The connection was lost before.
    pub async fn send(&self, frame: Frame) -> Result<(), CallError> {
        let (written, done) = oneshot::channel();
        let then = Then::Written(written);
        if self.requests.send(Request { frame, then }).await.is_err() {
            return Err(self.failure());
        }
        done.await.map_err(|_| self.failure())
    }

    /// True once the connection is lost: open another one.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.calls.lock().failed.is_some()
    }

    fn failure(&self) -> CallError {
        failure(&self.calls)
    }
}

/// An answer that is due.
#[derive(Debug)]
pub struct Answer {
    answered: oneshot::Receiver<Result<Bytes, CallError>>,
    calls: Arc<Mutex<Calls>>,
}

impl Answer {
    /// Header and body without the size. A wait that was cancelled may be taken up again; one that ended may not.
    ///
    /// # Errors
    /// The connection was lost before the answer came: the peer may have seen the request.
    pub async fn wait(&mut self) -> Result<Bytes, CallError> {
        (&mut self.answered).await.unwrap_or_else(|_| Err(failure(&self.calls)))
    }
}

fn failure(calls: &Mutex<Calls>) -> CallError {
    let failed = calls.lock().failed.clone();
    failed.unwrap_or_else(|| lost(io::ErrorKind::NotConnected.into()))
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::AbortHandle::abort);
    }
}

fn lost(error: io::Error) -> CallError {
    CallError::Lost(Arc::new(error))
}

/// Tells everybody who waits, and everybody who comes later.
fn fail(calls: &Mutex<Calls>, error: CallError) {
    let mut calls = calls.lock();
    let error = calls.failed.get_or_insert(error).clone();
    for waiting in calls.due.drain(..) {
        let _ = waiting.answer.send(Err(error.clone()));
    }
}

async fn write_all(
    write: OwnedWriteHalf,
    calls: Arc<Mutex<Calls>>,
    mut queue: mpsc::Receiver<Request>,
    patience: Duration,
) {
    while let Some(Request { frame, then }) = queue.recv().await {
        let written = match then {
            Then::Answered(waiting) => {
                let mut calls = calls.lock();
                if let Some(error) = &calls.failed {
                    let _ = waiting.answer.send(Err(error.clone()));
                    return;
                }
                // Before the write: the answer may be here before the write is known to be done.
                calls.due.push_back(waiting);
                None
            }
            Then::Written(written) => Some(written),
        };
        if let Err(error) = write_frame(write.as_ref(), frame, || patience).await {
            return fail(&calls, lost(error));
        }
        // Whoever waited may be gone.
        let _ = written.map(|written| written.send(()));
    }
}

async fn read_all(read: OwnedReadHalf, calls: Arc<Mutex<Calls>>, max_frame: usize) {
    // Answers were asked for; their memory is the caller's business.
    let budget = Arc::new(Budget::new(usize::MAX));
    let mut reader = FrameReader::new(read, budget, Pool::new(4 * 1024 * 1024));
    loop {
        let whole = match reader.assemble(max_frame) {
            Ok(whole) => whole,
            Err(error) => return fail(&calls, lost(io::Error::other(error))),
        };
        if whole {
            if let Err(error) = answer(&calls, reader.take().bytes) {
                return fail(&calls, error);
            }
        } else if reader.is_eof() {
            return fail(&calls, lost(io::ErrorKind::ConnectionReset.into()));
        } else if let Err(error) = reader.progress().await {
            return fail(&calls, lost(io::Error::other(error)));
        }
    }
}

fn answer(calls: &Mutex<Calls>, bytes: Bytes) -> Result<(), CallError> {
    let id = bytes.first_chunk::<4>().map(|id| i32::from_be_bytes(*id));
    let id = id.ok_or_else(|| lost(io::Error::other("an answer without a header")))?;
    let Some(waiting) = calls.lock().due.pop_front() else {
        return Err(lost(io::Error::other("an answer nobody waits for")));
    };
    if waiting.correlation_id != id {
        let error = CallError::OutOfOrder { got: id, due: waiting.correlation_id };
        let _ = waiting.answer.send(Err(error.clone()));
        return Err(error);
    }
    let _ = waiting.answer.send(Ok(bytes));
    Ok(())
}
