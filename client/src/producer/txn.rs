//! Transactions: records and offsets that are read together or not at all.
//!
//! [`TxnProducer`] is a [`Producer`](super::Producer) whose records belong to the transaction that is open. What is asked of
//! the coordinators and what their answers mean is decided by a machine without a clock or a network: start reading at
//! `machine.rs`. The producer's task asks, ends what was dropped, and never makes anybody wait.

mod action;
mod calls;
mod error;
mod machine;
mod offsets;
mod options;
mod outcome;
mod verdict;

use std::time::Duration;

use ottla_types::Str;
use tokio::time::timeout;

pub(super) use action::{Action, Answer, Request};
pub(super) use calls::Transactional;
pub use error::{TxnError, Undone};
pub(super) use machine::{Pace, Transactions};
pub use offsets::GroupOffsets;
pub use options::TxnOptions;

use super::{Ack, AckFuture, OutgoingRecord, Producer, SendError, Shared, state::State};
use crate::Client;
use outcome::{Ended, Trouble};

impl Client {
    /// A transactional producer with the options as they come: see [`TxnProducer::start`].
    ///
    /// # Errors
    /// The coordinator refuses, or cannot be reached in time.
    pub async fn transactor(&self, transactional_id: &str) -> Result<TxnProducer, TxnError> {
        TxnProducer::start(self, transactional_id, TxnOptions::default()).await
    }
}

/// Sends records in transactions: consumers that read what is committed only
/// ([`read_committed`](crate::ConsumerOptions::read_committed)) see all of a transaction or nothing.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let broker = ottla_testkit::TestBroker::start().await;
/// # let client = broker.client().await;
/// use ottla_client::OutgoingRecord;
///
/// let mut payments = client.transactor("payments").await?;
/// let txn = payments.begin().await?;
/// txn.send("debits", OutgoingRecord::new("alice", "10")).await?;
/// txn.send("credits", OutgoingRecord::new("bob", "10")).await?;
/// txn.commit().await?;
/// # Ok(())
/// # }
/// ```
///
/// What is read, transformed and written is written exactly once with [`consume`](Self::consume): the offsets of what was
/// read go into the same transaction. [`send_offsets`](Txn::send_offsets) does that by hand.
///
/// One transaction is open at a time. Dropping the producer waits for nothing.
#[derive(Debug)]
pub struct TxnProducer {
    producer: Producer,
}

impl TxnProducer {
    /// A producer with a transactional id (`transactional.id`). Whoever had the id before is fenced: what it has open is
    /// aborted, and it can begin and commit nothing more. Needs a tokio runtime, on which its task runs.
    ///
    /// # Errors
    /// The coordinator refuses, or cannot be reached in time; options that do not go together.
    pub async fn start(
        client: &Client,
        transactional_id: &str,
        options: TxnOptions,
    ) -> Result<Self, TxnError> {
        options.check()?;
        let id = Str::from(transactional_id);
        let transactional = options.transactional(id.clone());
        let patience = options.patience;
        let state = State::transactional(&options.producer, options.pace());
        let producer = Producer::start(client, options.producer, state, Some(transactional));
        let this = Self { producer };
        let known = this.shared().wait_for(|state| {
            let txn = state.txn.as_ref()?;
            let fatal = txn.fatal().map(|fatal| Err(TxnError::fatal(&id, fatal)));
            fatal.or_else(|| txn.is_ready().then_some(Ok(())))
        });
        match timeout(patience, known).await {
            Ok(known) => known.map(|()| this),
            Err(_) => Err(TxnError::TimedOut { id }),
        }
    }

