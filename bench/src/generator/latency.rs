use std::time::Duration;

use hdrhistogram::Histogram;

use crate::Result;

/// Latencies in nanoseconds, to three digits, up to a minute.
#[derive(Debug, Clone)]
pub(crate) struct Latency(Histogram<u64>);

const LONGEST: u64 = 60_000_000_000;

impl Latency {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1000, LONGEST, 3)?))
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_nanos()).unwrap_or(LONGEST));
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// Milliseconds below which `percent` of all lie.
    pub(crate) fn ms(&self, percent: f64) -> f64 {
        self.0.value_at_percentile(percent) as f64 / 1e6
    }

    pub(crate) fn max_ms(&self) -> f64 {
        self.0.max() as f64 / 1e6
    }
}
