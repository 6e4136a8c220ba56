//! Records that are sent when they are due, and how long each took to be acknowledged.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use ottla_client::{Ack, OutgoingRecord, Producer, SendError};

use super::{
    Failure, Misuse,
    figures::Latencies,
    stopwatch::{Spent, Stopwatch},
};
use crate::acknowledgements::Acknowledgements;

/// How long a producer may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(10);

/// When records are due that never will be.
const FAR: Duration = Duration::from_secs(100 * 365 * 86_400);

/// When records are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(Option<f64>);

impl Pace {
    pub(super) fn new(rate: Option<f64>) -> Result<Self, Misuse> {
        match rate {
            Some(rate) if !(rate > 0.0 && rate.is_finite()) => {
                Err(format!("--rate {rate}: allowed are numbers above 0").into())
            }
            rate => Ok(Self(rate)),
        }
    }

    /// When a record is due: now, where there is no rate.
    pub(super) fn due(self, began: Instant, number: u64) -> Instant {
        let Some(rate) = self.0 else { return Instant::now() };
        let after = Duration::try_from_secs_f64(number as f64 / rate).ok();
        after.and_then(|after| began.checked_add(after)).unwrap_or(began + FAR)
    }

    /// Waits until a record is due, and says when that was: latency counts from there, whoever is late. The thread itself
    /// waits, as a runtime's timers know whole milliseconds only: it is to be one that does nothing else.
    fn wait(self, began: Instant, number: u64) -> Instant {
        let due = self.due(began, number);
        if self.0.is_some() {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        due
    }
}

/// What came back so far.
#[derive(Debug)]
struct Back {
    latencies: Latencies,
    /// The first.
    failure: Option<SendError>,
}

/// Records on their way to one topic.
pub(super) struct Load {
    producer: Producer,
    topic: String,
    pace: Pace,
    stopwatch: Stopwatch,
    number: u64,
    back: Arc<Mutex<Back>>,
    acknowledgements: Acknowledgements<Instant>,
}

impl Load {
    /// From here on the time counts.
    pub(super) fn new(producer: Producer, topic: &str, pace: Pace) -> Self {
        let back = Arc::new(Mutex::new(Back { latencies: Latencies::new(), failure: None }));
        let told = Arc::clone(&back);
        let acknowledgements = Acknowledgements::new(move |due: Instant, result: Result<Ack, SendError>| {
            let mut back = told.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(_) => back.latencies.add(due.elapsed()),
                Err(error) => back.failure = back.failure.take().or(Some(error)),
            }
        });
        let (topic, stopwatch) = (topic.to_owned(), Stopwatch::start());
        Self { producer, topic, pace, stopwatch, number: 0, back, acknowledgements }
    }

    pub(super) const fn stopwatch(&self) -> Stopwatch {
        self.stopwatch
    }

    /// Sends the next record once it is due and there is room for it.
    pub(super) async fn send(&mut self, record: OutgoingRecord) -> Result<(), SendError> {
        let due = self.pace.wait(self.stopwatch.began(), self.number);
        self.number += 1;
        let ack = self.producer.enqueue(&self.topic, record).await?;
        self.acknowledgements.wait_for(ack, due);
        Ok(())
    }

    /// What all of it took to be acknowledged, and each.
    pub(super) async fn end(mut self) -> Result<(Spent, Latencies), Failure> {
        // What could not be delivered is told record by record.
        let _ = self.producer.flush().await;
        self.acknowledgements.all().await;
        let spent = self.stopwatch.read();
        let (latencies, failure) = {
            let mut back = self.back.lock().unwrap_or_else(PoisonError::into_inner);
            (std::mem::replace(&mut back.latencies, Latencies::new()), back.failure.take())
        };
        self.producer.close(GOODBYE).await?;
        failure.map_or(Ok((spent, latencies)), |error| Err(error.into()))
    }
}
