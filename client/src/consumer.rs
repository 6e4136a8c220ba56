//! Reading records: as a member of a group that shares topics, or partitions of one's own choice.
//!
//! A task of the consumer fetches ahead, keeps the member's place in its group and commits; readers take batches from it
//! under a short lock. What is fetched when, what a member says to its coordinator, and what is committed is decided by
//! machines without a clock or a network: start reading at `fetches.rs`, `membership.rs` and `commits.rs`; `state.rs` puts
//! them together, `driver.rs` does what they say.

mod assignment;
mod build;
mod calls;
mod commits;
mod driver;
mod error;
mod fetches;
mod handover;
mod membership;
mod options;
mod partition;
mod reader;
mod record;
mod state;
mod streams;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use ottla_types::{Millis, Str};
use tokio::sync::Notify;

use assignment::Untold;
pub use assignment::{AssignmentChange, AssignmentChanges};
pub use build::ConsumerBuilder;
pub use error::{CommitError, ConsumerError, StartError};
pub use options::{ConsumerOptions, GroupProtocol, Reset};
pub use partition::{TopicPartition, Watermarks};
pub use record::{Record, RecordBatch};
pub use streams::PartitionRecords;

pub(crate) use commits::Mark;
pub(crate) use membership::Identity as GroupIdentity;
pub(crate) use partition::{OfTopic, by_topic};

use crate::{Client, GroupOffsets, InvalidOption};
use fetches::At;
use options::ms;
use reader::Reader;
use state::State;

/// How long a consumer that was dropped tries to commit and to say goodbye, in the background.
const GOODBYE: Duration = Duration::from_secs(10);

/// What the handles and the task of a consumer share.
#[derive(Debug)]
struct Shared {
    client: Client,
    options: ConsumerOptions,
    group: Option<Str>,
    state: Mutex<State>,
    /// There is something to do for the task.
    wake: Notify,
    /// There may be something to read.
    ready: Notify,
    /// Whoever reads was here since this was looked at.
    polled: AtomicBool,
    began: Instant,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Millis {
        Millis(ms(self.began.elapsed()))
    }

    /// The first moment at which [`now`](Self::now) says so.
    fn instant(&self, at: Millis) -> tokio::time::Instant {
        let since = Duration::from_millis(u64::try_from(at.0).unwrap_or_default());
        tokio::time::Instant::from_std(self.began + since)
    }

    fn close(&self, patience: Duration) {
        self.lock().close(self.now(), ms(patience));
        self.wake.notify_one();
        self.ready.notify_waiters();
    }
}

/// Reads records.
///
/// As a member of a group ([`ConsumerBuilder::topics`]) it shares the topics' partitions with the other members; what is
/// [marked](Self::mark) is committed, by itself every few seconds, before partitions are given up, and at the end. Its place
/// in the group does not depend on how fast records are read, up to
/// [`max_poll_interval`](ConsumerOptions::max_poll_interval).
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let broker = ottla_testkit::TestBroker::start().await;
/// # let client = broker.client().await;
/// # use ottla_client::{OutgoingRecord, Producer, ProducerOptions, Record, Reset};
/// # async fn bill(_: &Record) -> Result<(), Box<dyn std::error::Error>> { Ok(()) }
/// # let producer = Producer::new(&client, ProducerOptions::default())?;
/// # producer.send("orders", OutgoingRecord::value("a lamp")).await?;
/// let orders = client.consumer().group("billing").topics(["orders"]).reset(Reset::Earliest);
/// let mut orders = orders.start().await?;
/// while let Some(order) = orders.next().await {
///     let order = order?;
///     bill(&order).await?;
///     orders.mark(&order);
/// #   break;
/// }
/// # orders.close(std::time::Duration::from_secs(10)).await?;
/// # assert_eq!(client.committed("billing").await?[&("orders".to_owned(), 0)].offset, 1);
/// # Ok(())
/// # }
/// ```
///
/// Every method may be cancelled: a record that was not returned is returned by the next call. Dropping it never blocks;
/// what is marked is then committed and the group left in the background, as long as the runtime lives.
#[derive(Debug)]
pub struct Consumer {
    shared: Arc<Shared>,
    reader: Reader,
}

impl Consumer {
    /// The next record of any partition, except those taken by [`next_partition`](Self::next_partition). Waits for one;
    /// `None` once the consumer has failed for good.
    ///
    /// # Errors
    /// A partition cannot be read, or the consumer has lost its group for good. Other partitions go on with the next call.
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

