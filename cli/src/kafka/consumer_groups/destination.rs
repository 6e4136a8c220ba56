//! Where groups shall go on.

use std::collections::{BTreeMap, BTreeSet};

use ottla_client::{Client, CommittedOffset};

use super::{
    Given, Stop, Thrown, complain,
    plan::{self, Partition},
    time,
};
use crate::clock::now_ms;

/// The options that say where; one of them is needed.
pub(super) const WAYS: &[&str] = &[
    "to-offset",
    "to-datetime",
    "by-duration",
    "to-earliest",
    "to-latest",
    "to-current",
    "shift-by",
    "from-file",
];

type Offsets = BTreeMap<Partition, i64>;

const EARLIEST: i64 = -2;
const LATEST: i64 = -1;

/// The offsets of the partitions a group shall go on from.
pub(super) async fn of(
    client: &Client,
    given: &Given,
    group: &str,
    partitions: &[Partition],
) -> Result<Offsets, Stop> {
    if let Some(offset) = given.number::<i64>("to-offset")? {
        let wanted = partitions.iter().map(|partition| (partition.clone(), offset)).collect();
        return within_range(client, wanted).await;
    }
    if given.has("to-earliest") {
        return all(client, partitions, EARLIEST).await;
    }
    if given.has("to-latest") {
        return all(client, partitions, LATEST).await;
    }
    if let Some(by) = given.number::<i64>("shift-by")? {
        let committed = client.committed(group).await?;
        let wanted = partitions.iter().map(|partition| {
            let at = committed.get(partition).ok_or_else(|| {
                let (topic, index) = partition;
                Thrown::illegal_argument(format!(
                    "Cannot shift offset for partition {topic}-{index} since there is no current committed offset"
                ))
            })?;
            Ok((partition.clone(), at.offset.saturating_add(by)))
        });
        let wanted = wanted.collect::<Result<Offsets, Thrown>>()?;
        return within_range(client, wanted).await;
    }
    if let Some(text) = given.value("to-datetime")? {
        return from_time(client, partitions, time::instant(text)?).await;
    }
    if let Some(text) = given.value("by-duration")? {
        return from_time(client, partitions, now_ms().saturating_sub(time::duration(text)?)).await;
    }
    if let Some(mut plan) = plan::file(given)? {
        let Some(wanted) = plan.remove(group) else {
            complain(&format!("No reset plan for group {group} found"));
            return Ok(Offsets::new());
        };
        return within_range(client, wanted).await;
    }
    if given.has("to-current") {
        return current(client, partitions, &client.committed(group).await?).await;
    }
    let ways: Vec<_> = WAYS.iter().map(|way| format!("[{way}]")).collect();
    Err(Stop::Usage(format!(
        "Option '[reset-offsets]' requires one of the following scenarios: [{}]",
        ways.join(", ")
    )))
}

/// Where the partitions begin or end, or what they had at a time; −1 where there is nothing from then on.
async fn all(client: &Client, partitions: &[Partition], time: i64) -> Result<Offsets, Stop> {
    let topics: BTreeSet<&String> = partitions.iter().map(|(topic, _)| topic).collect();
    let mut offsets = Offsets::new();
    for name in topics {
        let mut topic = client.topic(name, false).await?;
        topic.partitions.retain(|partition| partitions.contains(&(name.clone(), partition.index)));
        let found = client.list_offsets(&topic, time).await?;
        offsets.extend(found.into_iter().map(|(index, offset)| ((name.clone(), index), offset)));
    }
    let missing: Vec<_> = partitions
        .iter()
        .filter(|partition| !offsets.contains_key(*partition))
        .map(|(topic, index)| format!("{topic}-{index}"))
        .collect();
    if missing.is_empty() {
        return Ok(offsets);
    }
    let missing = missing.join(",");
    Err(Stop::Usage(format!("The partitions \"{missing}\" do not exist")))
}

async fn from_time(client: &Client, partitions: &[Partition], time: i64) -> Result<Offsets, Stop> {
    let mut offsets = all(client, partitions, time).await?;
    let ends = all(client, partitions, LATEST).await?;
    for (partition, offset) in &mut offsets {
        if *offset < 0 {
            *offset = ends.get(partition).copied().unwrap_or_default();
        }
    }
    Ok(offsets)
}

/// Offsets that are not there become the nearest that are.
async fn within_range(client: &Client, mut wanted: Offsets) -> Result<Offsets, Stop> {
    let partitions: Vec<Partition> = wanted.keys().cloned().collect();
    let starts = all(client, &partitions, EARLIEST).await?;
    let ends = all(client, &partitions, LATEST).await?;
    for (partition, offset) in &mut wanted {
        let end = ends.get(partition).copied().unwrap_or(*offset);
        let start = starts.get(partition).copied().unwrap_or(*offset);
        *offset = (*offset).min(end).max(start.min(end));
    }
    Ok(wanted)
}

/// What is committed; the end where nothing is.
async fn current(
    client: &Client,
    partitions: &[Partition],
    committed: &BTreeMap<Partition, CommittedOffset>,
) -> Result<Offsets, Stop> {
    let without: Vec<Partition> =
        partitions.iter().filter(|partition| !committed.contains_key(*partition)).cloned().collect();
    let mut offsets = all(client, &without, LATEST).await?;
    for partition in partitions {
        if let Some(at) = committed.get(partition) {
            offsets.insert(partition.clone(), at.offset);
        }
    }
    Ok(offsets)
}
