//! Acknowledgements that are waited for while other records are still being sent.

use std::{collections::BTreeMap, fmt, sync::Arc};

use ottla_client::{Ack, AckFuture, SendError};
use tokio::{
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinSet,
};

/// Called once for each record.
type Told<T> = dyn Fn(T, Result<Ack, SendError>) + Send + Sync;

/// Tells what became of each record: of one partition in their order.
pub(crate) struct Acknowledgements<T> {
    told: Arc<Told<T>>,
    partitions: BTreeMap<i32, UnboundedSender<(AckFuture, T)>>,
    tasks: JoinSet<()>,
}

impl<T> fmt::Debug for Acknowledgements<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acknowledgements").field("partitions", &self.partitions.len()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Acknowledgements<T> {
    pub(crate) fn new(told: impl Fn(T, Result<Ack, SendError>) + Send + Sync + 'static) -> Self {
        Self { told: Arc::new(told), partitions: BTreeMap::new(), tasks: JoinSet::new() }
    }

    pub(crate) fn wait_for(&mut self, ack: AckFuture, of: T) {
        let (tasks, told) = (&mut self.tasks, &self.told);
        let queue = self.partitions.entry(ack.partition()).or_insert_with(|| {
            let (sender, mut queue) = unbounded_channel::<(AckFuture, T)>();
            let told = Arc::clone(told);
            tasks.spawn(async move {
                while let Some((ack, of)) = queue.recv().await {
                    told(of, ack.await);
                }
            });
            sender
        });
        // Its task listens until the queue is dropped.
        let _ = queue.send((ack, of));
    }

    /// Waits until all that was sent has been told. What lingers in a producer is to be flushed first.
    pub(crate) async fn all(&mut self) {
        self.partitions.clear();
        while self.tasks.join_next().await.is_some() {}
    }
}
