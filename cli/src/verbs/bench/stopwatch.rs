use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What the clocks said at the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopwatch {
    began: Instant,
    cpu: Duration,
}

/// What something took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    pub(super) time: Duration,
    /// User and system time of this process, all threads.
    pub(super) cpu: Duration,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { began: Instant::now(), cpu: cpu_time() }
    }

    pub(super) const fn began(&self) -> Instant {
        self.began
    }

    pub(super) fn read(&self) -> Spent {
        Spent { time: self.began.elapsed(), cpu: cpu_time().saturating_sub(self.cpu) }
    }
}

fn cpu_time() -> Duration {
    // A clock that every system has, and that does not go back.
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}
