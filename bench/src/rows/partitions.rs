//! Ten thousand partitions on one broker.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use super::{Row, start::first_message};
use crate::{
    Result,
    generator::{
        admin::{self, NewTopic},
        closed::{ClosedLoop, Through},
        frames::Shape,
    },
    sample::Sample,
    servers::{Durability, LimitRuntime, Place},
    targets::{Of, Target},
};

const TOPICS: i32 = 10;
/// What the throughput is compared with.
const FEW: i32 = 10;
const CONNECTIONS: usize = 16;
const RECORDS: usize = 16;

pub(super) fn rows() -> Vec<Row> {
    let what = "10 topics of 1,000 partitions: made, written round robin (16 KiB requests, 16 connections), restarted";
    let row = Row::new("partitions-10k", what, |session, turn| {
        let mut server = session.fresh(turn, LimitRuntime::OneThread, 1)?;
        server.spawn()?;
        server.wait_for_port()?;
        let place = server.place()?;
        let mut sample = Sample::default();
        create(&place, "few", FEW)?;
        let began = Instant::now();
        let each = session.scale.partitions / TOPICS;
        (0..TOPICS).try_for_each(|topic| create(&place, &name(topic), each))?;
        sample.set("create_s", began.elapsed().as_secs_f64());
        sample.set("created_rss_mib", place.tree.memory()?.now);
        let few = written(&place, &[("few".to_owned(), FEW)], session.scale.duration())?;
        session.check(&place, "few", FEW, few.requests * RECORDS as u64)?;
        let topics: Vec<_> = (0..TOPICS).map(|topic| (name(topic), each)).collect();
        let many = written(&place, &topics, session.scale.duration())?;
        let found = topics.iter().map(|(topic, each)| admin::records_in(place.address, topic, *each));
        let found = found.sum::<Result<u64>>()?;
        if found != many.requests * RECORDS as u64 {
            return Err(format!(
                "{found} records are there, {} were acknowledged",
                many.requests * RECORDS as u64
            )
            .into());
        }
        let (few_rate, many_rate) = (few.requests as f64 / few.seconds, many.requests as f64 / many.seconds);
        sample.set("requests_per_s", many_rate);
        sample.set("few_requests_per_s", few_rate);
        sample.set("many_to_few", many_rate / few_rate);
        sample.set("rss_mib", place.tree.memory()?.now);
        sample.set("stop_s", server.stop()?.as_secs_f64());
        let began = Instant::now();
        server.spawn()?;
        server.wait_for_port()?;
        let place = server.place()?;
        admin::wait_until_served(place.address, &name(0), each)?;
        first_message(&place, &name(0))?;
        sample.set("restart_s", began.elapsed().as_secs_f64());
        sample.set("restarted_rss_mib", place.tree.memory()?.now);
        Ok(sample)
    });
    vec![row.only(Durability::PageCache).brokers_only().at_most(5).targets([
        Target::at_most("rss_mib", 200e6 / (1 << 20) as f64, Of::Itself),
        Target::at_most("restart_s", 1.5, Of::Itself),
        Target::at_least("many_to_few", 0.7, Of::Itself),
    ])]
}

fn name(topic: i32) -> String {
    format!("many-{topic}")
}

fn create(place: &Place, topic: &str, partitions: i32) -> Result<()> {
    let configs = BTreeMap::from([("flush.messages", Durability::PageCache.flush_messages().to_owned())]);
    admin::create(place.address, &[NewTopic { name: topic.to_owned(), partitions, configs }])
}

/// All partitions of all topics in turn.
fn written(place: &Place, topics: &[(String, i32)], duration: Duration) -> Result<Through> {
    let shapes: Vec<Shape> = topics
        .iter()
        .flat_map(|(topic, partitions)| {
            let shape =
                |partition| Shape { topic: topic.clone(), partition, acks: 1, records: RECORDS, size: 1024 };
            (0..*partitions).map(shape)
        })
        .collect();
    ClosedLoop::connect(place.address, CONNECTIONS, 1, &shapes)?.run(duration)
}
