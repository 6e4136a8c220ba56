//! Kafka's own clients and tools as a second opinion.

use super::{Row, produce::fill};
use crate::{clients::java, sample::Sample, servers::LimitRuntime, session::metered};

pub(super) fn rows() -> Vec<Row> {
    vec![produce(), consume(), end_to_end()]
}

const SIZE: usize = 1024;

fn produce() -> Row {
    let what = "Kafka's ProducerPerformance, 1 KiB, acks=1, no idempotence, batches of 256 KiB";
    Row::new("java-produce-1k", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let count = session.scale.messages(SIZE);
        let bytes = count * SIZE as u64;
        let topic = session.topic(&place, turn.durability, 1, bytes)?;
        let (said, cost) = metered(&place, || java::produce(place.address, &topic, count, SIZE))?;
        session.check(&place, &topic, 1, count)?;
        let mut sample = Sample::default();
        sample.set("cpu_s_per_gb", cost.cpu_seconds * 1e9 / bytes as f64);
        sample.set("msg_per_s", said.records_per_s);
        sample.set("p50_ms", said.p50_ms);
        sample.set("p99_ms", said.p99_ms);
        sample.set("p999_ms", said.p999_ms);
        Ok(sample)
    })
    .brokers_only()
    .beside()
}

fn consume() -> Row {
    let what = "Kafka's ConsumerPerformance reads 1 KiB messages just written, 1 partition";
    Row::new("java-consume-1k", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let count = session.scale.messages(SIZE);
        let bytes = count * SIZE as u64;
        let topic = session.topic(&place, turn.durability, 1, bytes)?;
        fill(&place, &topic, 1, count, SIZE)?;
        let ((read, records_per_s), cost) = metered(&place, || java::consume(place.address, &topic, count))?;
        if read < count as f64 {
            return Err(format!("{read} of {count} records were read").into());
        }
        let mut sample = Sample::default();
        sample.set("cpu_s_per_gb", cost.cpu_seconds * 1e9 / bytes as f64);
        sample.set("msg_per_s", records_per_s);
        Ok(sample)
    })
    .brokers_only()
    .beside()
}

fn end_to_end() -> Row {
    let what = "Kafka's EndToEndLatency: 1 KiB messages, one after the other, acks=1";
    Row::new("java-end-to-end", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let count = (session.scale.seconds * 500.0).ceil() as u64;
        let topic = session.topic(&place, turn.durability, 1, count * SIZE as u64)?;
        let [p50_ms, p99_ms, p999_ms] = java::end_to_end(place.address, &topic, count, SIZE)?;
        session.check(&place, &topic, 1, count)?;
        let mut sample = Sample::default();
        sample.set("p50_ms", p50_ms);
        sample.set("p99_ms", p99_ms);
        sample.set("p999_ms", p999_ms);
        Ok(sample)
    })
    .brokers_only()
    .beside()
}
