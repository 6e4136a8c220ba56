//! Acknowledgements that are waited for while other records are still being sent.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ottla_client::{Ack, AckFuture, SendError};
use tokio::{sync::Notify, task::JoinSet};

/// Called once for each record.
type Told<T> = dyn Fn(T, Result<Ack, SendError>) + Send + Sync;

/// Tells what became of each record: of one partition in their order.
pub(crate) struct Acknowledgements<T> {
    told: Arc<Told<T>>,
    partitions: BTreeMap<i32, Arc<Queue<T>>>,
    /// Of the record before: the next one mostly goes to the same partition.
    last: Option<(i32, Arc<Queue<T>>)>,
    tasks: JoinSet<()>,
}

impl<T> fmt::Debug for Acknowledgements<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledgements").field("partitions", &self.partitions.len()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Acknowledgements<T> {
    pub(crate) fn new(told: impl Fn(T, Result<Ack, SendError>) + Send + Sync + 'static) -> Self {
        Self { told: Arc::new(told), partitions: BTreeMap::new(), last: None, tasks: JoinSet::new() }
    }

    pub(crate) fn wait_for(&mut self, ack: AckFuture, of: T) {
        let partition = ack.partition();
        match &self.last {
            Some((last, queue)) if *last == partition => queue.push(ack, of),
            _ => {
                let queue = self.queue(partition);
                queue.push(ack, of);
                self.last = Some((partition, queue));
            }
        }
    }

    fn queue(&mut self, partition: i32) -> Arc<Queue<T>> {
        let (tasks, told) = (&mut self.tasks, &self.told);
        let queue = self.partitions.entry(partition).or_insert_with(|| {
            let queue = Arc::new(Queue { waiting: Mutex::default(), changed: Notify::new() });
            tasks.spawn(tell_all(Arc::clone(&queue), Arc::clone(told)));
            queue
        });
        Arc::clone(queue)
    }

    /// Waits until all that was sent has been told. What lingers in a producer is to be flushed first.
    pub(crate) async fn all(&mut self) {
        self.last = None;
        for queue in std::mem::take(&mut self.partitions).values() {
            queue.lock().ended = true;
            queue.changed.notify_one();
        }
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Records of one partition, taken by their task all at once: a channel would cost more than sending them.
struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Notify,
}

struct Waiting<T> {
    records: VecDeque<(AckFuture, T)>,
    ended: bool,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { records: VecDeque::new(), ended: false }
    }
}

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, ack: AckFuture, of: T) {
        let is_first = {
            let mut waiting = self.lock();
            waiting.records.push_back((ack, of));
            waiting.records.len() == 1
        };
        if is_first {
            self.changed.notify_one();
        }
    }
}

async fn tell_all<T>(queue: Arc<Queue<T>>, told: Arc<Told<T>>) {
    loop {
        let (records, ended) = {
            let mut waiting = queue.lock();
            (std::mem::take(&mut waiting.records), waiting.ended)
        };
        if records.is_empty() && ended {
            return;
        }
        if records.is_empty() {
            queue.changed.notified().await;
        }
        for (ack, of) in records {
            told(of, ack.await);
        }
    }
}
