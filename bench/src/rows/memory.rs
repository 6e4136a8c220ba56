//! Resident memory: of an idle broker, after gigabytes have gone through, and the most in between.

use std::time::{Duration, Instant};

use super::{Row, produce::fill};
use crate::{
    Result,
    clients::librdkafka::consume,
    sample::Sample,
    servers::{Durability, LimitRuntime, Place},
    session::make,
    targets::{Of, Target},
};

/// Produced and read back at a time.
const PART: u64 = 1_000_000_000;

pub(super) fn rows() -> Vec<Row> {
    let what = "resident memory of a fresh broker: idle, and after 10 GB of 1 KiB messages have been written and read";
    let row = Row::new("memory", what, |session, turn| {
        let mut server = session.fresh(turn, LimitRuntime::Threads, 1)?;
        server.spawn()?;
        server.wait_for_port()?;
        let place = server.place()?;
        make(&place, "warm-up", turn.durability, 1)?;
        let mut sample = Sample::default();
        sample.set("idle_rss_mib", settled(&place)?);
        let bytes = session.scale.memory_bytes;
        let parts = bytes.div_ceil(PART);
        for part in 0..parts {
            let topic = format!("through-{part}");
            let count = bytes.min(PART) / 1024;
            make(&place, &topic, turn.durability, 1)?;
            fill(&place, &topic, 1, count, 1024)?;
            consume(place.address, &topic, 1, count)?;
            session.check(&place, &topic, 1, count)?;
        }
        let memory = place.tree.memory()?;
        sample.set("after_rss_mib", memory.now);
        sample.set("peak_rss_mib", memory.peak);
        Ok(sample)
    });
    vec![row.only(Durability::PageCache).at_most(1).targets([
        Target::at_most("idle_rss_mib", 30.0, Of::Itself),
        Target::at_most("after_rss_mib", 120.0, Of::Itself),
        Target::at_most("peak_rss_mib", 200.0, Of::Itself),
    ])]
}

/// Once the process has stopped working on its start: no CPU time to speak of for half a second, or half a minute over.
fn settled(place: &Place) -> Result<f64> {
    let began = Instant::now();
    loop {
        let before = place.tree.cpu_seconds()?;
        std::thread::sleep(Duration::from_millis(500));
        let quiet = place.tree.cpu_seconds()? - before < 0.025;
        if quiet || began.elapsed() > Duration::from_secs(30) {
            return Ok(place.tree.memory()?.now);
        }
    }
}
