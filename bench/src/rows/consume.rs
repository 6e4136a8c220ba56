//! Reading what is in the page cache, and reading what has just been written.

use super::{
    Row,
    produce::{fill, of_moved},
};
use crate::{
    Result,
    clients::librdkafka::{consume, start_consuming},
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
        cached("consume-1k", 1024).targets([
            Target::at_most("cpu_s_per_gb", 1.2, Of::Limit),
            Target::at_most("cpu_s_per_gb", 0.85, Of::Kafka),
        ]),
        cached("consume-100", 100).targets([
            Target::at_most("cpu_ns_per_msg", 1.2, Of::Limit),
            Target::at_most("cpu_ns_per_msg", 0.6, Of::Kafka),
        ]),
        tail(),
    ]
}

fn cached(id: &'static str, size: usize) -> Row {
    Row::new(
        id,
        format!("librdkafka reads {size} B messages just written, 1 partition"),
        move |session, turn| consumed(session, turn, size),
    )
}

fn consumed(session: &mut Session, turn: Turn, size: usize) -> Result<Sample> {
    let place = session.server(turn, LimitRuntime::Threads, 1)?;
    let count = session.scale.messages(size);
    let topic = session.topic(&place, turn.durability, 1, count * size as u64)?;
    fill(&place, &topic, 1, count, size)?;
    session.check(&place, &topic, 1, count)?;
    let (moved, cost) = metered(&place, || consume(place.address, &topic, 1, count))?;
    if moved.bytes != count * size as u64 {
        return Err(format!("{} bytes were read, {} written", moved.bytes, count * size as u64).into());
    }
    of_moved(&place, moved, cost)
}

/// Requests of 16 KiB at a third of what passes; the consumer is always at the end.
const TAIL_RECORDS: usize = 16;
const TAIL_SIZE: usize = 1024;

fn tail() -> Row {
    let what =
        "librdkafka at the end of a partition into which 16 KiB requests come at a fixed rate: cost of both";
    Row::new("consume-tail", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let rate = session.scale.load_mb_per_s / 3.0 * 1e6 / (TAIL_RECORDS * TAIL_SIZE) as f64;
        let requests = (rate * session.scale.seconds).ceil().max(1.0) as u64;
        let count = requests * TAIL_RECORDS as u64;
        let topic = session.topic(&place, turn.durability, 1, count * TAIL_SIZE as u64)?;
        let shape =
            Shape { topic: topic.clone(), partition: 0, acks: 1, records: TAIL_RECORDS, size: TAIL_SIZE };
        let load = OpenLoop { shape, rate, stop: Stop::After(requests), end_to_end: false };
        let consumer = start_consuming(place.address, &topic, 1, count)?;
        let ((moved, latencies), cost) = metered(&place, || {
            let latencies = load.run(place.address)?;
            Ok((consumer.moved()?, latencies))
        })?;
        session.check(&place, &topic, 1, count)?;
        let mut sample = of_moved(&place, moved, cost)?;
        sample.latency("ack_", &latencies.acknowledged);
        Ok(sample)
    })
    .targets([
        Target::at_most("cpu_s_per_gb", 1.2, Of::Limit),
        Target::at_most("cpu_s_per_gb", 0.85, Of::Kafka),
    ])
}

pub(super) fn warm(session: &mut Session, turn: Turn) -> Result<()> {
    consumed(session, turn, 1024).map(|_| ())
}
