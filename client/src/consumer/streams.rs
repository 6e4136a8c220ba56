use std::sync::Arc;

use super::{
    ConsumerError, Shared, partition::TopicPartition, reader::Reader, record::Record, record::RecordBatch,
};

/// The records of one partition, until it is given up.
///
/// What is in hand is waited for: the group gets the partition once this is asked for more, or dropped.
#[derive(Debug)]
pub struct PartitionRecords {
    shared: Arc<Shared>,
    reader: Reader,
}

/// The next partition nobody has taken.
pub(super) async fn next(shared: &Arc<Shared>) -> Option<PartitionRecords> {
    loop {
        let mut ready = std::pin::pin!(shared.ready.notified());
        ready.as_mut().enable();
        {
            let mut state = shared.lock();
            if let Some(at) = state.news.first().cloned() {
                let reader = Reader::new(state.set_apart(&at), Some(at));
                return Some(PartitionRecords { shared: Arc::clone(shared), reader });
            }
            if state.over || state.failure.is_some() {
                return None;
            }
        }
        ready.await;
    }
}

impl PartitionRecords {
    /// Its partition.
    #[must_use]
    pub fn at(&self) -> &TopicPartition {
        self.reader.partition().unwrap_or_else(|| unreachable!("it is made for one partition"))
    }

    /// The next record; `None` once the partition is given up.
    ///
    /// # Errors
    /// The records make no sense.
    pub async fn next(&mut self) -> Option<Result<Record, ConsumerError>> {
        self.reader.next(&self.shared).await
    }

    /// The next batch as it was written, its records not copied.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn next_batch(&mut self) -> Option<Result<RecordBatch, ConsumerError>> {
        self.reader.next_batch(&self.shared).await
    }
}

impl Drop for PartitionRecords {
    fn drop(&mut self) {
        self.shared.lock().end_reader(self.reader.id(), self.reader.unread());
        self.shared.wake.notify_one();
    }
}