    /// Begins a transaction, as soon as the one before is over. Cancelled, none is begun.
    ///
    /// # Errors
    /// The producer is over, or the end of the transaction before is not known in time.
    pub async fn begin(&mut self) -> Result<Txn<'_>, TxnError> {
        let shared = self.shared();
        let begun = shared.wait_for(|state| {
            let txn = state.txn.as_mut()?;
            if let Some(fatal) = txn.fatal() {
                return Some(Err(fatal));
            }
            let number = txn.begin()?;
            state.failure = None;
            Some(Ok(number))
        });
        match timeout(shared.patience(), begun).await {
            Ok(Ok(number)) => Ok(Txn { producer: &self.producer, number, is_ended: false }),
            Ok(Err(fatal)) => Err(TxnError::fatal(shared.id(), fatal)),
            Err(_) => Err(TxnError::TimedOut { id: shared.id().clone() }),
        }
    }

    /// Does `work` in a transaction: commits when it is done, aborts when it fails, panics or is cancelled. The error says
    /// whether to do it again: [`requires_abort`](TxnError::requires_abort).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let broker = ottla_testkit::TestBroker::start().await;
    /// # let client = broker.client().await;
    /// use ottla_client::{OutgoingRecord, Txn};
    ///
    /// let mut payments = client.transactor("payments").await?;
    /// let pay = async |txn: &Txn<'_>| -> Result<(), Box<dyn std::error::Error>> {
    ///     txn.send("debits", OutgoingRecord::new("alice", "10")).await?;
    ///     txn.send("credits", OutgoingRecord::new("bob", "10")).await?;
    ///     Ok(())
    /// };
    /// payments.run(pay).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What `work` says; or why it could not begin or be committed.
    pub async fn run<T, E: From<TxnError>>(
        &mut self,
        work: impl AsyncFnOnce(&Txn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let txn = self.begin().await?;
        let done = work(&txn).await?;
        txn.commit().await?;
        Ok(done)
    }

    /// Whether the transaction that was begun last was committed: for after a commit that is
    /// [possibly committed](TxnError::is_possibly_committed). Waits until that is known, no longer than
    /// [`patience`](TxnOptions::patience). May be cancelled, and asked again: the producer goes on asking for the commit until
    /// somebody answers.
    ///
    /// # Errors
    /// [`is_retriable`](TxnError::is_retriable): nobody has answered yet.
    /// [`is_fatal`](TxnError::is_fatal): this producer was over before anybody answered, and will never know. Whether the
    /// transaction was committed shows in what it wrote.
    pub async fn was_committed(&mut self) -> Result<bool, TxnError> {
        let shared = self.shared();
        let known = shared.wait_for(|state| {
            let txn = state.txn.as_ref()?;
            let fatal = || txn.fatal().map(|fatal| Err(TxnError::fatal(shared.id(), fatal)));
            txn.was_committed().map(Ok).or_else(fatal)
        });
        match timeout(shared.patience(), known).await {
            Ok(known) => known,
            Err(_) => Err(TxnError::TimedOut { id: shared.id().clone() }),
        }
    }

    /// Waits until the end of what was begun is known, no longer than `deadline`; what is not known by then is still asked
    /// for while the runtime lives.
    ///
    /// # Errors
    /// The end is not known, or the producer is over.
    pub async fn close(self, deadline: Duration) -> Result<(), TxnError> {
        let shared = self.shared();
        shared.close();
        let ended = shared.wait_for(|state| {
            let txn = state.txn.as_ref()?;
            let fatal = txn.fatal().map(|fatal| Err(TxnError::fatal(shared.id(), fatal)));
            fatal.or_else(|| txn.is_ended().then_some(Ok(())))
        });
        match timeout(deadline, ended).await {
            Ok(ended) => ended,
            Err(_) => Err(TxnError::TimedOut { id: shared.id().clone() }),
        }
    }

    fn shared(&self) -> &Shared {
        &self.producer.shared.0
    }
}

/// A transaction that is open. Dropping it aborts it, and waits for nothing.
#[derive(Debug)]
#[must_use = "a transaction that is dropped is aborted"]
pub struct Txn<'a> {
    producer: &'a Producer,
    number: u64,
    is_ended: bool,
}