    /// The next partition this consumer was assigned, with a stream of its records that ends when the partition is given
    /// up. The group waits for what is in hand until the stream is asked again or dropped. `None` once the consumer is over.
    pub async fn next_partition(&mut self) -> Option<PartitionRecords> {
        streams::next(&self.shared).await
    }

    /// Marks from elsewhere: for tasks that read partitions of their own.
    #[must_use]
    pub fn marker(&self) -> Marker {
        Marker { shared: Arc::clone(&self.shared) }
    }

    /// The record is done: a commit makes the group go on behind it. Of a partition that was given up since, nothing is
    /// marked: it is another member's.
    pub fn mark(&self, record: &Record) {
        self.marker().mark(record);
    }

    /// All records of the batch are done.
    pub fn mark_batch(&self, batch: &RecordBatch) {
        self.mark_at(batch.at(), batch.next_offset(), batch.leader_epoch(), "");
    }

    /// Everything before an offset is done; with the leader epoch of the record before it (−1 for unknown) and whatever is
    /// to be remembered beside it.
    pub fn mark_at(&self, at: &TopicPartition, offset: i64, leader_epoch: i32, metadata: &str) {
        self.marker().mark_at(at, offset, leader_epoch, metadata);
    }

    /// Commits everything that is marked. Cancelled, the commit happens all the same.
    ///
    /// # Errors
    /// It is not committed, or that is not known.
    pub async fn commit(&self) -> Result<(), CommitError> {
        let told = self.shared.lock().demand_commit(self.shared.now());
        self.shared.wake.notify_one();
        told.await.unwrap_or(Err(CommitError::Closed))
    }

    /// Begins to commit everything that is marked, and waits for nothing.
    pub fn commit_later(&self) {
        drop(self.shared.lock().demand_commit(self.shared.now()));
        self.shared.wake.notify_one();
    }

    /// Everything that is marked, for a [transaction](crate::Txn::send_offsets) to commit as the member this consumer is now.
    /// Such a consumer commits nothing itself: [`auto_commit`](ConsumerOptions::auto_commit) is `None`.
    ///
    /// If a partition was given up of which more was read than is marked, it is read again by another member: then the
    /// transaction is aborted, and so is every one until [`rewind`](Self::rewind).
    #[must_use]
    pub fn group_offsets(&self) -> GroupOffsets {
        let mut state = self.shared.lock();
        let marks = state.commits.marks().clone();
        GroupOffsets {
            group: state.group.clone().unwrap_or_default(),
            member: state.identity(),
            is_torn: state.handover.cover(&marks),
            marks,
        }
    }

