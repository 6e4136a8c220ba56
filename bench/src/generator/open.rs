//! An open loop: requests are sent at a fixed rate, whatever the server does, and latency counts from the moment a
//! request was due. A server that stalls is charged for everything that was due meanwhile (no coordinated omission).
//!
//! One thread sends, one reads the acknowledgements, and with `end_to_end` one fetches what was sent with a long poll.
//! How late the sender itself was is measured too: it is part of every latency, on all sides alike.

use std::{
    io::Write,
    net::{SocketAddr, TcpStream},
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{
    connection::{Connection, PATIENCE, read_frame},
    frames::{AnswerForm, ProduceFrame, Shape},
    latency::Latency,
    tail,
};
use crate::Result;

/// When to stop sending.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// After so many requests; those of the first tenth are not counted.
    After(u64),
    /// When somebody says so; all are counted.
    When(Arc<AtomicBool>),
}

/// What to send.
#[derive(Debug, Clone)]
pub(crate) struct OpenLoop {
    pub(crate) shape: Shape,
    /// Requests a second.
    pub(crate) rate: f64,
    pub(crate) stop: Stop,
    /// Fetch what was sent and measure until it is there, too.
    pub(crate) end_to_end: bool,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Latencies {
    pub(crate) requests: u64,
    pub(crate) acknowledged: Latency,
    pub(crate) end_to_end: Option<Latency>,
    /// How late the sender was itself.
    pub(crate) late: Latency,
}

/// The moments requests are due, the same for all threads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    began: Instant,
    interval: Duration,
    /// Requests that are not counted.
    skip: u64,
}

impl Schedule {
    fn due(&self, index: u64) -> Instant {
        self.began + self.interval.mul_f64(index as f64)
    }

    /// Adds what has passed since a request was due.
    pub(super) fn record(&self, index: u64, into: &mut Latency) {
        if index >= self.skip {
            into.record(Instant::now().saturating_duration_since(self.due(index)));
        }
    }
}

impl OpenLoop {
    /// Sends until it is time to stop, and waits for the last answers.
    pub(crate) fn run(self, address: SocketAddr) -> Result<Latencies> {
        let mut sender = Connection::open(address)?.stream;
        sender.set_write_timeout(Some(PATIENCE))?;
        let fetcher = self.end_to_end.then(|| Connection::open(address)).transpose()?;
        let mut frame = ProduceFrame::new(&self.shape)?;
        let skip = if let Stop::After(count) = self.stop { count / 10 } else { 0 };
        // The threads get a moment to be there when the first request goes out.
        let began = Instant::now() + Duration::from_millis(20);
        let schedule = Schedule { began, interval: Duration::from_secs_f64(1.0 / self.rate), skip };
        let total = Arc::new(AtomicU64::new(u64::MAX));
        let acknowledged =
            acknowledgements(sender.try_clone()?, frame.answer(), schedule, Arc::clone(&total));
        let topic = self.shape.topic.clone();
        let fetched = fetcher.map(|connection| {
            let total = Arc::clone(&total);
            thread::spawn(move || tail::follow(connection, &topic, schedule, &total))
        });
        let sent = self.send_all(&mut sender, &mut frame, schedule, &total);
        if sent.is_err() {
            // Ends the thread that waits for answers; its own error says less.
            let _ = sender.shutdown(std::net::Shutdown::Both);
            total.store(0, Ordering::Release);
        }
        let acknowledged = joined(acknowledged);
        let end_to_end = fetched.map(joined);
        let late = sent?;
        Ok(Latencies {
            requests: total.load(Ordering::Acquire),
            acknowledged: acknowledged?,
            end_to_end: end_to_end.transpose()?,
            late,
        })
    }

    fn send_all(
        &self,
        sender: &mut TcpStream,
        frame: &mut ProduceFrame,
        schedule: Schedule,
        total: &AtomicU64,
    ) -> Result<Latency> {
        // Otherwise a sleep ends 50 µs late.
        let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
        let mut late = Latency::new()?;
        for index in 0.. {
            let due = schedule.due(index);
            wait_until(due);
            schedule.record(index, &mut late);
            let last = match &self.stop {
                Stop::After(count) => index + 1 >= *count,
                Stop::When(said) => said.load(Ordering::Acquire),
            };
            if last {
                // Before it is sent: whoever sees its answer has to know that it was the last.
                total.store(index + 1, Ordering::Release);
            }
            frame.set_correlation(i32::try_from(index & 0x7fff_ffff)?);
            frame.stamp(index);
            sender.write_all(frame.bytes())?;
            if last {
                break;
            }
        }
        Ok(late)
    }
}

fn wait_until(due: Instant) {
    let left = due.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        thread::sleep(left);
    }
}

fn acknowledgements(
    mut stream: TcpStream,
    form: AnswerForm,
    schedule: Schedule,
    total: Arc<AtomicU64>,
) -> JoinHandle<Result<Latency>> {
    thread::spawn(move || {
        let mut latency = Latency::new()?;
        let mut next = 0_u64;
        while next < total.load(Ordering::Acquire) {
            let id = form.check(&read_frame(&mut stream)?)?;
            if i64::from(id) != (next & 0x7fff_ffff).cast_signed() {
                return Err(format!("answer {id} where {next} is due").into());
            }
            schedule.record(next, &mut latency);
            next += 1;
        }
        Ok(latency)
    })
}

fn joined(thread: JoinHandle<Result<Latency>>) -> Result<Latency> {
    thread.join().map_err(|_| "a thread of the generator panicked")?
}
