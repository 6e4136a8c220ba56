use std::{collections::VecDeque, sync::atomic::Ordering::Relaxed};

use ottla_records::BatchError;

use super::{
    ConsumerError, Shared,
    fetches::{Life, Taken},
    partition::TopicPartition,
    record::Record,
    record::RecordBatch,
};

/// Takes records one by one from the batches of all partitions, or of one.
#[derive(Debug)]
pub(super) struct Reader {
    id: u64,
    /// `None` for all that have no reader of their own.
    only: Option<TopicPartition>,
    /// What is left of the last batch.
    rest: VecDeque<Record>,
    /// The last batch, and the life it is of.
    last: Option<(RecordBatch, Life)>,
    /// What was returned stays in hand when more is asked for.
    keeps: bool,
}

/// What there is for a reader.
enum Next {
    Batch(Taken),
    Error(ConsumerError),
    /// Not yet.
    Nothing,
    End,
}

/// Says that somebody waits for records, as long as it lives.
struct Polling<'a>(&'a Shared);

impl<'a> Polling<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.lock().polling += 1;
        shared.wake.notify_one();
        Self(shared)
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.polled.store(true, Relaxed);
        self.0.lock().polling -= 1;
        self.0.wake.notify_one();
    }
}

impl Reader {
    pub(super) fn new(id: u64, only: Option<TopicPartition>) -> Self {
        Self { id, only, rest: VecDeque::new(), last: None, keeps: false }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn partition(&self) -> Option<&TopicPartition> {
        self.only.as_ref()
    }

    /// The batch of the last record that was returned.
    pub(super) fn batch(&self) -> Option<&RecordBatch> {
        self.last.as_ref().map(|(batch, _)| batch)
    }

    /// The first record that was taken and not returned.
    pub(super) fn unread(&self) -> Option<(TopicPartition, i64)> {
        self.rest.front().map(|record| (record.at(), record.offset))
    }

    /// From now on what is returned stays in hand until [`let_go`](Self::let_go): partitions are not given up before.
    pub(super) fn keep(&mut self) {
        self.keeps = true;
    }

    /// Nothing that was returned is in hand any more.
    pub(super) fn let_go(&mut self, shared: &Shared) {
        self.keeps = false;
        let unread = self.unread().map(|(at, _)| at);
        shared.lock().release(self.id, unread);
        shared.wake.notify_one();
    }

    /// What was taken and not returned is not returned any more.
    pub(super) fn forget(&mut self) {
        self.rest.clear();
    }

    pub(super) async fn next(&mut self, shared: &Shared) -> Option<Result<Record, ConsumerError>> {
        loop {
            self.drop_what_is_gone(shared);
            if let Some(record) = self.rest.pop_front() {
                return Some(Ok(record));
            }
            let (batch, life) = match self.take_batch(shared).await? {
                Ok(taken) => taken,
                Err(error) => return Some(Err(error)),
            };
            match batch.records() {
                Ok(records) => self.rest = records.into(),
                Err(source) => {
                    return Some(Err(stop(shared, batch.at().clone(), life, batch.start(), source)));
                }
            }
        }
    }

    pub(super) async fn next_batch(&mut self, shared: &Shared) -> Option<Result<RecordBatch, ConsumerError>> {
        self.drop_what_is_gone(shared);
        if let (Some((_, next)), Some((last, _))) = (self.unread(), &self.last) {
            // The rest of one whose first records were returned one by one.
            let rest = last.clone().from(next);
            self.rest.clear();
            return Some(Ok(rest));
        }
        Some(self.take_batch(shared).await?.map(|(batch, _)| batch))
    }

    /// Waits for a batch nobody has taken.
    async fn take_batch(&mut self, shared: &Shared) -> Option<Result<(RecordBatch, Life), ConsumerError>> {
        let mut polling = None;
        loop {
            let mut ready = std::pin::pin!(shared.ready.notified());
            // From here on what comes is noticed.
            ready.as_mut().enable();
            match self.take(shared) {
                Next::Batch(Taken { at, batch, from, life }) => {
                    let opened = RecordBatch::open(at.clone(), &batch, from).map(|batch| (batch, life));
                    self.last = opened.as_ref().ok().cloned();
                    return Some(opened.map_err(|source| stop(shared, at, life, from, source)));
                }
                Next::Error(error) => return Some(Err(error)),
                Next::End => return None,
                Next::Nothing => {
                    polling.get_or_insert_with(|| Polling::new(shared));
                    ready.await;
                }
            }
        }
    }

    fn take(&mut self, shared: &Shared) -> Next {
        shared.polled.store(true, Relaxed);
        let mut state = shared.lock();
        let released = !self.keeps && state.release(self.id, None);
        let taken = state.take(self.id, self.only.as_ref());
        let wakes = released || taken.is_some();
        let next = match (taken, &self.only) {
            (Some(taken), _) => Next::Batch(taken),
            (None, Some(only)) if state.is_apart(self.id, only) => Next::Nothing,
            (None, Some(_)) => Next::End,
            // A partition's trouble is told to whoever reads all.
            (None, None) => match state.take_error() {
                Some(error) => Next::Error(error),
                None if state.over => Next::End,
                None => Next::Nothing,
            },
        };
        drop(state);
        if wakes {
            // There is room for more, or nothing in hand any more.
            shared.wake.notify_one();
        }
        next
    }

    /// Of a partition that was given up nothing more is read, and nothing from before a seek.
    fn drop_what_is_gone(&mut self, shared: &Shared) {
        shared.polled.store(true, Relaxed);
        let Some((last, life)) = self.last.as_ref().filter(|_| !self.rest.is_empty()) else { return };
        if shared.lock().fetches.life(last.at()) != Some(*life) {
            self.rest.clear();
        }
    }
}

/// A batch makes no sense. Nobody may read on behind it as if it had not been there.
fn stop(shared: &Shared, at: TopicPartition, life: Life, offset: i64, source: BatchError) -> ConsumerError {
    shared.lock().fetches.stop_before(&at, life, offset);
    ConsumerError::Corrupt { at, offset, source }
}
