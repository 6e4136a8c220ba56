use std::sync::Arc;

use ottla_types::ErrorCode;
use ottla_wire::ApiKey;
use parking_lot::RwLock;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

/// Upper bounds in seconds: from what a page-cache append takes to what a long poll waits.
const BUCKETS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    api: &'static str,
    version: i16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    api: &'static str,
    error: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ApiLabels {
    api: &'static str,
}

/// The counters of one API and version, found by position instead of by label.
#[derive(Debug)]
struct Row {
    count: Counter,
    request_bytes: Counter,
    response_bytes: Counter,
    seconds: Histogram,
}

#[derive(Debug)]
pub(super) struct Requests {
    count: Family<RequestLabels, Counter>,
    errors: Family<ErrorLabels, Counter>,
    request_bytes: Family<ApiLabels, Counter>,
    response_bytes: Family<ApiLabels, Counter>,
    seconds: Family<ApiLabels, Histogram, fn() -> Histogram>,
    /// By API key, then by version.
    rows: RwLock<Vec<Vec<Option<Arc<Row>>>>>,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let requests = Self {
            count: Family::default(),
            errors: Family::default(),
            request_bytes: Family::default(),
            response_bytes: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            rows: RwLock::default(),
        };
        registry.register("requests", "Requests answered", requests.count.clone());
        registry.register("request_errors", "Error codes in answers", requests.errors.clone());
        registry.register("request_bytes", "Bytes of requests", requests.request_bytes.clone());
        registry.register("response_bytes", "Bytes of answers", requests.response_bytes.clone());
        registry.register(
            "request_duration_seconds",
            "From the request being read to its answer being ready, waiting included",
            requests.seconds.clone(),
        );
        requests
    }

    pub(super) fn count(&self, key: ApiKey, version: i16, (request, response): (u64, u64), seconds: f64) {
        let row = self.row(key, version);
        row.count.inc();
        row.request_bytes.inc_by(request);
        row.response_bytes.inc_by(response);
        row.seconds.observe(seconds);
    }

    pub(super) fn count_error(&self, key: ApiKey, error: ErrorCode) {
        self.errors.get_or_create(&ErrorLabels { api: key.name(), error: error.name() }).inc();
    }

    fn row(&self, key: ApiKey, version: i16) -> Arc<Row> {
        let (at_key, at_version) = (position(key.code()), position(version));
        let known = |rows: &Vec<Vec<Option<Arc<Row>>>>| rows.get(at_key)?.get(at_version)?.clone();
        if let Some(row) = known(&self.rows.read()) {
            return row;
        }
        let mut rows = self.rows.write();
        if rows.len() <= at_key {
            rows.resize_with(at_key + 1, Vec::new);
        }
        let of_key = &mut rows[at_key];
        if of_key.len() <= at_version {
            of_key.resize_with(at_version + 1, || None);
        }
        let row = of_key[at_version].get_or_insert_with(|| {
            let api = key.name();
            Arc::new(Row {
                count: self.count.get_or_create(&RequestLabels { api, version }).clone(),
                request_bytes: self.request_bytes.get_or_create(&ApiLabels { api }).clone(),
                response_bytes: self.response_bytes.get_or_create(&ApiLabels { api }).clone(),
                seconds: self.seconds.get_or_create(&ApiLabels { api }).clone(),
            })
        });
        Arc::clone(row)
    }
}

fn position(number: i16) -> usize {
    usize::try_from(number).unwrap_or(0)
}