impl Txn<'_> {
    /// Sends a record and waits until it is acknowledged. It is read once the transaction is committed.
    ///
    /// # Errors
    /// It is not acknowledged: the transaction cannot be committed.
    pub async fn send(&self, topic: &str, record: OutgoingRecord) -> Result<Ack, SendError> {
        self.producer.send(topic, record).await
    }

    /// Takes a record as soon as there is room for it. The commit waits until it is acknowledged.
    ///
    /// # Errors
    /// It was not taken.
    pub async fn enqueue(&self, topic: &str, record: OutgoingRecord) -> Result<AckFuture, SendError> {
        self.producer.enqueue(topic, record).await
    }

    /// Puts a group's offsets into the transaction: they are committed with its records or not at all. Cancelled, they are
    /// in it all the same.
    ///
    /// # Errors
    /// The coordinator refuses: the transaction cannot be committed.
    pub async fn send_offsets(&self, offsets: GroupOffsets) -> Result<(), TxnError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let shared = self.shared();
        let number = match shared.lock().txn.as_mut() {
            Some(txn) if txn.is_open() => txn.take_offsets(offsets),
            _ => 0,
        };
        shared.wake.notify_one();
        let settled = shared.wait_for(|state| {
            let txn = state.txn.as_ref()?;
            let fatal = txn.fatal().map(|fatal| Err(TxnError::fatal(shared.id(), fatal)));
            let trouble = || txn.trouble().map(|trouble| Err(TxnError::aborted(shared.id(), trouble)));
            let done = || (txn.offsets_settled() >= number).then_some(Ok(()));
            fatal.or_else(trouble).or_else(done)
        });
        match timeout(shared.patience(), settled).await {
            Ok(settled) => settled,
            Err(_) => Err(TxnError::TimedOut { id: shared.id().clone() }),
        }
    }

    /// Waits until everything is delivered, and commits. Cancelled after it has begun, it is committed all the same.
    ///
    /// # Errors
    /// [`requires_abort`](TxnError::requires_abort): it is aborted, to be done again in another transaction.
    /// [`is_possibly_committed`](TxnError::is_possibly_committed): nobody knows yet;
    /// [`was_committed`](TxnProducer::was_committed) tells later.
    /// [`is_fatal`](TxnError::is_fatal): it is aborted, and this producer is over.
    pub async fn commit(self) -> Result<(), TxnError> {
        let id = self.shared().id().clone();
        match self.end(true).await {
            Ended::Committed => Ok(()),
            Ended::Failed(trouble) => Err(TxnError::aborted(&id, trouble)),
            Ended::InDoubt => Err(TxnError::PossiblyCommitted { id }),
            Ended::Over(fatal) => Err(TxnError::fatal(&id, fatal)),
            // Not what was asked for.
            Ended::Aborted => Err(TxnError::aborted(&id, Trouble::TimedOut)),
        }
    }

    /// Aborts: nobody who reads what is committed sees its records. Cancelled after it has begun, it is aborted all the same.
    ///
    /// # Errors
    /// The producer is over, or nobody has answered in time; it is aborted all the same, by the coordinator at the latest when
    /// the transaction's timeout is over.
    pub async fn abort(self) -> Result<(), TxnError> {
        let id = self.shared().id().clone();
        match self.end(false).await {
            Ended::Committed | Ended::Aborted | Ended::Failed(_) => Ok(()),
            Ended::InDoubt => Err(TxnError::TimedOut { id }),
            Ended::Over(fatal) => Err(TxnError::fatal(&id, fatal)),
        }
    }

    /// Why it cannot be committed, where that is known already.
    pub(crate) fn trouble(&self) -> Option<Undone> {
        let trouble = self.shared().lock().txn.as_ref()?.trouble()?;
        Some(trouble.into())
    }

    async fn end(mut self, commit: bool) -> Ended {
        self.demand_end(commit);
        let number = self.number;
        self.shared().wait_for(|state| state.txn.as_ref()?.ended(number)).await
    }

    fn demand_end(&mut self, commit: bool) {
        if std::mem::replace(&mut self.is_ended, true) {
            return;
        }
        let shared = self.shared();
        let now = shared.now();
        shared.lock().txn.iter_mut().for_each(|txn| txn.end(now, commit));
        shared.hurry();
    }

    fn shared(&self) -> &Shared {
        &self.producer.shared.0
    }
}

impl Drop for Txn<'_> {
    fn drop(&mut self) {
        self.demand_end(false);
    }
}

impl Shared {
    /// Waits until the state says so. Cancelled, nothing is lost.
    async fn wait_for<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.room.notified());
            // From here on what changes is noticed.
            changed.as_mut().enable();
            if let Some(seen) = look(&mut self.lock()) {
                return seen;
            }
            changed.await;
        }
    }

    fn id(&self) -> &Str {
        static NONE: Str = Str::new();
        self.txn.as_ref().map_or(&NONE, |txn| &txn.id)
    }

    fn patience(&self) -> Duration {
        self.txn.as_ref().map_or(Duration::ZERO, |txn| txn.patience)
    }
}
