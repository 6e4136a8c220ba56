//! A consumer that reads gigabytes from the disk, while a producer wants to be answered.

use std::{
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use rustix::fs::{Advice, fadvise, fdatasync};

use super::{
    Row,
    produce::{fill, of_moved},
};
use crate::{
    Result,
    clients::librdkafka::consume,
    generator::{
        frames::Shape,
        open::{Latencies, OpenLoop, Stop},
    },
    servers::{LimitRuntime, Place},
    session::metered,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    let what = "librdkafka reads 8 GB that are not in the page cache, beside a producer of 20 MB/s (16 KiB requests)";
    let row = Row::new("catch-up-cold", what, |session, turn| {
        let place = session.server(turn, LimitRuntime::Threads, 1)?;
        let bytes = session.scale.catch_up_bytes;
        let count = bytes / 1024;
        let old = session.topic_of_row(&place, turn, bytes, |topic| fill(&place, topic, 1, count, 1024))?;
        let hot = session.topic(&place, turn.durability, 1, 300_000_000)?;
        let alone_requests = (RATE * session.scale.seconds).ceil() as u64;
        let alone = producer(&hot, Stop::After(alone_requests)).run(place.address)?;
        evict(&place, &old)?;
        let enough = Arc::new(AtomicBool::new(false));
        let beside = producer(&hot, Stop::When(Arc::clone(&enough)));
        let address = place.address;
        let beside = thread::spawn(move || beside.run(address));
        let read = metered(&place, || consume(place.address, &old, 1, count));
        enough.store(true, Ordering::Release);
        let beside: Latencies = beside.join().map_err(|_| "the producer panicked")??;
        let (moved, cost) = read?;
        session.check(&place, &hot, 1, (alone_requests + beside.requests) * RECORDS as u64)?;
        let mut sample = of_moved(&place, moved, cost)?;
        let (p99_alone, p99_beside) = (alone.acknowledged.ms(99.0), beside.acknowledged.ms(99.0));
        sample.set("producer_alone_p99_ms", p99_alone);
        sample.set("producer_p99_ms", p99_beside);
        sample.set("producer_p99_grows", p99_beside / p99_alone);
        Ok(sample)
    });
    vec![row.targets([
        Target::at_least("mb_per_s", 1.0, Of::Kafka),
        Target::at_most("producer_p99_grows", 1.5, Of::Itself),
    ])]
}

const RECORDS: usize = 16;
const SIZE: usize = 1024;
/// Requests a second: 20 MB/s.
const RATE: f64 = 20e6 / (RECORDS * SIZE) as f64;

fn producer(topic: &str, stop: Stop) -> OpenLoop {
    let shape = Shape { topic: topic.to_owned(), partition: 0, acks: 1, records: RECORDS, size: SIZE };
    OpenLoop { shape, rate: RATE, stop, end_to_end: false }
}

/// Takes the files of partition 0 out of the page cache. Only clean pages go, so they are written first.
fn evict(place: &Place, topic: &str) -> Result<()> {
    for path in place.files(topic, 0)? {
        let file = File::open(path)?;
        fdatasync(&file)?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
    }
    Ok(())
}
