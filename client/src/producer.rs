//! Sending records.
//!
//! [`Producer::enqueue`] puts a record into a batch of its partition under a short lock; a task of the producer takes
//! batches out and sends them, several at once for each broker. What may go when, what is tried again, and what may
//! stand in the log twice is decided by a machine without a clock or a network: start reading at `batches.rs`.

mod ack;
mod batch;
mod batches;
mod build;
mod driver;
mod lane;
mod options;
mod queue;
mod state;
mod sticky;
mod txn;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::{sync::Notify, time::timeout};

pub use ack::{Ack, AckFuture, SendError};
pub use options::{Acks, InvalidOption, ProducerOptions};
pub use txn::{GroupOffsets, Txn, TxnError, TxnOptions, TxnProducer, Undone};

use crate::Client;
use state::{State, Taken};
use txn::Transactional;

/// A record to be sent.
#[derive(Debug, Clone, Default)]
pub struct OutgoingRecord {
    /// `None` for null.
    pub key: Option<Bytes>,
    /// `None` for null.
    pub value: Option<Bytes>,
    /// In order; keys may repeat.
    pub headers: Vec<(String, Option<Bytes>)>,
    /// Milliseconds; `None` for now.
    pub timestamp: Option<i64>,
    /// `None` lets the key decide; records without a key fill one partition's batch after the other's.
    pub partition: Option<i32>,
}

impl OutgoingRecord {
    /// A record of just a value.
    #[must_use]
    pub fn value(value: impl Into<Bytes>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }

    /// A record of a key and a value.
    #[must_use]
    pub fn new(key: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { key: Some(key.into()), value: Some(value.into()), ..Self::default() }
    }
}

/// What the handles and the task of a producer share.
#[derive(Debug)]
struct Shared {
    client: Client,
    options: ProducerOptions,
    /// Of a producer whose records all belong to transactions.
    txn: Option<Transactional>,
    state: Mutex<State>,
    /// There is something to do for the task.
    wake: Notify,
    /// Something was delivered: there may be room.
    room: Notify,
    began: Instant,
}

/// Closes the producer with its last handle: what was taken is still delivered, nobody waits for it.
#[derive(Debug)]
struct LastHandle(Arc<Shared>);

impl Drop for LastHandle {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Sends records: by default idempotent and acks=all, so each stands in the log once and in order per partition.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let broker = ottla_testkit::TestBroker::start().await;
/// # let client = broker.client().await;
/// use ottla_client::{OutgoingRecord, Producer, ProducerOptions};
///
/// let producer = Producer::new(&client, ProducerOptions::default())?;
/// for number in 0..1000 {
///     // Taken once there is room; batches go by themselves.
///     let _ = producer.enqueue("numbers", OutgoingRecord::value(number.to_string())).await?;
/// }
/// // All are acknowledged, or this says which was not.
/// producer.flush().await?;
/// let ack = producer.send("numbers", OutgoingRecord::value("1000")).await?;
/// assert_eq!(ack.offset, 1000);
/// # Ok(())
/// # }
/// ```
///
/// Cheap to clone. Every method may be cancelled: a record was taken or it was not, and what was taken is delivered or
/// reported.
#[derive(Debug, Clone)]
pub struct Producer {
    shared: Arc<LastHandle>,
}

impl Producer {
    /// A producer on connections of its own. Needs a tokio runtime, on which its task runs.
    ///
    /// # Errors
    /// Options that do not go together.
    pub fn new(client: &Client, options: ProducerOptions) -> Result<Self, InvalidOption> {
        options.check()?;
        let state = State::new(&options);
        Ok(Self::start(client, options, state, None))
    }

    fn start(client: &Client, options: ProducerOptions, state: State, txn: Option<Transactional>) -> Self {
        let shared = Arc::new(Shared {
            client: client.clone(),
            state: Mutex::new(state),
            options,
            txn,
            wake: Notify::new(),
            room: Notify::new(),
            began: Instant::now(),
        });
        tokio::spawn(driver::drive(Arc::clone(&shared)));
        Self { shared: Arc::new(LastHandle(shared)) }
    }

    /// Sends a record and waits until it is acknowledged.
    ///
    /// # Errors
    /// It is not; [`SendError::is_possibly_written`] says whether it may stand in the log all the same.
    pub async fn send(&self, topic: &str, record: OutgoingRecord) -> Result<Ack, SendError> {
        self.enqueue(topic, record).await?.await
    }

    /// Takes a record, as soon as there is room for it. The acknowledgement is waited for separately, or not at all.
    ///
    /// # Errors
    /// It was not taken.
    pub async fn enqueue(&self, topic: &str, record: OutgoingRecord) -> Result<AckFuture, SendError> {
        let shared = &self.shared.0;
        let timestamp = record.timestamp.unwrap_or_else(now_ms);
        match shared.offer(topic, &record, timestamp)? {
            Taken::Batched(ack) => Ok(ack),
            // Rare: it costs those that are taken at once nothing where it lies elsewhere.
            Taken::Full | Taken::UnknownTopic => Box::pin(shared.take(topic, &record, timestamp)).await,
        }
    }

    /// Waits until everything that was taken before is settled, and lets nothing linger.
    ///
    /// # Errors
    /// The first record since the last flush that was not acknowledged. The others have been waited for as well.
    pub async fn flush(&self) -> Result<(), SendError> {
        let shared = &self.shared.0;
        let waiting = shared.lock().batches.handles();
        shared.hurry();
        for done in waiting {
            // What went wrong is remembered below, also of batches that were settled before.
            let _ = AckFuture::of_all(done).await;
        }
        shared.lock().failure.take().map_or(Ok(()), Err)
    }

    /// Takes no more records and waits until all are settled, no longer than `deadline`; what is not settled by then is
    /// still tried while the runtime lives.
    ///
    /// # Errors
    /// The first record that is not acknowledged.
    pub async fn close(self, deadline: Duration) -> Result<(), SendError> {
        self.shared.0.close();
        timeout(deadline, self.flush()).await.unwrap_or(Ok(()))
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a record as soon as its topic is known and there is room for it.
    async fn take(
        &self,
        topic: &str,
        record: &OutgoingRecord,
        timestamp: i64,
    ) -> Result<AckFuture, SendError> {
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            // From here on room that is made is noticed.
            room.as_mut().enable();
            match self.offer(topic, record, timestamp)? {
                Taken::Batched(ack) => return Ok(ack),
                Taken::Full => {
                    self.hurry();
                    room.await;
                }
                Taken::UnknownTopic => {
                    let info = self.client.topic(topic, true).await;
                    let info = info.map_err(|error| SendError::NoTopic(error.to_string()))?;
                    self.lock().learn(&info);
                }
            }
        }
    }

    /// Offers a record, and wakes the task if it has something new to do.
    fn offer(&self, topic: &str, record: &OutgoingRecord, timestamp: i64) -> Result<Taken, SendError> {
        let (taken, news) = self.lock().offer(&|| self.now(), topic, record, timestamp)?;
        if news {
            self.wake.notify_one();
        }
        Ok(taken)
    }

    /// Nothing that was taken lingers any longer.
    fn hurry(&self) {
        self.lock().batches.close_all();
        self.wake.notify_one();
    }

    fn close(&self) {
        let now = self.now();
        let mut state = self.lock();
        state.closed = true;
        state.txn.iter_mut().for_each(|txn| txn.close(now));
        drop(state);
        self.hurry();
    }
}

pub(crate) fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
