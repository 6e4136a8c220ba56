//! What came out.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::stopwatch::Spent;
use crate::output::{Listing, Output};

/// The longest that is told apart.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long things took, in nanoseconds to three digits.
#[derive(Debug)]
pub(super) struct Latencies(Histogram<u64>);

impl Latencies {
    pub(super) fn new() -> Self {
        let most = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
        // The bounds are constants it takes.
        Self(Histogram::new_with_bounds(1, most, 3).expect("bounds that make sense"))
    }

    pub(super) fn add(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).max(1));
    }

    fn ms(&self, percentile: f64) -> f64 {
        rounded(self.0.value_at_percentile(percentile) as f64 / 1e6)
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// One run.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) records: u64,
    /// Of keys and values.
    pub(super) bytes: u64,
    pub(super) spent: Spent,
    /// By what was measured.
    pub(super) latencies: Vec<(&'static str, Latencies)>,
}

const COLUMNS: &[&str] = &[
    "what",
    "records",
    "bytes",
    "seconds",
    "records_per_s",
    "mb_per_s",
    "cpu_s",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "p999_ms",
    "max_ms",
];

impl Figures {
    pub(super) fn print(&self, output: Output) {
        let mut listing = Listing::new(COLUMNS);
        let seconds = self.spent.time.as_secs_f64().max(1e-9);
        let rate = (self.records as f64 / seconds).round() as u64;
        let throughput = [
            json!(self.records),
            json!(self.bytes),
            json!(rounded(seconds)),
            json!(rate),
            json!(rounded(self.bytes as f64 / 1e6 / seconds)),
            json!(rounded(self.spent.cpu.as_secs_f64())),
        ];
        let row = |what: &str, tail: [Value; 5]| {
            let [records, bytes, seconds, rate, mb, cpu] = throughput.clone();
            let [p50, p95, p99, p999, max] = tail;
            [json!(what), records, bytes, seconds, rate, mb, cpu, p50, p95, p99, p999, max]
        };
        if self.latencies.is_empty() {
            listing.row(row("read", [const { Value::Null }; 5]));
        }
        for (what, latencies) in &self.latencies {
            listing.row(row(what, [50.0, 95.0, 99.0, 99.9, 100.0].map(|at| json!(latencies.ms(at)))));
        }
        listing.print(output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_in_milliseconds() {
        let mut one = Latencies::new();
        (1..=99).for_each(|ms| one.add(Duration::from_millis(ms)));
        one.add(Duration::from_secs(2));
        assert!((one.ms(50.0) - 50.0).abs() < 0.1, "{}", one.ms(50.0));
        assert!((one.ms(100.0) - 2000.0).abs() < 2.0, "{}", one.ms(100.0));
        one.add(Duration::from_secs(100_000));
        assert!(
            (3_590_000.0..3_700_000.0).contains(&one.ms(100.0)),
            "{}: what is longer counts as the longest",
            one.ms(100.0)
        );
    }
}
