//! How many connections there may be, in all and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{Options, Stats};

#[derive(Debug)]
pub(crate) struct Limits {
    slots: Arc<Semaphore>,
    per_ip: usize,
    overrides: HashMap<IpAddr, usize>,
    addresses: Mutex<HashMap<IpAddr, usize>>,
    stats: Arc<Stats>,
}

/// A connection's place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    limits: Arc<Limits>,
    ip: IpAddr,
    _slot: OwnedSemaphorePermit,
}

impl Limits {
    pub(crate) fn new(options: &Options, stats: Arc<Stats>) -> Arc<Self> {
        Arc::new(Self {
            slots: Arc::new(Semaphore::new(options.max_connections.min(Semaphore::MAX_PERMITS))),
            per_ip: options.max_connections_per_ip,
            overrides: options.max_connections_per_ip_overrides.clone(),
            addresses: Mutex::default(),
            stats,
        })
    }

    /// Waits until one more connection is allowed.
    pub(crate) async fn slot(&self) -> OwnedSemaphorePermit {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        slot.expect("the semaphore is never closed")
    }

    /// Gives `ip` a place, or `None` when it has as many as it may.
    pub(crate) fn place(self: &Arc<Self>, ip: IpAddr, slot: OwnedSemaphorePermit) -> Option<Place> {
        let ip = ip.to_canonical();
        let allowed = self.overrides.get(&ip).copied().unwrap_or(self.per_ip);
        let mut addresses = self.addresses.lock();
        let count = addresses.entry(ip).or_default();
        if *count >= allowed {
            if *count == 0 {
                addresses.remove(&ip);
            }
            return None;
        }
        *count += 1;
        self.stats.open.fetch_add(1, Relaxed);
        Some(Place { limits: Arc::clone(self), ip, _slot: slot })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.limits.stats.open.fetch_sub(1, Relaxed);
        let mut addresses = self.limits.addresses.lock();
        if let Some(count) = addresses.get_mut(&self.ip) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.ip);
            }
        }
    }
}
