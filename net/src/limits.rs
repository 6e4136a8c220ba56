//! How many connections there may be, in all and per address, and how fast new ones may come.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::Stats;

/// The limits on connections; they may change while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// `max.connections`: at the limit nothing is accepted until somebody leaves.
    pub max: usize,
    /// `max.connections.per.ip`: at the limit a new connection is closed at once.
    pub per_ip: usize,
    /// `max.connections.per.ip.overrides`.
    pub per_ip_overrides: HashMap<IpAddr, usize>,
    /// `max.connection.creation.rate`: beyond so many a second, new connections wait to be accepted.
    pub creation_rate: u32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            max: usize::MAX,
            per_ip: usize::MAX,
            per_ip_overrides: HashMap::new(),
            creation_rate: u32::MAX,
        }
    }
}

/// Who counts connections.
#[derive(Debug)]
pub(crate) struct Limits {
    state: Mutex<State>,
    /// Somebody left, or the limits changed.
    changed: Notify,
    stats: Arc<Stats>,
}

#[derive(Debug)]
struct State {
    limits: ConnectionLimits,
    open: usize,
    addresses: HashMap<IpAddr, usize>,
    /// When all connections so far would have come at the allowed rate.
    paid_until: Instant,
}

/// One of the connections there may be, given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Limits>);

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    slot: Slot,
    ip: IpAddr,
}

/// As many connections may come at once as may come in this time.
const BURST: Duration = Duration::from_secs(1);

impl Limits {
    pub(crate) fn new(limits: ConnectionLimits, stats: Arc<Stats>) -> Arc<Self> {
        let state = State { limits, open: 0, addresses: HashMap::new(), paid_until: Instant::now() };
        Arc::new(Self { state: Mutex::new(state), changed: Notify::new(), stats })
    }

    /// New limits, from the next connection on; those there are stay.
    pub(crate) fn set(&self, limits: ConnectionLimits) {
        self.state.lock().limits = limits;
        self.changed.notify_waiters();
    }

    /// Waits until one more connection is allowed.
    pub(crate) async fn slot(self: &Arc<Self>) -> Slot {
        loop {
            // Made before the count is looked at, so that whoever leaves in between wakes this too.
            let changed = self.changed.notified();
            if self.try_slot() {
                return Slot(Arc::clone(self));
            }
            changed.await;
        }
    }

    fn try_slot(&self) -> bool {
        let mut state = self.state.lock();
        let free = state.open < state.limits.max;
        state.open += usize::from(free);
        free
    }

    /// Counts a connection against the rate; how long the next one has to wait.
    pub(crate) fn pause_after(&self, now: Instant) -> Duration {
        let mut state = self.state.lock();
        let each = BURST / state.limits.creation_rate.max(1);
        state.paid_until = state.paid_until.max(now) + each;
        (state.paid_until - now).saturating_sub(BURST)
    }

    /// Gives `ip` a place, or `None` when it has as many as it may.
    pub(crate) fn place(self: &Arc<Self>, ip: IpAddr, slot: Slot) -> Option<Place> {
        let ip = ip.to_canonical();
        let mut state = self.state.lock();
        let allowed = state.limits.per_ip_overrides.get(&ip).copied().unwrap_or(state.limits.per_ip);
        let count = state.addresses.get(&ip).copied().unwrap_or(0);
        if count >= allowed {
            // The slot goes back when this returns, and that takes the lock again.
            drop(state);
            return None;
        }
        state.addresses.insert(ip, count + 1);
        self.stats.open.fetch_add(1, Relaxed);
        Some(Place { slot, ip })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.state.lock().open -= 1;
        self.0.changed.notify_waiters();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let limits = &self.slot.0;
        limits.stats.open.fetch_sub(1, Relaxed);
        let mut state = limits.state.lock();
        if let Some(count) = state.addresses.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                state.addresses.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(limits: ConnectionLimits) -> Arc<Limits> {
        Limits::new(limits, Arc::default())
    }

    #[test]
    fn connections_beyond_the_rate_wait() {
        let limits = limits(ConnectionLimits { creation_rate: 10, ..ConnectionLimits::default() });
        let now = Instant::now() + Duration::from_secs(1);
        for at_once in 0..10 {
            assert_eq!(limits.pause_after(now), Duration::ZERO, "{at_once}");
        }
        assert_eq!(limits.pause_after(now), Duration::from_millis(100));
        assert_eq!(limits.pause_after(now), Duration::from_millis(200));
        let later = now + Duration::from_millis(500);
        assert_eq!(limits.pause_after(later), Duration::ZERO, "time pays");
    }

    #[tokio::test]
    async fn a_raised_limit_lets_in_who_waits() {
        let one = ConnectionLimits { max: 1, ..ConnectionLimits::default() };
        let limits = limits(one.clone());
        let _first = limits.slot().await;
        let waiting = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.slot().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        limits.set(ConnectionLimits { max: 2, ..one });
        let second = tokio::time::timeout(Duration::from_secs(10), waiting).await;
        drop(second.expect("there is room").expect("the task ends"));
        assert_eq!(limits.state.lock().open, 1);
    }
}
