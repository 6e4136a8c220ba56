use super::programs::Rival;
use crate::{rounds::Contestant, scale::Scale, targets::Bound};

/// What a client is to do.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) id: &'static str,
    pub(super) what: String,
    pub(super) kind: Kind,
    pub(super) size: usize,
    pub(super) count: u64,
    pub(super) targets: Vec<Target>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// With so many messages a second, or as fast as they go.
    Produce { rate: Option<f64> },
    /// From the beginning, out of the page cache.
    Consume,
}

/// A figure of the native client, as a multiple of another's in the same rounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) figure: &'static str,
    pub(super) bound: Bound,
    pub(super) of: Rival,
}

impl Target {
    pub(super) fn text(&self) -> String {
        self.bound.text(self.figure, &format!(" × {}", self.of.name()))
    }
}

const THROUGHPUT: [Target; 2] = [
    Target { figure: "msg_per_s", bound: Bound::AtLeast(1.2), of: Rival::Librdkafka },
    Target { figure: "client_cpu_ns_per_msg", bound: Bound::AtMost(1.0), of: Rival::Librdkafka },
];
const TAIL: [Target; 2] = [
    Target { figure: "p99_ms", bound: Bound::AtMost(1.0), of: Rival::Librdkafka },
    Target { figure: "p99_ms", bound: Bound::AtMost(1.0), of: Rival::Java },
];
const RATE: f64 = 1000.0;

/// In the order they are run.
pub(super) fn all(scale: &Scale) -> Vec<Workload> {
    let moved = |id, verb: &str, kind, size| Workload {
        id,
        what: format!("{verb} {size} B, as fast as it goes"),
        kind,
        size,
        count: scale.messages(size),
        targets: THROUGHPUT.to_vec(),
    };
    let produce = Kind::Produce { rate: None };
    vec![
        moved("client-produce-100", "send", produce, 100),
        moved("client-produce-1k", "send", produce, 1024),
        moved("client-consume-100", "read", Kind::Consume, 100),
        moved("client-consume-1k", "read", Kind::Consume, 1024),
        Workload {
            id: "client-latency-1k",
            what: "send 1,000 messages of 1 KiB a second, without lingering; from due to acknowledged"
                .to_owned(),
            kind: Kind::Produce { rate: Some(RATE) },
            size: 1024,
            count: (RATE * scale.seconds).ceil() as u64,
            targets: TAIL.to_vec(),
        },
    ]
}
