use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket},
    runtime::Handle,
    sync::{mpsc, watch},
    task::JoinHandle,
};

use crate::{
    ConnectionLimits, Handler, Listener, Options, Stats, StatsReader, accept::Acceptor, budget::Budget,
    connection::Shared, limits::Limits, pool::Pool, refusals::Refusals, registry::Registry,
};

/// A listener that could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {name}://{address}: {source}")]
pub struct BindError {
    /// The listener's name.
    pub name: String,
    /// Its address.
    pub address: SocketAddr,
    /// What the system said.
    pub source: io::Error,
}

/// Listeners that are open and not served yet: the addresses can be told to others before the first request arrives.
#[derive(Debug)]
pub struct Server {
    options: Options,
    stats: Arc<Stats>,
    limits: Arc<Limits>,
    sockets: Vec<(Listener, TcpListener)>,
}

impl Server {
    /// Opens all listeners. Needs a tokio runtime.
    ///
    /// # Errors
    /// One of them cannot be opened; then none is.
    pub fn bind(options: Options) -> Result<Self, BindError> {
        let mut sockets = Vec::with_capacity(options.listeners.len());
        for listener in &options.listeners {
            let socket = listen(listener.address, options.backlog).map_err(|source| BindError {
                name: listener.name.to_string(),
                address: listener.address,
                source,
            })?;
            sockets.push((listener.clone(), socket));
        }
        let stats = Arc::new(Stats::default());
        let limits = Limits::new(options.connections.clone(), Arc::clone(&stats));
        Ok(Self { options, stats, limits, sockets })
    }

    /// The listeners with their real addresses (port 0 has become a port), in the order of the options.
    #[must_use]
    pub fn listeners(&self) -> Vec<Listener> {
        let real = |(listener, socket): &(Listener, TcpListener)| Listener {
            address: socket.local_addr().unwrap_or(listener.address),
            ..listener.clone()
        };
        self.sockets.iter().map(real).collect()
    }

    /// How the limits on connections are changed, before the server serves and while it does.
    #[must_use]
    pub fn limiter(&self) -> ConnectionLimiter {
        ConnectionLimiter(Arc::clone(&self.limits))
    }

    /// Serves on the current runtime.
    pub fn start<H: Handler>(self, handler: Arc<H>) -> Running {
        self.start_on(handler, vec![Handle::current()])
    }

    /// Serves with connections dealt in turn to `workers`, one runtime each; accepting stays on the current runtime.
    ///
    /// # Panics
    /// Without a worker.
    pub fn start_on<H: Handler>(self, handler: Arc<H>, workers: Vec<Handle>) -> Running {
        assert!(!workers.is_empty(), "somebody has to serve the connections");
        let listeners = self.listeners();
        let limits = self.limits;
        let shared = Arc::new(Shared {
            budget: Arc::new(Budget::new(self.options.memory)),
            pool: Pool::new(self.options.memory / 8),
            stats: self.stats,
            refusals: Refusals::default(),
            stopping: AtomicBool::new(false),
            unsent: AtomicUsize::new(0),
            options: self.options,
        });
        let registry = Arc::new(Registry::default());
        let (alive, gone) = mpsc::channel(1);
        let (stop, stopped) = watch::channel(false);
        let (workers, next_id): (Arc<[Handle]>, _) = (workers.into(), Arc::new(AtomicU64::new(0)));
        let mut acceptors = Vec::with_capacity(self.sockets.len());
        for (listener, socket) in self.sockets {
            let acceptor = Acceptor {
                listener,
                shared: Arc::clone(&shared),
                limits: Arc::clone(&limits),
                registry: Arc::clone(&registry),
                handler: Arc::clone(&handler),
                alive: alive.clone(),
                workers: Arc::clone(&workers),
                next_id: Arc::clone(&next_id),
            };
            acceptors.push(tokio::spawn(acceptor.run(socket, stopped.clone())));
        }
        Running { listeners, shared, registry, stop, acceptors, gone }
    }
}

/// Changes the limits on connections of a server.
#[derive(Debug, Clone)]
pub struct ConnectionLimiter(Arc<Limits>);

impl ConnectionLimiter {
    /// New limits, from the next connection on.
    pub fn set(&self, limits: ConnectionLimits) {
        self.0.set(limits);
    }
}

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    listeners: Vec<Listener>,
    shared: Arc<Shared>,
    registry: Arc<Registry>,
    stop: watch::Sender<bool>,
    acceptors: Vec<JoinHandle<()>>,
    gone: mpsc::Receiver<()>,
}

impl Running {
    /// The listeners with their real addresses.
    #[must_use]
    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// The numbers, to be kept by whoever serves metrics.
    #[must_use]
    pub fn stats(&self) -> StatsReader {
        StatsReader::new(Arc::clone(&self.shared.stats), Arc::clone(&self.shared.budget))
    }

    /// Bytes of the request memory that are free at the moment.
    #[must_use]
    pub fn free_memory(&self) -> usize {
        self.shared.budget.available()
    }

    /// Stops: accepts nobody any more, reads nothing new, answers every request that has been read, waits until the
    /// peers have taken the answers, and closes. What is not done by `deadline` is cut off; returns how many
    /// connections that were.
    pub async fn shutdown(mut self, deadline: Duration) -> usize {
        let _ = self.stop.send(true);
        for acceptor in self.acceptors.drain(..) {
            let _ = acceptor.await;
        }
        self.shared.stopping.store(true, Ordering::Release);
        self.registry.stop_reading();
        match tokio::time::timeout(deadline, self.gone.recv()).await {
            Ok(_) => 0,
            Err(_) => self.registry.abort(),
        }
    }
}

fn listen(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(backlog)
}
