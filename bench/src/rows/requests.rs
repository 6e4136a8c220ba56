//! Many requests, each with little in it: here the broker is the limit, not the client.

use std::time::Duration;

use super::Row;
use crate::{
    Result,
    generator::{closed::ClosedLoop, frames::Shape},
    sample::Sample,
    servers::{LimitRuntime, Place},
    session::{Session, Turn, metered},
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    vec![
        one_message("requests-1", 1),
        one_message("requests-16", 16).targets(AT_MOST_12_US),
        one_message("requests-256", 256).targets(AT_MOST_12_US),
        many_small(),
    ]
}

const AT_MOST_12_US: [Target; 1] = [Target::at_most("cpu_us_per_request", 12.0, Of::Itself)];

fn one_message(id: &'static str, connections: usize) -> Row {
    let what =
        format!("one 100 B message per request, {connections} connection(s) with one request in flight");
    let load = Load { connections, in_flight: 1, records: 1, size: 100, partitions: 1 };
    Row::new(id, what, move |session, turn| load.run(session, turn)).targets([
        Target::at_most("cpu_us_per_request", 0.25, Of::Kafka),
        Target::at_least("requests_per_s", 3.0, Of::Kafka),
        Target::at_most("p99_ms", 1.0 / 3.0, Of::Kafka),
    ])
}

fn many_small() -> Row {
    let load = Load { connections: 64, in_flight: 5, records: 10, size: 100, partitions: 8 };
    let what =
        "batches of ten 100 B messages, 64 connections with five requests in flight each, 8 partitions";
    Row::new("many-small", what, move |session, turn| load.run(session, turn)).targets([Target::at_least(
        "msg_per_s",
        3.0,
        Of::Kafka,
    )])
}

/// A closed loop on a topic of its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    pub(super) connections: usize,
    pub(super) in_flight: usize,
    pub(super) records: usize,
    pub(super) size: usize,
    pub(super) partitions: i32,
}

impl Load {
    pub(super) fn run(self, session: &mut Session, turn: Turn) -> Result<Sample> {
        let place = session.server(turn, LimitRuntime::OneThread, self.partitions)?;
        let topic = session.topic(&place, turn.durability, self.partitions, 100_000_000)?;
        let duration = session.scale.duration();
        self.on(session, &place, &topic, duration)
    }

    /// The same on a topic that is there.
    pub(super) fn on(
        self,
        session: &Session,
        place: &Place,
        topic: &str,
        duration: Duration,
    ) -> Result<Sample> {
        let before = crate::generator::admin::records_in(place.address, topic, self.partitions)?;
        let shapes = self.shapes(topic);
        let load = ClosedLoop::connect(place.address, self.connections, self.in_flight, &shapes)?;
        let (through, cost) = metered(place, || load.run(duration))?;
        let records = through.requests * self.records as u64;
        session.check(place, topic, self.partitions, before + records)?;
        let mut sample = Sample::default();
        sample.set("cpu_us_per_request", cost.cpu_seconds * 1e6 / through.requests as f64);
        sample.set("requests_per_s", through.requests as f64 / through.seconds);
        sample.set("msg_per_s", records as f64 / through.seconds);
        sample.set("rss_mib", place.tree.memory()?.now);
        sample.latency("", &through.latency);
        Ok(sample)
    }

    /// One for each partition.
    fn shapes(self, topic: &str) -> Vec<Shape> {
        let shape = |partition| Shape {
            topic: topic.to_owned(),
            partition,
            acks: 1,
            records: self.records,
            size: self.size,
        };
        (0..self.partitions).map(shape).collect()
    }
}

pub(super) fn warm(session: &mut Session, turn: Turn) -> Result<()> {
    let load = Load { connections: 16, in_flight: 1, records: 1, size: 100, partitions: 1 };
    load.run(session, turn).map(|_| ())
}
