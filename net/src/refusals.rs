//! Log lines about peers that are refused: one per address and minute, so that bad input cannot fill a disk.

use std::{collections::HashMap, net::IpAddr, time::Duration, time::Instant};

use parking_lot::Mutex;

const EVERY: Duration = Duration::from_secs(60);
const MAX_ADDRESSES: usize = 1024;

#[derive(Debug, Default)]
pub(crate) struct Refusals {
    logged: Mutex<HashMap<IpAddr, Instant>>,
}

impl Refusals {
    /// Whether a line about `peer` may be logged now.
    pub(crate) fn may_log(&self, peer: IpAddr) -> bool {
        let now = Instant::now();
        let mut logged = self.logged.lock();
        if logged.len() >= MAX_ADDRESSES {
            logged.retain(|_, at| now.duration_since(*at) < EVERY);
        }
        match logged.get(&peer) {
            Some(at) if now.duration_since(*at) < EVERY => false,
            _ if logged.len() >= MAX_ADDRESSES => false,
            _ => {
                logged.insert(peer, now);
                true
            }
        }
    }
}
