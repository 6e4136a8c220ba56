//! The log cleaner: a topic of many versions of the same keys, written first and compacted when all of it is there.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use ottla_records::{BatchBuilder, NewRecord};

use super::Row;
use crate::{
    Result,
    generator::{
        admin::{self, NewTopic},
        connection::{Connection, PATIENCE},
        frames,
    },
    sample::Sample,
    servers::{Durability, Place},
    session::bytes_on_disk,
    targets::{Of, Target},
};

const TOPIC: &str = "versions";
/// Bytes of a batch's payload, about.
const BATCH: usize = 512 << 10;
/// The least `segment.bytes` may be.
const SMALLEST_SEGMENT: u64 = 1 << 20;
/// Each key is written so often.
const VERSIONS: u64 = 10;

pub(super) fn rows() -> Vec<Row> {
    vec![compaction("compaction-1k", 1024), compaction("compaction-100b", 100)]
}

fn compaction(id: &'static str, size: usize) -> Row {
    let what = format!("messages of {size} B, {VERSIONS} for each key, compacted in one pass");
    Row::new(id, what, move |session, turn| {
        // One cleaner; it looks for work often, so that waiting is not what is measured.
        let server = session.broker(turn, &[("log.cleaner.backoff.ms", "100")])?;
        let place = server.place()?;
        let segment_bytes = (session.scale.bytes / 16).max(SMALLEST_SEGMENT).to_string();
        let configs = BTreeMap::from([
            ("segment.bytes", segment_bytes),
            ("min.cleanable.dirty.ratio", "0.01".to_owned()),
        ]);
        admin::create(place.address, &[NewTopic { name: TOPIC.into(), partitions: 1, configs }])?;
        let count = session.scale.messages(size);
        fill(&place, count, size)?;
        let before = bytes_on_disk(&place, TOPIC, 1)?;
        let idle = place.tree.memory()?.now;
        let (cpu, files) = (place.tree.cpu_seconds()?, place.files(TOPIC, 0)?);
        let active = files.iter().max().ok_or("a log has a segment")?;
        let cleaned = before - fs::metadata(active)?.len();
        admin::set(place.address, TOPIC, "cleanup.policy", "compact")?;
        let (seconds, peak) = watch(&place)?;
        let mut sample = Sample::default();
        sample.set("mb_per_s", cleaned as f64 / 1e6 / seconds);
        sample.set("cpu_s_per_gb", (place.tree.cpu_seconds()? - cpu) * 1e9 / cleaned as f64);
        sample.set("rss_before_mib", idle);
        sample.set("rss_most_mib", peak);
        sample.set("left_share", bytes_on_disk(&place, TOPIC, 1)? as f64 / before as f64);
        Ok(sample)
    })
    .brokers_only()
    .only(Durability::PageCache)
    .at_most(3)
    .targets([Target::at_least("mb_per_s", 1.0, Of::Kafka), Target::at_most("cpu_s_per_gb", 0.5, Of::Kafka)])
}

/// `count` messages, their keys one after the other, again and again.
fn fill(place: &Place, count: u64, size: usize) -> Result<()> {
    let mut to = Connection::open(place.address)?;
    let keys = (count / VERSIONS).max(1);
    let timestamp = frames::present_ms()?;
    // Bytes no two messages share.
    let mut value: Vec<u8> = (0..size).map(|at| (at * 31) as u8).collect();
    let mut next = 0;
    while next < count {
        let mut builder = BatchBuilder::new();
        let end = count.min(next + (BATCH / size) as u64);
        for number in next..end {
            let key = (number % keys).to_be_bytes();
            value[..8].copy_from_slice(&number.to_be_bytes());
            builder.push(&NewRecord {
                timestamp,
                key: Some(&key),
                value: Some(&value),
                ..NewRecord::default()
            });
        }
        next = end;
        let request = frames::request(TOPIC, 0, 1, builder.finish().freeze());
        let answer = to.ask(frames::PRODUCE, &request)?;
        let error = answer.responses.iter().flat_map(|topic| &topic.partition_responses);
        if let Some(refused) = error.map(|partition| partition.error_code).find(|error| !error.is_ok()) {
            return Err(format!("a batch was refused: {refused:?}").into());
        }
    }
    Ok(())
}

/// From the first file of the cleaner to its checkpoint: seconds, and the most memory seen meanwhile.
fn watch(place: &Place) -> Result<(f64, f64)> {
    let (folder, checkpoint) =
        (place.data.join(format!("{TOPIC}-0")), place.data.join("cleaner-offset-checkpoint"));
    let asked = Instant::now();
    let (mut began, mut peak) = (None, 0_f64);
    for look in 0_u32.. {
        if began.is_none() {
            let cleaning = fs::read_dir(&folder)?.flatten().any(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "cleaned" || extension == "swap")
            });
            began = cleaning.then(Instant::now);
        }
        let text = fs::read_to_string(&checkpoint).unwrap_or_default();
        if text.lines().any(|line| line.starts_with(&format!("{TOPIC} 0 "))) {
            // A small log is done before it is seen.
            return Ok((began.unwrap_or(asked).elapsed().as_secs_f64(), peak));
        }
        if asked.elapsed() > 4 * PATIENCE {
            return Err("the cleaner does not come to an end".into());
        }
        // Reading it takes longer than looking for a file.
        if look % 10 == 0 {
            peak = peak.max(place.tree.memory()?.now);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    unreachable!("the loop ends with an answer")
}
