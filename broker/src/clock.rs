//! The two clocks of the process. Decisions never read them; whoever calls a pure machine passes the time in.

use std::{
    sync::OnceLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use ottla_types::Millis;

/// Wall-clock time, for timestamps that others see: record times, expiry of committed offsets.
pub(crate) fn wall() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

/// Time since the process first asked, for timeouts and sessions: it never jumps when somebody sets the clock.
pub(crate) fn monotonic() -> Millis {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    Millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// Wall-clock time that never jumps: what the wall said when the process first asked, plus the time since.
pub(crate) fn steady() -> Millis {
    static BEGAN: OnceLock<Millis> = OnceLock::new();
    BEGAN.get_or_init(|| Millis(wall().0 - monotonic().0)).plus(monotonic().0)
}
