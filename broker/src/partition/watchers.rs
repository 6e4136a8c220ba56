//! Who waits for a partition to move.

use std::sync::Arc;

use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::Notify;

use super::Partition;

/// One request that waits on any number of partitions. It is woken when one of them moves and then looks for itself.
#[derive(Debug, Default)]
pub(crate) struct Waiter {
    moved: Notify,
}

/// One, for most producers.
type Partitions = SmallVec<[Arc<Partition>; 1]>;

/// Whoever waits for no offset is woken by every move.
const ANY: i64 = i64::MIN;

impl Waiter {
    /// Registers a new waiter with all of these partitions until the registration is dropped.
    pub(crate) fn register(partitions: impl IntoIterator<Item = Arc<Partition>>) -> Registration {
        Self::register_for(partitions.into_iter().map(|partition| (partition, ANY)))
    }

    /// The same for one that waits until everything below an offset is acknowledged. While one flush runs, those who wait
    /// for the next are many: they are not woken by it.
    pub(crate) fn register_for(places: impl IntoIterator<Item = (Arc<Partition>, i64)>) -> Registration {
        let waiter = Arc::new(Self::default());
        let registered = |(partition, offset): (Arc<Partition>, i64)| {
            partition.watchers.waiting.lock().push((Arc::clone(&waiter), offset));
            partition
        };
        let partitions = places.into_iter().map(registered).collect();
        Registration { waiter, partitions }
    }
}

/// A waiter that partitions know.
#[derive(Debug)]
pub(crate) struct Registration {
    waiter: Arc<Waiter>,
    partitions: Partitions,
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
            let at = waiting.iter().position(|(other, _)| Arc::ptr_eq(other, &self.waiter));
            at.map(|at| waiting.swap_remove(at));
        }
    }
}

/// The waiters of one partition, each with the offset it waits for. Waking does not remove them: a request that wakes up
/// too early simply waits again.
#[derive(Debug, Default)]
pub(super) struct Watchers {
    waiting: Mutex<Vec<(Arc<Waiter>, i64)>>,
}

impl Watchers {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.lock().is_empty()
    }

    pub(super) fn wake_all(&self) {
        self.wake_up_to(i64::MAX);
    }

    /// Nothing behind `offset` can be acknowledged yet.
    pub(super) fn wake_up_to(&self, offset: i64) {
        for (waiter, _) in self.waiting.lock().iter().filter(|(_, wanted)| *wanted <= offset) {
            waiter.moved.notify_one();
        }
    }
}
