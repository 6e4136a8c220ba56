//! How fast records went, as Kafka's tool counts and prints it.

use ottla_client::Ack;

use crate::{
    clock::now_ms,
    kafka::{decimal::fixed, errors::Thrown, sender::Told},
    verbs::say::{remark, say},
};

/// Of more records than this only every so many counts for the percentiles.
const MOST_SAMPLES: u64 = 500_000;

/// Latencies of records, all of them and those since the last line about them.
#[derive(Debug)]
pub(super) struct Stats {
    began: i64,
    interval_ms: i64,
    sampling: u64,
    samples: Vec<i64>,
    all: Sum,
    window: Sum,
    window_began: i64,
    /// Only what came behind the warmup.
    is_steady: bool,
    is_silent: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    count: u64,
    bytes: u64,
    latency: i64,
    longest: i64,
}

impl Sum {
    fn add(&mut self, latency: i64, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
        self.latency += latency;
        self.longest = self.longest.max(latency);
    }

    /// Records and MB a second, the mean latency and the longest.
    #[allow(clippy::cast_precision_loss, reason = "as Java's (double)")]
    fn speed(&self, elapsed_ms: i64) -> [f64; 4] {
        // Whatever is done takes time: a speed is a number.
        let elapsed = elapsed_ms.max(1) as f64;
        [
            1000.0 * self.count as f64 / elapsed,
            1000.0 * self.bytes as f64 / elapsed / (1024.0 * 1024.0),
            self.latency as f64 / self.count as f64,
            self.longest as f64,
        ]
    }
}

impl Stats {
    pub(super) fn new(records: u64, interval_ms: i64, is_steady: bool) -> Self {
        let now = now_ms();
        Self {
            began: now,
            interval_ms,
            sampling: records / records.clamp(1, MOST_SAMPLES),
            samples: Vec::new(),
            all: Sum::default(),
            window: Sum::default(),
            window_began: now,
            is_steady,
            is_silent: false,
        }
    }

    /// A record arrived. What is said of it now.
    fn record(&mut self, now: i64, latency: i64, bytes: u64) -> Vec<String> {
        if self.all.count.is_multiple_of(self.sampling.max(1)) {
            self.samples.push(latency);
        }
        self.all.add(latency, bytes);
        self.window.add(latency, bytes);
        if now - self.window_began < self.interval_ms {
            return Vec::new();
        }
        let mut lines = Vec::new();
        if self.is_steady && self.all.count == self.window.count {
            lines.push("In steady state.".to_owned());
        }
        if !self.is_silent {
            lines.push(self.window_line(now));
        }
        (self.window, self.window_began) = (Sum::default(), now);
        lines
    }

    fn window_line(&self, now: i64) -> String {
        let [records, megabytes, mean, longest] = self.window.speed(now - self.window_began);
        format!(
            "{} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency.",
            self.window.count,
            fixed(records, 1),
            fixed(megabytes, 2),
            fixed(mean, 1),
            fixed(longest, 1)
        )
    }

    /// The last line.
    fn total_line(&mut self, now: i64) -> String {
        let [records, megabytes, mean, longest] = self.all.speed(now - self.began);
        let steady = if self.is_steady { " steady state" } else { "" };
        self.samples.sort_unstable();
        let [p50, p95, p99, p999] = [500, 950, 990, 999].map(|thousandth| {
            let at = self.samples.len() * thousandth / 1000;
            self.samples.get(at).copied().unwrap_or_default()
        });
        format!(
            "{}{steady} records sent, {} records/sec ({} MB/sec), {} ms avg latency, {} ms max latency, {p50} ms 50th, {p95} ms 95th, {p99} ms 99th, {p999} ms 99.9th.",
            self.all.count,
            fixed(records, 6),
            fixed(megabytes, 2),
            fixed(mean, 2),
            fixed(longest, 2),
        )
    }
}

/// A record on its way.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) at: i64,
    pub(super) bytes: u64,
    /// Whether the warmup was over when it went.
    pub(super) is_steady: bool,
}

/// What is told of all records, and of those behind the warmup.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) all: Stats,
    pub(super) steady: Option<Stats>,
    /// Records that were not taken.
    pub(super) failed: u64,
}

impl Report {
    /// The first record goes now.
    pub(super) fn begin(&mut self) {
        let now = now_ms();
        (self.all.began, self.all.window_began) = (now, now);
    }

    /// The records from here on are those behind the warmup.
    pub(super) fn begin_steady(&mut self, records: u64) {
        self.steady = Some(Stats::new(records, self.all.interval_ms, true));
        self.all.is_silent = true;
    }

    /// Records that are in the log, and those that failed.
    pub(super) const fn counts(&self) -> (u64, u64) {
        (self.all.all.count, self.failed)
    }

    pub(super) fn print_totals(&mut self) {
        let now = now_ms();
        for stats in [Some(&mut self.all), self.steady.as_mut()].into_iter().flatten() {
            say!("{}", stats.total_line(now));
        }
    }
}

impl Told<Sent> for Report {
    fn on(&mut self, sent: Sent, result: Result<Ack, Thrown>) {
        let now = now_ms();
        if let Err(thrown) = result {
            self.failed += 1;
            return remark(&thrown.full());
        }
        let latency = now - sent.at;
        let mut lines = self.all.record(now, latency, sent.bytes);
        if let Some(steady) = self.steady.as_mut().filter(|_| sent.is_steady) {
            lines.extend(steady.record(now, latency, sent.bytes));
        }
        lines.iter().for_each(|line| say!("{line}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(records: u64) -> Stats {
        Stats { began: 0, window_began: 0, ..Stats::new(records, 1000, false) }
    }

    #[test]
    fn the_last_line_says_what_there_was() {
        let mut stats = stats(1000);
        for latency in 1..=1000 {
            assert!(stats.record(10, latency, 1024).is_empty(), "the interval is not over");
        }
        assert_eq!(
            stats.total_line(2000),
            "1000 records sent, 500.000000 records/sec (0.49 MB/sec), 500.50 ms avg latency, 1000.00 ms max latency, 501 ms 50th, 951 ms 95th, 991 ms 99th, 1000 ms 99.9th."
        );
    }

    #[test]
    fn each_interval_has_a_line_of_its_own() {
        let mut stats = stats(4);
        assert!(stats.record(500, 3, 100).is_empty());
        let said = stats.record(1000, 4, 100);
        assert_eq!(
            said,
            ["2 records sent, 2.0 records/sec (0.00 MB/sec), 3.5 ms avg latency, 4.0 ms max latency."]
        );
        assert!(stats.record(1999, 1, 100).is_empty(), "the next one is not over");
        let mut steady = Stats { is_steady: true, ..self::stats(4) };
        steady.record(999, 1, 1);
        assert_eq!(steady.record(1000, 1, 1)[0], "In steady state.");
        assert_eq!(steady.record(2000, 1, 1).len(), 1, "it is said once");
    }

    #[test]
    fn no_time_is_some_time() {
        let line = stats(1).total_line(0);
        assert!(
            line.starts_with("0 records sent, 0.000000 records/sec (0.00 MB/sec), NaN ms avg latency"),
            "{line}"
        );
    }

    #[test]
    fn of_many_records_some_count() {
        let mut stats = stats(1_500_000);
        (0..9).for_each(|latency| drop(stats.record(0, latency, 1)));
        assert_eq!(stats.samples, [0, 3, 6]);
    }
}
