//! What the broker counts, and what it looks up when somebody asks: Prometheus metrics.
//!
//! Requests are counted as they pass ([`Metrics::request`]); everything that has a size (logs, groups, connections) is
//! read from its owner at scrape time ([`Source`]), so that it costs nothing while nobody looks. Where to start:
//! [`Metrics::new`] and [`Metrics::encode`].

mod coordinators;
mod requests;
mod snapshot;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use ottla_types::ErrorCode;
use ottla_wire::ApiKey;
use prometheus_client::{encoding::text, registry::Registry};

pub use coordinators::CoordinatorsState;
pub use snapshot::{CleanerState, GroupOffset, LogState, Snapshot, Source};

use requests::Requests;
use snapshot::Scrape;

/// The metrics of one broker.
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    source: Arc<OnceLock<Arc<dyn Source>>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("ottla");
        let requests = Requests::register(&mut registry);
        let source = Arc::<OnceLock<Arc<dyn Source>>>::default();
        registry.register_collector(Box::new(Scrape(Arc::clone(&source))));
        Self { registry, requests, source }
    }

    /// Says where sizes are looked up. The first call counts.
    pub fn attach(&self, source: Arc<dyn Source>) {
        let _ = self.source.set(source);
    }

    /// Counts a request: its bytes, its answer's bytes, and how long it took, waiting for data or members included.
    pub fn on_request(&self, key: ApiKey, version: i16, request: usize, response: usize, took: Duration) {
        self.requests.count(key, version, (request as u64, response as u64), took.as_secs_f64());
    }

    /// Counts an error code in an answer. NONE is no error.
    pub fn on_error(&self, key: ApiKey, error: ErrorCode) {
        if !error.is_ok() {
            self.requests.count_error(key, error);
        }
    }

    /// Whether the broker serves clients, and if not why.
    ///
    /// # Errors
    /// The reason, for a person.
    pub fn ready(&self) -> Result<(), String> {
        self.source.get().map_or_else(|| Err("the broker is starting".into()), |source| source.ready())
    }

    /// Everything in Prometheus' text format (OpenMetrics 1.0).
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("writing to a string does not fail");
        text
    }
}

#[cfg(test)]
mod tests;
