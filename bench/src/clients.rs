//! Clients from outside: librdkafka, and Kafka's own tools on the JVM.

pub(crate) mod java;
pub(crate) mod librdkafka;

/// What a client has moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
}

impl Moved {
    pub(crate) fn gigabytes(self) -> f64 {
        self.bytes as f64 / 1e9
    }
}
