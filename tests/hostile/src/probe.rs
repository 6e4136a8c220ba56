//! The others: a client that wants nothing but to be served.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use bytes::Bytes;
use ottla_records::{BatchBuilder, NewRecord};
use ottla_testkit::until;
use ottla_types::ErrorCode;

use crate::{Wire, create_topic, fetch, produce};

/// Between two rounds: the probe watches, it does not load.
const PAUSE: Duration = Duration::from_millis(5);
/// By then a round must have been served, on however busy a machine.
const SERVED: Duration = Duration::from_secs(30);

/// Produces a record and reads it back, again and again, on one connection.
#[derive(Debug)]
pub struct Probe {
    rounds: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Vec<Duration>>>,
}

impl Probe {
    pub(crate) fn start(address: &str) -> Self {
        let mut wire = Wire::open(address);
        create_topic(&mut wire, "probe", 1, &[]);
        let (rounds, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (rounds, stop) = (Arc::clone(&rounds), Arc::clone(&stop));
            move || {
                let mut took = Vec::new();
                while !stop.load(Relaxed) {
                    let began = Instant::now();
                    round(&mut wire, i64::try_from(took.len()).expect("a test is short"));
                    took.push(began.elapsed());
                    rounds.fetch_add(1, Relaxed);
                    std::thread::sleep(PAUSE);
                }
                took
            }
        });
        Self { rounds, stop, thread: Some(thread) }
    }

    /// Rounds so far.
    #[must_use]
    pub fn rounds(&self) -> u64 {
        self.rounds.load(Relaxed)
    }

    /// Waits until a round that begins now is over.
    ///
    /// # Panics
    /// It is not served.
    pub fn is_served(&self) {
        let from = self.rounds();
        until("a round of the probe", SERVED, || {
            let thread = self.thread.as_ref().expect("running until it is stopped");
            assert!(!thread.is_finished(), "the probe's connection was closed, or it got an error");
            (self.rounds() >= from + 2).then_some(())
        });
    }

    /// Ends it; how long the slowest of a hundred rounds took.
    pub(crate) fn stop(mut self) -> Duration {
        self.stop.store(true, Relaxed);
        let thread = self.thread.take().expect("stopped once");
        let mut took = thread.join().expect("the probe was served to the end");
        took.sort();
        took.get(took.len() * 99 / 100).copied().unwrap_or_default()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}

fn round(wire: &mut Wire, number: i64) {
    let mut builder = BatchBuilder::new();
    builder.push(&NewRecord { timestamp: -1, key: None, value: Some(&number.to_be_bytes()), headers: &[] });
    let batch: Bytes = builder.finish().freeze();
    let answer = produce(wire, 9, "probe", 0, batch.clone());
    assert_eq!((answer.error_code, answer.base_offset), (ErrorCode::NONE, number), "the probe produces");
    let answer = fetch(wire, "probe", 0, number, 4096);
    let records = answer.records.map(ottla_wire::Records::into_memory).unwrap_or_default();
    assert_eq!(answer.error_code, ErrorCode::NONE, "the probe fetches");
    assert!(records.ends_with(&batch[61..]), "the probe reads what it has written");
}
