//! Accepting connections, also when the process has run out of descriptors.

use std::{
    io,
    net::SocketAddr,
    os::fd::AsRawFd,
    sync::{Arc, atomic::Ordering, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use socket2::{Domain, SockRef, Socket, Type};
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    sync::{mpsc, watch},
};

use crate::{
    ConnectionContext, Handler, Listener,
    connection::{Link, Shared, serve},
    limits::{Limits, Place},
    registry::Registry,
};

/// How long to wait after an accept that failed for want of something.
const BACK_OFF: Duration = Duration::from_millis(50);

/// How many waiting connections are closed between two back-offs.
const REFUSED_AT_ONCE: usize = 100;

/// One listener's loop.
pub(crate) struct Acceptor<H> {
    pub(crate) listener: Listener,
    pub(crate) shared: Arc<Shared>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) registry: Arc<Registry>,
    pub(crate) handler: Arc<H>,
    /// Dropped with the last connection: how the server learns that all are gone.
    pub(crate) alive: mpsc::Sender<()>,
    /// Where connections run, dealt in turn.
    pub(crate) workers: Arc<[Handle]>,
    pub(crate) next_id: Arc<std::sync::atomic::AtomicU64>,
}

impl<H: Handler> Acceptor<H> {
    pub(crate) async fn run(self, socket: TcpListener, mut stop: watch::Receiver<bool>) {
        let mut reserve = Reserve::new();
        loop {
            let slot = tokio::select! {
                slot = self.limits.slot() => slot,
                _ = stop.changed() => return,
            };
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                _ = stop.changed() => return,
            };
            match accepted {
                Ok((stream, peer)) => {
                    if self.is_kept_for_files(&stream) {
                        self.refuse(peer, "too few descriptors are left");
                    } else {
                        match self.limits.place(peer.ip(), slot) {
                            Some(place) => self.start(stream, peer, place),
                            None => self.refuse(peer, "max.connections.per.ip"),
                        }
                    }
                    // The listeners share the rate: whoever goes beyond it waits, and the others with their next.
                    let pause = self.limits.pause_after(Instant::now());
                    tokio::select! {
                        () = tokio::time::sleep(pause), if !pause.is_zero() => {}
                        _ = stop.changed(), if !pause.is_zero() => return,
                        else => {}
                    }
                }
                Err(error) => {
                    self.shared.stats.accept_errors.fetch_add(1, Relaxed);
                    if is_exhausted(&error) {
                        reserve.refuse(&socket).await;
                        tracing::warn!(listener = %self.listener.name, "accept: {error}");
                        tokio::time::sleep(BACK_OFF).await;
                    }
                }
            }
        }
    }

    /// Whether the log needs this descriptor more: it must be able to begin a segment at any time.
    fn is_kept_for_files(&self, stream: &TcpStream) -> bool {
        usize::try_from(stream.as_raw_fd()).is_ok_and(|number| number >= self.shared.options.max_descriptor)
    }

    fn refuse(&self, peer: SocketAddr, why: &str) {
        self.shared.stats.refused.fetch_add(1, Relaxed);
        if self.shared.refusals.may_log(peer.ip()) {
            tracing::warn!(peer = %peer, "connection refused: {why}");
        }
    }

    fn start(&self, stream: TcpStream, peer: SocketAddr, place: Place) {
        let id = self.next_id.fetch_add(1, Relaxed);
        let Ok((stream, local)) = self.prepare(stream) else { return };
        self.shared.stats.accepted.fetch_add(1, Relaxed);
        let trusted = !self.listener.authenticates;
        let name = Arc::clone(&self.listener.name);
        let context = Arc::new(ConnectionContext::new(id, name, peer, local, trusted));
        let (shared, registry) = (Arc::clone(&self.shared), Arc::clone(&self.registry));
        let (handler, alive) = (Arc::clone(&self.handler), self.alive.clone());
        let worker = &self.workers[usize::try_from(id).unwrap_or(0) % self.workers.len()];
        registry.accepted(id);
        let task = worker.spawn(async move {
            let _held = (place, alive);
            if let Ok(stream) = TcpStream::from_std(stream) {
                let link = Link { context: &context, shared: &shared, handler: &*handler };
                serve(stream, link, &registry).await;
            }
            registry.closed(id);
        });
        self.registry.spawned(id, task.abort_handle());
        if self.shared.stopping.load(Ordering::Acquire) {
            self.registry.stop_reading();
        }
    }

    fn prepare(&self, stream: TcpStream) -> io::Result<(std::net::TcpStream, SocketAddr)> {
        let options = &self.shared.options;
        let local = stream.local_addr()?;
        stream.set_nodelay(true)?;
        let socket = SockRef::from(&stream);
        socket.set_keepalive(true)?;
        if let Some(bytes) = options.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = options.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        Ok((stream.into_std()?, local))
    }
}

/// A descriptor kept for the moment when there are no others: given up, it lets waiting connections be accepted and
/// closed one by one, so that their peers learn of it and the queue does not make the loop spin.
struct Reserve(Option<Socket>);

impl Reserve {
    fn new() -> Self {
        Self(Socket::new(Domain::IPV4, Type::DGRAM, None).ok())
    }

    async fn refuse(&mut self, socket: &TcpListener) {
        if self.0.take().is_some() {
            // Ends when nobody waits any more, or somebody else was faster and took the descriptor.
            let refuse_all = async {
                for _ in 0..REFUSED_AT_ONCE {
                    if socket.accept().await.is_err() {
                        return;
                    }
                }
            };
            let _ = tokio::time::timeout(Duration::from_millis(1), refuse_all).await;
        }
        *self = Self::new();
    }
}

/// Out of descriptors (of the process, of the system) or of memory.
fn is_exhausted(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const ENOMEM: i32 = 12;
    const ENOBUFS: i32 = 105;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE | ENOMEM | ENOBUFS))
}
