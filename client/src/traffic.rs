use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What stands in front of every request and answer: its length.
const LENGTH: u64 = 4;

/// What has gone over the connections of a client, and of its producers and consumers, since there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Connections that were opened.
    pub connections: u64,
    /// Requests that were given to a connection.
    pub requests: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Of the largest one.
    pub largest_request: u64,
    /// Answers that came.
    pub responses: u64,
    /// Their bytes.
    pub bytes_in: u64,
}

/// Counts it.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    connections: AtomicU64,
    requests: AtomicU64,
    bytes_out: AtomicU64,
    largest_request: AtomicU64,
    responses: AtomicU64,
    bytes_in: AtomicU64,
}

impl Counters {
    pub(crate) fn on_connection(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    /// `bytes` with the length in front.
    pub(crate) fn on_request(&self, bytes: usize) {
        self.requests.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
        self.largest_request.fetch_max(bytes as u64, Relaxed);
    }

    /// `bytes` without the length in front.
    pub(crate) fn on_response(&self, bytes: usize) {
        self.responses.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes as u64 + LENGTH, Relaxed);
    }

    pub(crate) fn read(&self) -> Traffic {
        let of = |counter: &AtomicU64| counter.load(Relaxed);
        Traffic {
            connections: of(&self.connections),
            requests: of(&self.requests),
            bytes_out: of(&self.bytes_out),
            largest_request: of(&self.largest_request),
            responses: of(&self.responses),
            bytes_in: of(&self.bytes_in),
        }
    }
}
