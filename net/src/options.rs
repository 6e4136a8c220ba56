use std::{net::SocketAddr, sync::Arc, time::Duration};

use crate::ConnectionLimits;

/// An address to listen on.
#[derive(Debug, Clone)]
pub struct Listener {
    /// The listener's name, by which answers choose the endpoints they give (`PLAINTEXT`).
    pub name: Arc<str>,
    /// Where; port 0 takes any free one.
    pub address: SocketAddr,
    /// Whether clients must authenticate before anything else.
    pub authenticates: bool,
}

impl Listener {
    /// A listener without authentication.
    #[must_use]
    pub fn plaintext(name: &str, address: SocketAddr) -> Self {
        Self { name: name.into(), address, authenticates: false }
    }
}

/// The limits of a server. The defaults are Kafka's, or stricter where Ottla says so.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen.
    pub listeners: Vec<Listener>,
    /// `socket.request.max.bytes`: larger frames close the connection at their size field.
    pub max_frame: usize,
    /// The same until the client has authenticated.
    pub max_unauthenticated_frame: usize,
    /// `queued.max.request.bytes`: how many bytes of requests, read and not answered yet, all connections may hold.
    /// When it is used up, sockets are not read.
    pub memory: usize,
    /// How many answers of one connection may be outstanding before the next request waits.
    pub max_in_flight: usize,
    /// How many connections there may be at the start.
    pub connections: ConnectionLimits,
    /// `connections.max.idle.ms`: without a request for this long the connection is closed.
    pub max_idle: Duration,
    /// A frame that has begun must move on within this time.
    pub read_timeout: Duration,
    /// A response that is being written must move on within this time.
    pub write_timeout: Duration,
    /// From accept to authenticated.
    pub authentication_timeout: Duration,
    /// A connection whose descriptor has this number or a higher one is closed at once. The system gives the lowest free
    /// number, so the numbers from here to the limit of the process are kept for files.
    pub max_descriptor: usize,
    /// How many bytes of answers in memory may wait for their readers before [`write_timeout`](Self::write_timeout) shrinks to
    /// [`short_write_timeout`](Self::short_write_timeout).
    pub unsent: usize,
    /// How long a reader may do nothing while more than [`unsent`](Self::unsent) bytes wait.
    pub short_write_timeout: Duration,
    /// `socket.listen.backlog.size`.
    pub backlog: u32,
    /// `socket.send.buffer.bytes`; `None` leaves it to the system.
    pub send_buffer: Option<usize>,
    /// `socket.receive.buffer.bytes`; `None` leaves it to the system.
    pub receive_buffer: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listeners: Vec::new(),
            max_frame: 100 * 1024 * 1024,
            max_unauthenticated_frame: 64 * 1024,
            memory: 256 * 1024 * 1024,
            max_in_flight: 64,
            connections: ConnectionLimits::default(),
            max_idle: Duration::from_secs(600),
            read_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            authentication_timeout: Duration::from_secs(10),
            max_descriptor: usize::MAX,
            unsent: 128 * 1024 * 1024,
            short_write_timeout: Duration::from_secs(2),
            backlog: 512,
            send_buffer: None,
            receive_buffer: None,
        }
    }
}
