//! A closed loop: a number of connections, each with a number of requests in flight; the next is sent when one is
//! answered. Shows what goes through; its latencies are those of a saturated server.

use std::{
    collections::VecDeque,
    io,
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use super::{
    frames::{AnswerForm, ProduceFrame, Shape},
    latency::Latency,
};
use crate::Result;

/// Connections that are open and have sent nothing yet.
#[derive(Debug)]
pub(crate) struct ClosedLoop {
    streams: Vec<TcpStream>,
    frames: Vec<ProduceFrame>,
    in_flight: usize,
}

/// A request under way: its id, where its answer says what, and when it was sent.
type Sent = (i32, AnswerForm, Instant);

/// What went through.
#[derive(Debug)]
pub(crate) struct Through {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) latency: Latency,
}

impl ClosedLoop {
    /// The shapes are dealt out to the connections, and each connection sends its own in turn.
    pub(crate) fn connect(
        address: SocketAddr,
        connections: usize,
        in_flight: usize,
        shapes: &[Shape],
    ) -> Result<Self> {
        let mut streams = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            streams.push(stream);
        }
        let frames = shapes.iter().map(ProduceFrame::new).collect::<Result<Vec<_>>>()?;
        Ok(Self { streams, frames, in_flight })
    }

    /// Sends what is to be in flight, once, and waits for the answers.
    pub(crate) fn once(self) -> Result<Through> {
        self.run(Duration::ZERO)
    }

    /// Keeps the requests in flight for a time and then waits for the last answers. All connections share one thread:
    /// a server's cores are worth more to it than ours to us.
    pub(crate) fn run(self, duration: Duration) -> Result<Through> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let began = Instant::now();
        let until = began + duration;
        let in_flight = self.in_flight;
        let parts = runtime.block_on(async move {
            let mut tasks = Vec::new();
            let connections = self.streams.len();
            for (index, stream) in self.streams.into_iter().enumerate() {
                let stream = tokio::net::TcpStream::from_std(stream)?;
                let frames = dealt(&self.frames, index, connections);
                tasks.push(tokio::spawn(drive(stream, frames, in_flight, until)));
            }
            let mut parts = Vec::new();
            for task in tasks {
                parts.push(task.await??);
            }
            Ok::<_, crate::Failure>(parts)
        })?;
        let seconds = began.elapsed().as_secs_f64();
        let mut through = Through { requests: 0, seconds, latency: Latency::new()? };
        for latency in parts.iter().flatten() {
            through.latency.record(*latency);
        }
        through.requests = through.latency.count();
        Ok(through)
    }
}

/// Those that fall to one connection; at least one.
fn dealt(frames: &[ProduceFrame], index: usize, connections: usize) -> Vec<ProduceFrame> {
    let first = index % frames.len();
    frames.iter().skip(first).step_by(connections.max(1)).cloned().collect()
}

/// One connection: the latency of each of its requests.
async fn drive(
    stream: tokio::net::TcpStream,
    mut frames: Vec<ProduceFrame>,
    in_flight: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let (mut sent, mut next_id) = (VecDeque::<Sent>::with_capacity(in_flight), 0_i32);
    let (mut out, mut inbox, mut have) = (Vec::new(), vec![0; 16 << 10], 0);
    let mut latencies = Vec::new();
    let mut free = in_flight;
    loop {
        out.clear();
        let now = Instant::now();
        let first = next_id == 0 && sent.is_empty();
        for _ in 0..if first || now < until { std::mem::take(&mut free) } else { 0 } {
            let turn = usize::try_from(next_id)? % frames.len();
            let frame = &mut frames[turn];
            frame.set_correlation(next_id);
            out.extend_from_slice(frame.bytes());
            sent.push_back((next_id, frame.answer(), now));
            next_id = next_id.wrapping_add(1) & i32::MAX;
        }
        write_all(&stream, &out).await?;
        if sent.is_empty() {
            return Ok(latencies);
        }
        have += read(&stream, &mut inbox[have..]).await?;
        let mut from = 0;
        while let Some((answer, after)) = next_frame(&inbox[..have], from)? {
            let (id, form, at) = sent.pop_front().ok_or("an answer nobody waits for")?;
            if form.check(answer)? != id {
                return Err("answers out of order".into());
            }
            latencies.push(at.elapsed());
            free += 1;
            from = after;
        }
        inbox.copy_within(from..have, 0);
        have -= from;
    }
}

/// A frame without its size, and where the next one begins.
fn next_frame(bytes: &[u8], from: usize) -> Result<Option<(&[u8], usize)>> {
    let Some(size) = bytes[from..].first_chunk::<4>() else { return Ok(None) };
    let after = from + 4 + usize::try_from(i32::from_be_bytes(*size))?;
    Ok(bytes.get(from + 4..after).map(|frame| (frame, after)))
}

async fn write_all(stream: &tokio::net::TcpStream, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.writable().await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn read(stream: &tokio::net::TcpStream, into: &mut [u8]) -> Result<usize> {
    loop {
        match stream.try_read(into) {
            Ok(0) => return Err("the server closed a connection".into()),
            Ok(count) => return Ok(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => stream.readable().await?,
            Err(error) => return Err(error.into()),
        }
    }
}
