//! The default of Ottla: nothing is acknowledged before the disk has it. Kafka with `flush.messages=1` beside it.

use super::{Row, produce::produced, requests::Load};
use crate::{
    clients::librdkafka::Produce,
    servers::Durability,
    session::Turn,
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    vec![
        writers("flushed-1", 1, 3_000.0),
        writers("flushed-16", 16, 20_000.0).targets(TEN_TIMES),
        writers("flushed-256", 256, 80_000.0).targets(TEN_TIMES),
        big_batches(),
    ]
}

const TEN_TIMES: [Target; 1] = [Target::at_least("requests_per_s", 10.0, Of::Kafka)];

fn writers(id: &'static str, connections: usize, acks_per_s: f64) -> Row {
    let what = format!("one 1 KiB message per request, {connections} writer(s) with one request in flight");
    let load = Load { connections, in_flight: 1, records: 1, size: 1024, partitions: 1 };
    Row::new(id, what, move |session, turn| load.run(session, turn))
        .only(Durability::Synced)
        .targets([Target::at_least("requests_per_s", acks_per_s, Of::Itself)])
}

fn big_batches() -> Row {
    Row::new(
        "flushed-produce-1k",
        "librdkafka, 1 KiB, big batches: into the page cache, then synced",
        |session, turn| {
            let produce = Produce::plain(1, session.scale.messages(1024), 1024);
            let cached = produced(session, Turn { durability: Durability::PageCache, ..turn }, &produce)?;
            let mut synced = produced(session, turn, &produce)?;
            if let (Some(synced_rate), Some(cached_rate)) = (synced.get("mb_per_s"), cached.get("mb_per_s")) {
                synced.set("page_cache_mb_per_s", cached_rate);
                synced.set("share_of_page_cache", synced_rate / cached_rate);
            }
            Ok(synced)
        },
    )
    .only(Durability::Synced)
    .targets([Target::at_least("share_of_page_cache", 0.8, Of::Itself)])
}
