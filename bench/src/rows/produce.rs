//! Big batches through librdkafka: what a gigabyte and a message cost the broker.

use super::Row;
use crate::{
    Result,
    clients::{Moved, librdkafka::Produce},
    sample::Sample,
    servers::{Durability, LimitRuntime, Place},
    session::{Cost, Session, Turn, bytes_on_disk, metered},
    targets::{Of, Target},
};

pub(super) fn rows() -> Vec<Row> {
    vec![
        plain("produce-1k-p1", 1024, 1).targets(PER_GB),
        plain("produce-1k-p8", 1024, 8).targets(PER_GB),
        plain("produce-100-p1", 100, 1).targets(PER_MESSAGE),
        plain("produce-100-p8", 100, 8).targets(PER_MESSAGE),
        plain("produce-10k", 10 << 10, 1).beside(),
        codec("produce-lz4", "lz4"),
        codec("produce-zstd", "zstd"),
        idempotent(),
    ]
}

const PER_GB: [Target; 3] = [
    Target::at_most("cpu_s_per_gb", 1.3, Of::Limit),
    Target::at_most("cpu_s_per_gb", 0.5, Of::Kafka),
    Target::at_least("mb_per_s", 1.0, Of::Kafka),
];
const PER_MESSAGE: [Target; 3] = [
    Target::at_most("cpu_ns_per_msg", 1.3, Of::Limit),
    Target::at_most("cpu_ns_per_msg", 0.4, Of::Kafka),
    Target::at_least("msg_per_s", 1.0, Of::Kafka),
];

fn plain(id: &'static str, size: usize, partitions: i32) -> Row {
    let what = format!("librdkafka, {size} B, acks=1, no codec, {partitions} partition(s)");
    Row::new(id, what, move |session, turn| {
        let count = session.scale.messages(size);
        produced(session, turn, &Produce::plain(partitions, count, size))
    })
}

fn codec(id: &'static str, codec: &'static str) -> Row {
    Row::new(id, format!("librdkafka, 1 KiB, {codec}, payload that is not constant"), move |session, turn| {
        let count = session.scale.messages(1024);
        produced(session, turn, &Produce { codec, ..Produce::plain(1, count, 1024) })
    })
    .targets([Target::at_most("cpu_s_per_gb", 0.25, Of::Kafka)])
}

/// A round does both, one after the other, so that what idempotence costs is a ratio of neighbours.
fn idempotent() -> Row {
    Row::new(
        "produce-idempotent",
        "librdkafka, 1 KiB, acks=all: without and with idempotence",
        |session, turn| {
            let count = session.scale.messages(1024);
            let plain = Produce { acks: "all", ..Produce::plain(1, count, 1024) };
            let without = produced(session, turn, &plain)?;
            let mut with = produced(session, turn, &Produce { idempotent: true, ..plain })?;
            if let (Some(with_cpu), Some(without_cpu)) =
                (with.get("cpu_s_per_gb"), without.get("cpu_s_per_gb"))
            {
                with.set("plain_cpu_s_per_gb", without_cpu);
                with.set("idempotence_costs", with_cpu / without_cpu);
            }
            Ok(with)
        },
    )
    .brokers_only()
    .targets([
        Target::at_most("cpu_s_per_gb", 0.25, Of::Kafka),
        Target::at_most("idempotence_costs", 1.1, Of::Itself),
    ])
}

/// Sends, checks that all is there, and says what it cost.
pub(super) fn produced(session: &mut Session, turn: Turn, produce: &Produce) -> Result<Sample> {
    let place = session.server(turn, LimitRuntime::Threads, produce.partitions)?;
    let bytes = produce.count * produce.size as u64;
    let topic = session.topic(&place, turn.durability, produce.partitions, bytes)?;
    let (moved, cost) = metered(&place, || produce.run(place.address, &topic))?;
    session.check(&place, &topic, produce.partitions, produce.count)?;
    let mut sample = of_moved(&place, moved, cost)?;
    if produce.codec != "none" {
        // A client that was told to compress may send uncompressed without a word.
        let on_disk = bytes_on_disk(&place, &topic, produce.partitions)?;
        let ratio = bytes as f64 / on_disk as f64;
        if ratio < 1.2 {
            return Err(format!("{} was not used: {on_disk} bytes are on the disk", produce.codec).into());
        }
        sample.set("compression", ratio);
    }
    Ok(sample)
}

/// What it cost to move messages, in both directions alike.
pub(super) fn of_moved(place: &Place, moved: Moved, cost: Cost) -> Result<Sample> {
    let mut sample = Sample::default();
    sample.set("cpu_s_per_gb", cost.cpu_seconds / moved.gigabytes());
    sample.set("cpu_ns_per_msg", cost.cpu_seconds * 1e9 / moved.messages as f64);
    sample.set("msg_per_s", moved.messages as f64 / moved.seconds);
    sample.set("mb_per_s", moved.gigabytes() * 1e3 / moved.seconds);
    sample.set("broker_cores", cost.cpu_seconds / cost.seconds);
    sample.set("rss_mib", place.tree.memory()?.now);
    Ok(sample)
}

/// Fills a topic, which is not measured.
pub(super) fn fill(place: &Place, topic: &str, partitions: i32, count: u64, size: usize) -> Result<()> {
    Produce::plain(partitions, count, size).run(place.address, topic).map(|_| ())
}

/// A load like that of all rows together, for the compiler of a JVM.
pub(crate) fn warm(session: &mut Session, turn: Turn) -> Result<()> {
    let turn = Turn { durability: Durability::PageCache, ..turn };
    for size in [1024, 100] {
        let count = session.scale.messages(size) / 4 + 1;
        produced(session, turn, &Produce::plain(1, count, size))?;
    }
    super::consume::warm(session, turn)?;
    super::requests::warm(session, turn)
}
