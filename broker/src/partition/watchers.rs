//! Who waits for a partition to move.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Partition;

/// One request that waits on any number of partitions. It is woken when any of them moves and then looks for itself.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    moved: Notify,
}

impl Waiter {
    /// Registers a new waiter with all of these partitions until the registration is dropped.
    pub(crate) fn register(partitions: Vec<Arc<Partition>>) -> Registration {
        let waiter = Arc::new(Self::default());
        for partition in &partitions {
            partition.watchers.waiting.lock().push(Arc::clone(&waiter));
        }
        Registration { waiter, partitions }
    }
}

/// A waiter that partitions know.
#[derive(Debug)]
pub(crate) struct Registration {
    waiter: Arc<Waiter>,
    partitions: Vec<Arc<Partition>>,
}

impl Registration {
    /// Resolves once a partition has moved since the last call. A move between two calls is not lost: `Notify` keeps
    /// one permit, so the order "register, look, wait" misses nothing.
    pub(crate) async fn moved(&self) {
        self.waiter.moved.notified().await;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        for partition in &self.partitions {
            let mut waiting = partition.watchers.waiting.lock();
            waiting.retain(|other| !Arc::ptr_eq(other, &self.waiter));
        }
    }
}

/// The waiters of one partition. Waking does not remove them: a request that wakes up too early simply waits again.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    waiting: Mutex<Vec<Arc<Waiter>>>,
}

impl Watchers {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.lock().is_empty()
    }

    pub(super) fn wake_all(&self) {
        for waiter in self.waiting.lock().iter() {
            waiter.moved.notify_one();
        }
    }
}
