//! Reading, transforming and writing exactly once: what is read and what is written of it go into the same transaction.
//!
//! Whatever goes wrong between reading and committing ends the same way: the transaction is aborted and the consumer goes
//! back to what its group has committed. That place tells the truth also where nobody knows whether a commit was done: the
//! offsets were part of it, and the coordinator does not say them before it knows.

use std::{collections::BTreeMap, pin::pin, task::Poll};

use crate::{
    Consumer, ConsumerError, ConsumerRecord, InvalidOption, Record, TopicPartition, Txn, TxnError,
    TxnProducer, TypedConsumer,
};

/// Records of a transaction at most, unless another number is wanted (`max.poll.records`).
const MAX_RECORDS: usize = 500;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A consumer, and what its records are to whoever works on them.
pub trait RecordSource {
    /// A record.
    type Record;

    /// The consumer itself.
    fn consumer_mut(&mut self) -> &mut Consumer;

    /// A record of the consumer, as it is given to whoever works on it.
    fn view(record: Record) -> Self::Record;
}

impl RecordSource for Consumer {
    type Record = Record;

    fn consumer_mut(&mut self) -> &mut Consumer {
        self
    }

    fn view(record: Record) -> Record {
        record
    }
}

impl<K, V> RecordSource for TypedConsumer<K, V> {
    type Record = ConsumerRecord<K, V>;

    fn consumer_mut(&mut self) -> &mut Consumer {
        self
    }

    fn view(record: Record) -> ConsumerRecord<K, V> {
        ConsumerRecord::new(record)
    }
}

/// Why records are no longer read and written.
#[derive(Debug, thiserror::Error)]
pub enum ExactlyOnceError {
    /// What the work says. Its transaction is aborted, and its records are read again by the next
    /// [`run`](ExactlyOnce::run).
    #[error(transparent)]
    Work(BoxError),
    /// There is no transaction.
    #[error(transparent)]
    Txn(#[from] TxnError),
    /// There are no records.
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// The consumer is not made for this: see [`in_transactions`](crate::ConsumerBuilder::in_transactions).
    #[error(transparent)]
    Options(#[from] InvalidOption),
}

impl ExactlyOnceError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retriable(&self) -> bool {
        matches!(self, Self::Txn(error) if error.is_retriable())
    }

    /// Whether only another producer or consumer may help.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        match self {
            Self::Txn(error) => error.is_fatal(),
            Self::Consumer(error) => matches!(error, ConsumerError::Group { .. }),
            Self::Options(_) => true,
            Self::Work(_) => false,
        }
    }
}

/// Records of a consumer that go through transactions of a producer: see [`TxnProducer::consume`].
#[derive(Debug)]
#[must_use = "nothing is read before it runs"]
pub struct ExactlyOnce<'a, C> {
    producer: &'a mut TxnProducer,
    consumer: &'a mut C,
    max_records: usize,
    /// To be told once the records before it are done.
    trouble: Option<ConsumerError>,
}

impl TxnProducer {
    /// Reads with `consumer` and writes with this producer, each record's results exactly once. The consumer is one
    /// [for transactions](crate::ConsumerBuilder::in_transactions).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let broker = ottla_testkit::TestBroker::start().await;
    /// # let client = broker.client().await;
    /// use ottla_client::{Producer, ProducerOptions, Reset, Topic};
    ///
    /// const ORDERS: Topic<String, i64> = Topic::new("orders");
    /// const BILLS: Topic<String, i64> = Topic::new("bills");
    /// # let producer = Producer::new(&client, ProducerOptions::default())?;
    /// # producer.send_record(ORDERS.record("alice", 10)).await?;
    ///
    /// let orders = client.consumer().group("billing").topics([ORDERS]).reset(Reset::Earliest);
    /// let mut orders = orders.in_transactions().start().await?.typed(&ORDERS);
    /// let mut producer = client.transactor("billing-1").await?;
    /// let mut billing = producer.consume(&mut orders);
    /// // `run` does the same for one batch after the other.
    /// billing
    ///     .run_once(async |txn, batch| {
    ///         for order in batch {
    ///             txn.enqueue_record(BILLS.record(&order.key()?, order.value()? * 2)).await?;
    ///         }
    ///         Ok(()) // the offsets of the batch are committed with the bills
    ///     })
    ///     .await?;
    /// # let bills = client.consumer().read(&BILLS, ottla_client::Position::Start);
    /// # let mut bills = bills.start().await?.typed(&BILLS);
    /// # assert_eq!(bills.next().await.ok_or("it ended")??.value()?, 20);
    /// # Ok(())
    /// # }
    /// ```
    pub fn consume<'a, C: RecordSource>(&'a mut self, consumer: &'a mut C) -> ExactlyOnce<'a, C> {
        ExactlyOnce { producer: self, consumer, max_records: MAX_RECORDS, trouble: None }
    }
}

