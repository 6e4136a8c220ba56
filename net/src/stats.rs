use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What happened on the sockets so far. Cheap to update, read as a whole by whoever serves metrics.
#[derive(Debug, Default)]
pub struct Stats {
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

impl Stats {
    /// The numbers now.
    #[must_use]
    pub fn view(&self) -> StatsView {
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
