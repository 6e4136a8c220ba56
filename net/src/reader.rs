//! Frames from a socket.

use std::{cell::RefCell, future::poll_fn, io, pin::Pin, sync::Arc, task::Poll, time::Duration};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, ReadBuf},
    net::tcp::OwnedReadHalf,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    budget::{Budget, Permit},
    pool::Pool,
};

/// Frames up to this size need no permit and are read through the thread's scratch buffer.
const SMALL: usize = 16 * 1024;
/// A large frame's first buffer. Memory the system has only promised until bytes arrive.
const FIRST: usize = 256 * 1024;
/// The least a large frame asks the budget for.
const STEP: usize = 64 * 1024;
/// Frames up to this size, a batch of the usual largest size and a little, ask the budget for all they need at once.
const USUAL: usize = (1 << 20) + 64 * 1024;
/// Where in a page a large frame begins: half way. What the system copies a frame from mostly begins with a page, and a copy to the
/// same place of another page, or a few bytes behind it, takes up to four times as long, as each load has to wait for a store
/// whose address ends alike. (Messages of 100 bytes: 96 ns each at an offset of 12, 57 at this one.)
const PAGE_OFFSET: usize = 2048;
const PAGE: usize = 4096;
/// The most one system call reads: what was read is still in the cache when it is checksummed.
const LARGEST_READ: usize = 1024 * 1024;

thread_local! {
    /// Where small reads land first, so that a connection without a request holds no buffer at all.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; SMALL]);
}

/// While others wait for memory, a large frame must get on by [`PROGRESS`] within this time or give its memory back.
const STALLED: Duration = Duration::from_secs(2);
/// The longest a frame beyond [`USUAL`] keeps its memory while it waits for more: many half-read frames that wait for each
/// other would keep it from everybody.
const HELD: Duration = Duration::from_secs(10);
/// What counts as getting on then: a sender of 8 KiB a second keeps its place.
const PROGRESS: usize = 16 * 1024;

/// Each so many bytes of a frame buy its sender one more second.
const BYTES_PER_SECOND: usize = 1024;

/// A request frame without its size, and the memory it holds.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) bytes: Bytes,
    pub(crate) permit: Permit,
}

/// Why there are no more frames.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("a frame of {size} bytes, allowed are 1 to {max}")]
    Size { size: i32, max: usize },
    #[error("a frame that does not get on while others wait for its memory")]
    Stalled,
    #[error("a large frame that holds memory and found no more of it for {} s", HELD.as_secs())]
    Crowded,
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[derive(Debug)]
struct Large {
    bytes: Vec<u8>,
    /// Bytes in front of the frame, which nobody looks at.
    lead: usize,
    /// Bytes of the frame.
    size: usize,
    /// Both together.
    end: usize,
    /// How many bytes may be read with what `permit` holds.
    permitted: usize,
    permit: Permit,
    /// How much had been read, and when, the last time it had got on.
    got_on: (usize, Instant),
    /// How long it has waited for memory, and since when it does so now: neither is its sender's doing.
    waited: Duration,
    waits_since: Option<Instant>,
}

/// Reads frames. What has been read is kept in here, so every `await` may be cancelled and taken up again.
pub(crate) struct FrameReader {
    half: OwnedReadHalf,
    budget: Arc<Budget>,
    pool: Arc<Pool>,
    small: BytesMut,
    large: Option<Large>,
    /// When the first byte of an unfinished frame was here.
    began: Option<Instant>,
    eof: bool,
}

impl FrameReader {
    pub(crate) fn new(half: OwnedReadHalf, budget: Arc<Budget>, pool: Arc<Pool>) -> Self {
        Self { half, budget, pool, small: BytesMut::new(), large: None, began: None, eof: false }
    }

    /// True once the peer has sent everything it will.
    pub(crate) fn is_eof(&self) -> bool {
        self.eof
    }

    /// True between the first and the last byte of a frame.
    pub(crate) fn is_mid_frame(&self) -> bool {
        self.large.is_some() || !self.small.is_empty()
    }

    /// By when the frame that has begun must have got on: a byte now and then buys next to nothing.
    pub(crate) fn frame_deadline(&self, patience: Duration) -> Option<Instant> {
        let received = self.large.as_ref().map_or(self.small.len(), |large| large.bytes.len() - large.lead);
        let bought = Duration::from_secs((received / BYTES_PER_SECOND) as u64);
        let waited = self.large.as_ref().map_or(Duration::ZERO, Large::waited);
        self.began.map(|began| began + patience + bought + waited)
    }

