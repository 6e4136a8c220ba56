//! What the broker counts, and what it looks up when somebody asks: Prometheus metrics.
//!
//! Requests are counted as they pass ([`Metrics::request`]); everything that has a size (logs, groups, connections) is
//! read from its owner at scrape time ([`Source`]), so that it costs nothing while nobody looks. Where to start:
//! [`Metrics::new`] and [`Metrics::encode`].

mod requests;
mod snapshot;

use std::{fmt, sync::Arc};

use ottla_types::ErrorCode;
use ottla_wire::ApiKey;
use prometheus_client::{encoding::text, registry::Registry};

pub use snapshot::{GroupOffset, LogState, Snapshot, Source};

use requests::Requests;
use snapshot::Scrape;

/// The metrics of one broker.
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    source: Arc<dyn Source>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of nothing yet.
    #[must_use]
    pub fn new(source: Arc<dyn Source>) -> Self {
        let mut registry = Registry::with_prefix("ottla");
        let requests = Requests::register(&mut registry);
        registry.register_collector(Box::new(Scrape(Arc::clone(&source))));
        Self { registry, requests, source }
    }

    /// Counts a request that was answered after `seconds`. Waiting for data or members counts as part of it.
    pub fn request(&self, key: ApiKey, version: i16, seconds: f64) {
        self.requests.count(key, version, seconds);
    }

    /// Counts an error code in an answer. NONE is no error.
    pub fn error(&self, key: ApiKey, error: ErrorCode) {
        if !error.is_ok() {
            self.requests.count_error(key, error);
        }
    }

    /// Whether the broker serves clients, and if not why.
    ///
    /// # Errors
    /// The reason, for a person.
    pub fn ready(&self) -> Result<(), String> {
        self.source.ready()
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