impl<C: RecordSource> ExactlyOnce<'_, C> {
    /// Takes no more records into one transaction; 500 without this.
    pub fn max_records(mut self, count: usize) -> Self {
        self.max_records = count.max(1);
        self
    }

    /// Gives `work` the records that are there, again and again, each batch with a transaction of its own. When the work is
    /// done, the transaction is committed with the offsets of the batch.
    ///
    /// When the work fails, panics or is cancelled, the transaction is aborted, and the records are read again: by the next
    /// `run`, or by another member. A rebalance waits for the transaction; but when the group has given partitions of the
    /// batch to another member all the same, because this one was silent or slow for too long, or when a broker was away, the
    /// transaction is aborted as well, the work is simply done again, and `run` goes on. So the work may see a record more than
    /// once, and everything it does but sending with the transaction may happen more than once.
    ///
    /// May be cancelled at any time. Returns once the consumer is over. On a task of its own (`tokio::spawn`) the work owns
    /// what it needs (`async move`); [`run_once`](Self::run_once) takes work that borrows there too.
    ///
    /// # Errors
    /// What the work says, or why there are no more records or transactions. What was not committed is aborted.
    pub async fn run(
        mut self,
        mut work: impl AsyncFnMut(&Txn<'_>, Vec<C::Record>) -> Result<(), BoxError>,
    ) -> Result<(), ExactlyOnceError> {
        while self.run_once(&mut work).await? {}
        Ok(())
    }

    /// The same for one batch. When it has to be done again, the next call reads it again. `false` once the consumer is over.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_once(
        &mut self,
        work: impl AsyncFnOnce(&Txn<'_>, Vec<C::Record>) -> Result<(), BoxError>,
    ) -> Result<bool, ExactlyOnceError> {
        self.consumer.consumer_mut().check_for_transactions()?;
        let Some(records) = self.gather().await? else { return Ok(false) };
        match self.attempt(records, work).await {
            Ok(()) | Err(Undo::Again) => Ok(true),
            Err(Undo::Over(error)) => Err(error),
        }
    }

    /// Waits for a record, and takes what else is there. Cancelled, nothing was taken.
    async fn gather(&mut self) -> Result<Option<Vec<Record>>, ConsumerError> {
        if let Some(trouble) = self.trouble.take() {
            return Err(trouble);
        }
        let consumer = self.consumer.consumer_mut();
        let Some(first) = consumer.next().await else { return Ok(None) };
        let mut records = vec![first?];
        // A partition that is to be given up is, once this is committed: the group waits for it.
        consumer.keep();
        while records.len() < self.max_records {
            match if_ready(consumer.next()).await {
                Some(Some(Ok(record))) => records.push(record),
                Some(Some(Err(trouble))) => {
                    self.trouble = Some(trouble);
                    break;
                }
                Some(None) | None => break,
            }
        }
        Ok(Some(records))
    }

    async fn attempt(
        &mut self,
        records: Vec<Record>,
        work: impl AsyncFnOnce(&Txn<'_>, Vec<C::Record>) -> Result<(), BoxError>,
    ) -> Result<(), Undo> {
        // From here on records are in hand that nobody has done.
        let mut hand = Hand { consumer: self.consumer.consumer_mut(), is_done: false };
        let ends = ends(&records);
        let txn = self.producer.begin().await?;
        if let Err(error) = work(&txn, records.into_iter().map(C::view).collect()).await {
            let may_pass = txn.trouble().is_some_and(|trouble| trouble.may_pass());
            return Err(match txn.abort().await {
                Err(fatal) if fatal.is_fatal() => fatal.into(),
                // What the work was told of it is no failure of its own.
                _ if may_pass => Undo::Again,
                _ => Undo::Over(ExactlyOnceError::Work(error)),
            });
        }
        for (at, (offset, leader_epoch)) in ends {
            hand.consumer.mark_at(&at, offset, leader_epoch, "");
        }
        // Last, and as the member it is now: a coordinator that has given its place to another refuses. So no heartbeat is
        // needed before the commit to know that.
        txn.send_offsets(hand.consumer.group_offsets()).await?;
        txn.commit().await?;
        hand.is_done = true;
        Ok(())
    }
}

/// Records that were taken from a consumer: those that are not done it reads again.
struct Hand<'a> {
    consumer: &'a mut Consumer,
    is_done: bool,
}

impl Drop for Hand<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.consumer.rewind();
        }
        self.consumer.let_go();
    }
}

/// Why a batch is not committed.
enum Undo {
    /// It is aborted, or its offsets will say: the same again.
    Again,
    Over(ExactlyOnceError),
}

impl From<TxnError> for Undo {
    fn from(error: TxnError) -> Self {
        match error {
            TxnError::Aborted { why, .. } if why.may_pass() => Self::Again,
            TxnError::PossiblyCommitted { .. } => Self::Again,
            error => Self::Over(error.into()),
        }
    }
}

/// Where each partition goes on behind these records, with the leader epoch of its last.
fn ends(records: &[Record]) -> BTreeMap<TopicPartition, (i64, i32)> {
    records.iter().map(|record| (record.at(), (record.offset + 1, record.leader_epoch))).collect()
}

/// What a future has now.
async fn if_ready<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        Poll::Ready(match future.as_mut().poll(context) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}
