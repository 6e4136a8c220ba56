//! How long a message takes at a fixed rate: until it is acknowledged, and until a consumer has it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::Row;
use crate::{
    Result,
    generator::{
        frames::Shape,
        open::{OpenLoop, Stop},
    },
    sample::Sample,
    servers::LimitRuntime,
    session::{Session, Turn, metered},
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    vec![
        at_rate("latency-100", 100.0).targets(MEDIANS),
        at_rate("latency-1k", 1_000.0).targets(MEDIANS).targets(p99s(1.0)),
        at_rate("latency-10k", 10_000.0).targets(MEDIANS).targets(p99s(0.2)),
        loaded(),
    ]
}

const MEDIANS: [Target; 2] =
    [Target::at_most("ack_p50_ms", 0.6, Of::Kafka), Target::at_most("end_to_end_p50_ms", 0.6, Of::Kafka)];

fn p99s(number: f64) -> [Target; 2] {
    ["ack_p99_ms", "end_to_end_p99_ms"].map(|figure| Target::at_most(figure, number, Of::Kafka))
}

fn at_rate(id: &'static str, rate: f64) -> Row {
    let what =
        format!("open loop, {rate} messages of 1 KiB a second, one per request, a long poll beside it");
    Row::new(id, what, move |session, turn| measure(session, turn, rate))
}

const LOAD_RECORDS: usize = 64;
const LOAD_SIZE: usize = 1024;

fn loaded() -> Row {
    let what = "the same at 1,000/s while 64 KiB requests come to another topic at 300 MB/s, about half of what passes";
    Row::new("latency-1k-loaded", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let mb_per_s = session.scale.load_mb_per_s;
        let bytes = mb_per_s * 1e6 * session.scale.seconds * 1.5;
        let topic = session.topic(&place, turn.durability, 1, bytes as u64)?;
        let rate = mb_per_s * 1e6 / (LOAD_RECORDS * LOAD_SIZE) as f64;
        let shape =
            Shape { topic: topic.clone(), partition: 0, acks: 1, records: LOAD_RECORDS, size: LOAD_SIZE };
        let enough = Arc::new(AtomicBool::new(false));
        let load = OpenLoop { shape, rate, stop: Stop::When(Arc::clone(&enough)), end_to_end: false };
        let background = thread::spawn(move || load.run(place.address));
        let sample = measure(session, turn, 1_000.0);
        enough.store(true, Ordering::Release);
        let background = background.join().map_err(|_| "the load panicked")??;
        let mut sample = sample?;
        sample.set("load_late_p99_ms", background.late.ms(99.0));
        sample.latency("load_ack_", &background.acknowledged);
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        session.check(&place, &topic, 1, background.requests * LOAD_RECORDS as u64)?;
        Ok(sample)
    })
    .targets(p99s(0.2))
}

fn measure(session: &mut Session, turn: Turn, rate: f64) -> Result<Sample> {
    let place = session.server(turn, LimitRuntime::Threads, 1)?;
    // A low rate needs a longer time to have a tail.
    let seconds = if rate < 1_000.0 { session.scale.seconds * 2.5 } else { session.scale.seconds };
    let count = (rate * seconds).ceil() as u64;
    let topic = session.topic(&place, turn.durability, 1, count * 1024)?;
    let shape = Shape { topic: topic.clone(), partition: 0, acks: 1, records: 1, size: 1024 };
    let open = OpenLoop { shape, rate, stop: Stop::After(count), end_to_end: true };
    let (latencies, cost) = metered(&place, || open.run(place.address))?;
    session.check(&place, &topic, 1, count)?;
    let mut sample = Sample::default();
    sample.latency("ack_", &latencies.acknowledged);
    if let Some(end_to_end) = &latencies.end_to_end {
        sample.latency("end_to_end_", end_to_end);
    }
    sample.set("sender_late_p50_ms", latencies.late.ms(50.0));
    sample.set("sender_late_p99_ms", latencies.late.ms(99.0));
    sample.set("cpu_us_per_msg", cost.cpu_seconds * 1e6 / count as f64);
    Ok(sample)
}
