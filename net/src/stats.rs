use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use crate::budget::Budget;

/// What happened on the sockets so far. Cheap to update.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    pub(crate) open: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) bad_frames: AtomicU64,
    pub(crate) timeouts: AtomicU64,
    pub(crate) accept_errors: AtomicU64,
    pub(crate) bytes_in: AtomicU64,
    pub(crate) bytes_out: AtomicU64,
}

/// The numbers at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatsView {
    /// Connections open now.
    pub open: u64,
    /// Connections accepted since the start.
    pub accepted: u64,
    /// Connections closed at once because of a limit.
    pub refused: u64,
    /// Connections closed because of a frame size that is not allowed.
    pub bad_frames: u64,
    /// Connections closed because the peer did not send or did not read in time.
    pub timeouts: u64,
    /// Failed accepts: out of descriptors or memory.
    pub accept_errors: u64,
    /// Bytes of request frames.
    pub bytes_in: u64,
    /// Bytes of response frames.
    pub bytes_out: u64,
}

/// Reads the numbers of a server, also after it has stopped.
#[derive(Debug, Clone)]
pub struct StatsReader {
    stats: Arc<Stats>,
    budget: Arc<Budget>,
}

impl StatsReader {
    pub(crate) fn new(stats: Arc<Stats>, budget: Arc<Budget>) -> Self {
        Self { stats, budget }
    }

    /// The numbers now.
    #[must_use]
    pub fn view(&self) -> StatsView {
        self.stats.view()
    }

    /// Bytes of the request memory that are free.
    #[must_use]
    pub fn free_memory(&self) -> usize {
        self.budget.available()
    }
}

impl Stats {
    fn view(&self) -> StatsView {
        StatsView {
            open: self.open.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            refused: self.refused.load(Relaxed),
            bad_frames: self.bad_frames.load(Relaxed),
            timeouts: self.timeouts.load(Relaxed),
            accept_errors: self.accept_errors.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
        }
    }
}
