//! A producer that tells what became of each record while others are still being sent.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use ottla_client::{
    Ack, AckFuture, Client, ClientError, OutgoingRecord, Producer, ProducerOptions, SendError, Txn,
};
use ottla_types::ErrorCode;

use super::errors::Thrown;
use crate::acknowledgements::Acknowledgements;

/// Who is told what became of each record.
pub(super) trait Told<T>: Send {
    /// Once for each record: of one partition in their order.
    fn on(&mut self, of: T, result: Result<Ack, Thrown>);
}

/// What takes records: a producer, or a transaction of one.
pub(super) trait Outlet {
    async fn enqueue(&self, topic: &str, record: OutgoingRecord) -> Result<AckFuture, SendError>;
}

impl Outlet for Producer {
    async fn enqueue(&self, topic: &str, record: OutgoingRecord) -> Result<AckFuture, SendError> {
        Self::enqueue(self, topic, record).await
    }
}

impl Outlet for Txn<'_> {
    async fn enqueue(&self, topic: &str, record: OutgoingRecord) -> Result<AckFuture, SendError> {
        Self::enqueue(self, topic, record).await
    }
}

/// Sends records to one topic.
#[derive(Debug)]
pub(super) struct Sender<T, L> {
    client: Client,
    delivery_timeout: Duration,
    topic: String,
    told: Arc<Mutex<L>>,
    acknowledgements: Acknowledgements<T>,
}

impl<T: Send + 'static, L: Told<T> + 'static> Sender<T, L> {
    pub(super) fn new(client: &Client, delivery_timeout: Duration, topic: &str, told: Arc<Mutex<L>>) -> Self {
        let who = Arc::clone(&told);
        let acknowledgements = Acknowledgements::new(move |of, result: Result<Ack, SendError>| {
            lock(&who).on(of, result.map_err(|error| thrown(&error, delivery_timeout)));
        });
        Self { client: client.clone(), delivery_timeout, topic: topic.to_owned(), told, acknowledgements }
    }

    /// Gives a record to a producer, as soon as there is room for it.
    pub(super) async fn send(&mut self, outlet: &impl Outlet, record: OutgoingRecord, of: T) {
        match outlet.enqueue(&self.topic, record).await {
            Ok(ack) => self.acknowledgements.wait_for(ack, of),
            Err(error) => {
                let thrown = self.refused(&error).await;
                lock(&self.told).on(of, Err(thrown));
            }
        }
    }

    /// Why a record was not even taken.
    async fn refused(&self, error: &SendError) -> Thrown {
        if !matches!(error, SendError::NoTopic(_)) {
            return thrown(error, self.delivery_timeout);
        }
        match self.client.topic(&self.topic, true).await {
            Err(ClientError::Refused { code: ErrorCode::INVALID_TOPIC_EXCEPTION, .. }) => {
                let why = format!("Invalid topics: [{}]", self.topic);
                Thrown::of_code(ErrorCode::INVALID_TOPIC_EXCEPTION, Some(&why))
            }
            Err(error) => error.into(),
            Ok(_) => thrown(error, self.delivery_timeout),
        }
    }

    /// Waits until whoever is to be told knows of all that was sent. What lingers in a producer is to be flushed first.
    pub(super) async fn close(&mut self) {
        self.acknowledgements.all().await;
    }
}

/// A producer without transactions.
pub(super) fn producer(client: &Client, options: ProducerOptions) -> Result<Producer, Thrown> {
    let wrong = |error: ottla_client::InvalidOption| {
        Thrown::new(super::client_settings::CONFIG_EXCEPTION, error.to_string())
    };
    Producer::new(client, options).map_err(wrong)
}

/// Whoever is told panics nowhere that leaves it half changed.
pub(super) fn lock<L>(told: &Mutex<L>) -> std::sync::MutexGuard<'_, L> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What Java's producer throws for it.
fn thrown(error: &SendError, delivery_timeout: Duration) -> Thrown {
    let class = |name: &str| format!("org.apache.kafka.common.errors.{name}");
    match error {
        SendError::Refused { code, .. } => Thrown::of_code(*code, None),
        SendError::TooLarge { size, allowed } => Thrown::new(
            &class("RecordTooLargeException"),
            format!(
                "The message is {size} bytes when serialized which is larger than {allowed}, which is the value of the max.request.size configuration."
            ),
        ),
        SendError::TimedOut { topic, partition, .. } => Thrown::new(
            &class("TimeoutException"),
            format!(
                "Expiring 1 record(s) for {topic}-{partition}:{} ms has passed since batch creation",
                delivery_timeout.as_millis()
            ),
        ),
        SendError::Aborted => {
            Thrown::new(&class("TransactionAbortedException"), "Failing batch since transaction was aborted")
        }
        other => Thrown::new("org.apache.kafka.common.KafkaException", other.to_string()),
    }
}
