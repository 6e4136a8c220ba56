//! A handler that does what the request says, and clients that write bytes.

#[path = "file_frame.rs"]
pub(crate) mod file_frame;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use ottla_net::{ConnectionContext, Handler, Listener, Options, Outcome, Running, Server};
use ottla_wire::Frame;

/// Requests are one letter and then what it needs:
/// `e…` echoes, `s<ms>:…` echoes after a while, `l<ms>:…` the same as a later answer, `t<ms>:…` echoes throttled,
/// `b<bytes>` answers that many bytes in 100 segments, `f<bytes>` that many from a file, `n` answers nothing, `c` closes.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) handled: AtomicUsize,
}

impl Handler for Script {
    async fn handle(&self, _: &Arc<ConnectionContext>, frame: Bytes) -> Outcome {
        self.handled.fetch_add(1, Ordering::SeqCst);
        let number = || {
            let text: Vec<u8> = frame[1..].iter().copied().take_while(u8::is_ascii_digit).collect();
            String::from_utf8(text).unwrap().parse::<u64>().unwrap()
        };
        match frame[0] {
            b'e' => Outcome::Respond(response(frame)),
            b's' => {
                tokio::time::sleep(Duration::from_millis(number())).await;
                Outcome::Respond(response(frame))
            }
            b'l' => {
                let due = tokio::time::Instant::now() + Duration::from_millis(number());
                Outcome::Later(Box::pin(async move {
                    tokio::time::sleep_until(due).await;
                    Outcome::Respond(response(frame))
                }))
            }
            b't' => {
                let ms = u32::try_from(number()).unwrap();
                Outcome::RespondThrottled(response(frame), ms)
            }
            b'b' => Outcome::Respond(in_segments(number().try_into().unwrap(), 100)),
            b'f' => Outcome::Respond(file_frame::frame(number().try_into().unwrap())),
            b'n' => Outcome::NoResponse,
            _ => Outcome::Close,
        }
    }
}

pub(crate) fn response(body: Bytes) -> Frame {
    let size = i32::try_from(body.len()).unwrap();
    Frame::from_segments(vec![Bytes::copy_from_slice(&size.to_be_bytes()), body])
}

fn in_segments(bytes: usize, count: usize) -> Frame {
    let mut whole = BytesMut::with_capacity(bytes + 4);
    whole.put_i32(i32::try_from(bytes).unwrap());
    whole.extend((0..bytes).map(|at| (at % 251) as u8));
    let whole = whole.freeze();
    let step = whole.len().div_ceil(count);
    Frame::from_segments(
        (0..whole.len()).step_by(step).map(|at| whole.slice(at..whole.len().min(at + step))).collect(),
    )
}

pub(crate) struct Broker {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    pub(crate) handler: Arc<Script>,
    pub(crate) address: SocketAddr,
}

impl Broker {
    pub(crate) fn start(options: Options) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let handler = Arc::new(Script::default());
        let listeners = vec![Listener::plaintext("PLAINTEXT", "127.0.0.1:0".parse().unwrap())];
        let running = {
            let _inside = runtime.enter();
            let listeners = if options.listeners.is_empty() { listeners } else { options.listeners.clone() };
            Server::bind(Options { listeners, ..options }).unwrap().start(Arc::clone(&handler))
        };
        let address = running.listeners()[0].address;
        Self { runtime, running: Some(running), handler, address }
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// How many were cut off.
    pub(crate) fn shutdown(&mut self, deadline: Duration) -> usize {
        let running = self.running.take().unwrap();
        self.runtime.block_on(running.shutdown(deadline))
    }

    pub(crate) fn wait_until(&self, what: &str, mut condition: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !condition(self) {
            assert!(Instant::now() < deadline, "waited for: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = i32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    frame.extend_from_slice(body);
    frame
}

pub(crate) fn send(stream: &mut TcpStream, body: &[u8]) {
    stream.write_all(&framed(body)).unwrap();
}

pub(crate) fn receive(stream: &mut TcpStream) -> Vec<u8> {
    let mut size = [0; 4];
    stream.read_exact(&mut size).unwrap();
    let mut body = vec![0; i32::from_be_bytes(size).try_into().unwrap()];
    stream.read_exact(&mut body).unwrap();
    body
}

/// Whether the peer has closed, in whatever way.
pub(crate) fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => matches!(
            error.kind(),
            std::io::ErrorKind::ConnectionReset
                | std::io::ErrorKind::BrokenPipe
                | std::io::ErrorKind::ConnectionAborted
        ),
    }
}