    /// The partitions it reads now.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.shared.lock().fetches.partitions().into_iter().collect()
    }

    /// Tells what becomes of the assignment from here on, and first what it is now.
    #[must_use]
    pub fn assignment_changes(&self) -> AssignmentChanges {
        let mut state = self.shared.lock();
        let now: Vec<_> = state.fetches.partitions().into_iter().collect();
        let untold = Arc::new(Untold::default());
        if !now.is_empty() {
            untold.push(AssignmentChange::Assigned(now));
        }
        state.listeners.push(Arc::downgrade(&untold));
        AssignmentChanges { shared: Arc::clone(&self.shared), untold }
    }

    /// From where on each partition is read next, where that is known. Of a partition with a reader of its own
    /// ([`next_partition`](Self::next_partition)) batches count that it has begun.
    #[must_use]
    pub fn positions(&self) -> BTreeMap<TopicPartition, i64> {
        let state = self.shared.lock();
        let unread = self.reader.unread();
        let position = |at: TopicPartition| {
            let taken = unread.as_ref().filter(|(of, _)| *of == at).map(|(_, offset)| *offset);
            let offset = taken.or_else(|| state.fetches.position(&at))?;
            Some((at, offset))
        };
        state.fetches.partitions().into_iter().filter_map(position).collect()
    }

    /// One past the last record that can be read of a partition, as of the last fetch.
    #[must_use]
    pub fn high_watermark(&self, at: &TopicPartition) -> Option<i64> {
        self.watermarks(at).map(|of| of.high_watermark).filter(|offset| *offset >= 0)
    }

    /// What the last fetch of a partition said of its log; `None` before there was one.
    #[must_use]
    pub fn watermarks(&self, at: &TopicPartition) -> Option<Watermarks> {
        self.shared.lock().fetches.watermarks(at)
    }

    /// The batch of the last record that [`next`](Self::next) returned: what producer wrote it, and how.
    #[must_use]
    pub fn batch(&self) -> Option<&RecordBatch> {
        self.reader.batch()
    }

    /// Hands out no records of these partitions until [`resume`](Self::resume); the group is not left.
    pub fn pause(&mut self, partitions: &[TopicPartition]) {
        let mut state = self.shared.lock();
        partitions.iter().for_each(|at| state.fetches.set_paused(at, true));
    }

    /// Goes on after [`pause`](Self::pause).
    pub fn resume(&mut self, partitions: &[TopicPartition]) {
        let mut state = self.shared.lock();
        partitions.iter().for_each(|at| state.fetches.set_paused(at, false));
        drop(state);
        self.shared.wake.notify_one();
    }

    /// Goes on at an offset; marks of the partition begin anew.
    pub fn seek(&mut self, at: &TopicPartition, offset: i64) {
        self.move_to(at, |state| state.fetches.seek(at, offset));
    }

    /// Goes on at the first record that is not older than a time in milliseconds.
    pub fn seek_to_time(&mut self, at: &TopicPartition, time: i64) {
        self.move_to(at, |state| state.fetches.seek_to(at, At::Time(time)));
    }

    /// Goes on at the first record there is.
    pub fn seek_to_start(&mut self, at: &TopicPartition) {
        self.move_to(at, |state| state.fetches.seek_to(at, At::Earliest));
    }

    /// Goes on behind the last record.
    pub fn seek_to_end(&mut self, at: &TopicPartition) {
        self.move_to(at, |state| state.fetches.seek_to(at, At::Latest));
    }

    /// Goes back, in every partition, to what the group has committed: for after a [transaction](crate::Txn) that was aborted.
    /// What was read since is read again, and marks begin anew. Without a group there is nowhere to go back to.
    pub fn rewind(&mut self) {
        if self.shared.group.is_none() {
            return;
        }
        for at in self.assignment() {
            self.move_to(&at, |state| state.fetches.rewind(&at));
        }
        // Also of what is being given up: nothing of it was done.
        self.reader.forget();
        let mut state = self.shared.lock();
        state.commits.forget_marks();
        state.handover.begin_anew();
    }

    /// Whether its offsets can be committed in transactions.
    pub(crate) fn check_for_transactions(&self) -> Result<(), InvalidOption> {
        self.shared.options.check_for_transactions(self.shared.group.is_some())
    }

    /// From now on partitions are not given up whose records were returned, until [`let_go`](Self::let_go).
    pub(crate) fn keep(&mut self) {
        self.reader.keep();
    }

    /// What was returned is done, or will be read again.
    pub(crate) fn let_go(&mut self) {
        self.reader.let_go(&self.shared);
    }

    fn move_to(&mut self, at: &TopicPartition, go: impl FnOnce(&mut State)) {
        let mut state = self.shared.lock();
        go(&mut state);
        state.commits.forget_mark(at);
        state.handover.forget(at);
        drop(state);
        self.shared.wake.notify_one();
    }

    /// Stops reading, commits what is marked (unless commits are the caller's) and leaves the group, no longer than
    /// `deadline`.
    ///
    /// # Errors
    /// What is marked is not committed.
    pub async fn close(self, deadline: Duration) -> Result<(), CommitError> {
        let shared = Arc::clone(&self.shared);
        let commits = shared.options.auto_commit.is_some() && shared.group.is_some();
        let commits = commits && shared.lock().commits.has_news();
        let committed = commits.then(|| shared.lock().demand_commit(shared.now()));
        shared.close(deadline);
        drop(self);
        let result = match committed {
            Some(told) => tokio::time::timeout(deadline, told)
                .await
                .map_or(Err(CommitError::TimedOut), |told| told.unwrap_or(Err(CommitError::Closed))),
            None => Ok(()),
        };
        loop {
            let mut ready = std::pin::pin!(shared.ready.notified());
            ready.as_mut().enable();
            if shared.lock().over {
                return result;
            }
            ready.await;
        }
    }
}

/// Marks records of a consumer as done. Cheap to clone; it does not keep the consumer alive.
#[derive(Debug, Clone)]
pub struct Marker {
    shared: Arc<Shared>,
}

impl Marker {
    /// See [`Consumer::mark`].
    pub fn mark(&self, record: &Record) {
        self.mark_at(&record.at(), record.offset + 1, record.leader_epoch, "");
    }

    /// See [`Consumer::mark_at`].
    pub fn mark_at(&self, at: &TopicPartition, offset: i64, leader_epoch: i32, metadata: &str) {
        let mark = Mark { offset, epoch: leader_epoch, metadata: Str::from(metadata) };
        self.shared.lock().mark(at, mark);
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.shared.polled.store(true, Relaxed);
        self.shared.close(GOODBYE);
    }
}