    /// Whether a whole frame is here. Checks a new frame's size before anything is allocated for it.
    pub(crate) fn assemble(&mut self, max: usize) -> Result<bool, ReadError> {
        if let Some(large) = &self.large {
            return Ok(large.bytes.len() == large.end);
        }
        let Some(prefix) = self.small.first_chunk::<4>() else { return Ok(false) };
        let announced = i32::from_be_bytes(*prefix);
        let size = usize::try_from(announced).unwrap_or(0);
        if size == 0 || size > max {
            return Err(ReadError::Size { size: announced, max });
        }
        if self.small.len() - 4 >= size {
            return Ok(true);
        }
        if size > SMALL {
            let mut bytes = self.pool.take(size + PAGE, FIRST);
            let lead = (PAGE_OFFSET + PAGE - bytes.as_ptr().addr() % PAGE) % PAGE;
            bytes.resize(lead, 0);
            bytes.extend_from_slice(&self.small[4..]);
            self.small = BytesMut::new();
            let permitted = bytes.len();
            let got_on = (permitted, Instant::now());
            self.large = Some(Large {
                bytes,
                lead,
                size,
                end: lead + size,
                permitted,
                permit: Permit::default(),
                got_on,
                waited: Duration::ZERO,
                waits_since: None,
            });
        }
        Ok(false)
    }

    /// The frame [`assemble`](Self::assemble) has found.
    pub(crate) fn take(&mut self) -> Incoming {
        self.began = None;
        if let Some(large) = self.large.take() {
            let bytes = self.pool.freeze(large.bytes).slice(large.lead..);
            return Incoming { bytes, permit: large.permit };
        }
        let size = self.small.get_i32();
        let size = usize::try_from(size).expect("assemble() has checked the size");
        let bytes = self.small.split_to(size).freeze();
        if self.small.is_empty() {
            self.small = BytesMut::new();
        }
        Incoming { bytes, permit: Permit::default() }
    }

    /// Reads once. After the peer's last byte it sets [`is_eof`](Self::is_eof).
    pub(crate) async fn progress(&mut self) -> Result<(), ReadError> {
        let read = match &mut self.large {
            Some(large) => large.read(&mut self.half, &self.budget).await?,
            None => read_small(&mut self.half, &mut self.small).await?,
        };
        self.eof = read == 0;
        if self.began.is_none() {
            self.began = Some(Instant::now());
        }
        Ok(())
    }

    /// Reads and throws away until the peer closes: closing with unread bytes would reset the connection and take
    /// the answers away that the peer has not read yet.
    pub(crate) async fn drain(mut self) {
        while !self.eof {
            self.small = BytesMut::new();
            self.large = None;
            if self.progress().await.is_err() {
                return;
            }
        }
    }
}

impl Large {
    fn waited(&self) -> Duration {
        self.waited + self.waits_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    async fn read(&mut self, half: &mut OwnedReadHalf, budget: &Budget) -> Result<usize, ReadError> {
        if self.bytes.len() == self.permitted {
            // A frame of usual size asks once; each time more it would stand behind all who have come meanwhile.
            let more = if self.size <= USUAL { self.size } else { self.bytes.len().max(STEP) };
            let more = more.min(self.end - self.permitted);
            let more_bytes = u32::try_from(more).unwrap_or(u32::MAX);
            let since = *self.waits_since.get_or_insert_with(Instant::now);
            let memory = budget.extend(&mut self.permit, more_bytes);
            if self.size <= USUAL {
                memory.await;
            } else {
                timeout_at(since + HELD, memory).await.map_err(|_| ReadError::Crowded)?;
            }
            self.waited = self.waited();
            self.waits_since = None;
            self.got_on.1 = Instant::now();
            self.permitted += more;
            if self.bytes.capacity() < self.permitted {
                let target = (self.bytes.capacity() * 2).clamp(self.permitted, self.end);
                self.bytes.reserve_exact(target - self.bytes.len());
            }
        }
        let room = (self.permitted - self.bytes.len()).min(LARGEST_READ);
        loop {
            let read = timeout(STALLED, half.read_buf(&mut (&mut self.bytes).limit(room))).await;
            if self.bytes.len() >= self.end.min(self.got_on.0 + PROGRESS) {
                self.got_on = (self.bytes.len(), Instant::now());
            } else if budget.is_short() && self.got_on.1.elapsed() >= STALLED {
                return Err(ReadError::Stalled);
            }
            if let Ok(read) = read {
                return Ok(read?);
            }
        }
    }
}

async fn read_small(half: &mut OwnedReadHalf, into: &mut BytesMut) -> Result<usize, ReadError> {
    let read = poll_fn(|cx| {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            match Pin::new(&mut *half).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) => {
                    into.extend_from_slice(buffer.filled());
                    Poll::Ready(Ok(buffer.filled().len()))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                Poll::Pending => Poll::Pending,
            }
        })
    });
    Ok(read.await?)
}
