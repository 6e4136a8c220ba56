//! What must be true of a broker that was started after a crash.

use std::collections::BTreeSet;

use ottla_disk::SimDisk;
use ottla_metadata::ConfigResource;
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::{
    Records,
    messages::{
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
        offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics},
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
    },
};

use super::{Client, Topic, World};
use crate::{
    batches::{Found, Kind, Sent, parse, records},
    enumerate::Verdict,
    logs::Part,
};

/// What no topic of the script is called.
const INTERNAL: &str = "__consumer_offsets";

/// Starts a broker on the disk and checks it against the states before and after the step in which the crash came.
///
/// # Errors
/// Says which promise is broken.
pub async fn check(disk: &SimDisk, before: &World, after: &World) -> Result<Verdict, String> {
    let client = match Client::start(disk).await {
        Err(error) if error.contains("is damaged at byte") => return Ok(Verdict::Refused(error)),
        other => other.map_err(|error| format!("the broker does not start: {error}"))?,
    };
    while client.broker.flush_waiting() > 0 {}
    let checked = check_world(&client, before, after).await;
    client.broker.kill();
    checked
}

async fn check_world(client: &Client, before: &World, after: &World) -> Result<Verdict, String> {
    let image = client.broker.image();
    let found: BTreeSet<(String, Uuid)> = image
        .topics
        .iter()
        .filter(|topic| topic.name != INTERNAL)
        .map(|topic| (topic.name.to_string(), topic.id))
        .collect();
    let known = |world: &World| -> BTreeSet<(String, Uuid)> {
        world.topics.iter().map(|(name, topic)| (name.clone(), topic.id)).collect()
    };
    let (was, will) = (known(before), known(after));
    if !found.is_superset(&was.intersection(&will).cloned().collect()) {
        return Err(format!("of the topics {was:?} there are {found:?}"));
    }
    if let Some(other) = found.iter().find(|topic| !was.contains(topic) && !will.contains(topic)) {
        return Err(format!("{other:?} was never there"));
    }
    for (name, id) in &found {
        let state = |world: &World| world.topics.get(name).filter(|topic| topic.id == *id).cloned();
        let (old, new) = (state(before), state(after));
        let old = old.or_else(|| new.clone()).ok_or("it was just found")?;
        let new = new.unwrap_or_else(|| old.clone());
        let set = image.configs.get(&ConfigResource::topic(name.as_str()));
        let retention =
            set.iter().find(|(key, _)| **key == *"retention.ms").map(|(_, value)| value.to_string());
        if retention != old.retention_ms && retention != new.retention_ms {
            return Err(format!("{name}: retention.ms is {retention:?}, not {:?}", old.retention_ms));
        }
        let verdict = check_topic(client, name, (&old, &new)).await?;
        if verdict != Verdict::Kept {
            return Ok(verdict);
        }
    }
    check_commits(client, before, after).await?;
    Ok(Verdict::Kept)
}

async fn check_topic(client: &Client, name: &str, (old, new): (&Topic, &Topic)) -> Result<Verdict, String> {
    let image = client.broker.image();
    let count = image.topics.by_name(name).map_or(0, |topic| topic.partitions.len());
    if count != old.partitions.len() && count != new.partitions.len() {
        return Err(format!("{name} has {count} partitions"));
    }
    for partition in 0..count {
        let (before, after) = (old.partitions.get(partition), new.partitions.get(partition));
        // A partition that has just come or is going holds nothing that was acknowledged.
        let none = Part::default();
        let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
        let verdict = check_partition(client, (name, partition as i32), before, after).await;
        let verdict = verdict.map_err(|why| format!("{name}-{partition}: {why}"))?;
        if verdict != Verdict::Kept {
            return Ok(verdict);
        }
    }
    Ok(Verdict::Kept)
}

async fn check_partition(
    client: &Client,
    at: (&str, i32),
    before: &Part,
    after: &Part,
) -> Result<Verdict, String> {
    let start = match offset_at(client, at.0, at.1, -2).await {
        Err(error) if error.contains("UNKNOWN_TOPIC_OR_PARTITION") => return Ok(Verdict::Refused(error)),
        other => other?,
    };
    let end = offset_at(client, at.0, at.1, -1).await?;
    if start < before.start || start > before.start.max(after.start) {
        return Err(format!("it starts at {start}, known were {} and {}", before.start, after.start));
    }
    let found = read_all(client, at, start, end).await?;
    let offsets: Vec<i64> = found.iter().map(|record| record.offset).collect();
    if offsets != (start..end).collect::<Vec<_>>() {
        return Err(format!("offsets {offsets:?} between {start} and {end}"));
    }
    for record in &found {
        let sent = [before, after].map(|part| part.value(record.offset));
        if !sent.contains(&Some(&record.value)) {
            return Err(format!("{record:?} was never sent there, but {sent:?}"));
        }
    }
    if end < before.flushed.min(after.end.max(before.end)) {
        return Err(format!("it ends at {end}, acknowledged was everything below {}", before.flushed));
    }
    // The last acknowledged batch, sent again, is known; the next one goes on.
    let life = if end > before.end { after } else { before };
    let last = life.batches.iter().rfind(|batch| batch.last() < end);
    let sequence = last.map_or(0, |batch| batch.producer.1 + batch.values.len() as i32);
    if let Some(last) = last {
        let base = send(client, at, last).await?;
        if base != last.base {
            return Err(format!("the batch at {} sent again is told to stand at {base}", last.base));
        }
    }
    let (values, kind, producer) = (vec!["more".to_owned()], Kind::Idempotent, (1000, sequence));
    let more = Sent { base: end, epoch: 0, timestamp: i64::from(sequence), values, kind, producer };
    let base = send(client, at, &more).await.map_err(|why| format!("it takes nothing more: {why}"))?;
    if base == end {
        Ok(Verdict::Kept)
    } else {
        Err(format!("more stands at {base}, the log ended at {end}"))
    }
}

async fn send(client: &Client, (topic, partition): (&str, i32), sent: &Sent) -> Result<i64, String> {
    let records = Some(Records::from(sent.bytes()));
    let partition_data = vec![PartitionProduceData { index: partition, records }];
    let topic_data = vec![TopicProduceData { name: topic.into(), partition_data, ..Default::default() }];
    let request = ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data, ..ProduceRequest::default() };
    let answer = client.ask(12, &request).await?;
    let topic = answer.responses.first().ok_or("no answer for the topic")?;
    let slot = topic.partition_responses.first().ok_or("no answer for the partition")?;
    if slot.error_code.is_ok() { Ok(slot.base_offset) } else { Err(slot.error_code.to_string()) }
}

/// The offset ListOffsets gives for a timestamp: −2 for the first, −1 for the end.
pub(super) async fn offset_at(
    client: &Client,
    topic: &str,
    partition_index: i32,
    timestamp: i64,
) -> Result<i64, String> {
    let partition = ListOffsetsPartition { partition_index, timestamp, ..ListOffsetsPartition::default() };
    let topic = ListOffsetsTopic { name: topic.into(), partitions: vec![partition] };
    let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..ListOffsetsRequest::default() };
    let answer = client.ask(7, &request).await?;
    let slot = answer.topics.first().and_then(|topic| topic.partitions.first());
    let slot = slot.ok_or("no answer for the partition")?;
    if slot.error_code.is_ok() { Ok(slot.offset) } else { Err(slot.error_code.to_string()) }
}

async fn read_all(
    client: &Client,
    (topic, partition): (&str, i32),
    start: i64,
    end: i64,
) -> Result<Vec<Found>, String> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = start;
    while at < end {
        let partition = FetchPartition {
            partition,
            fetch_offset: at,
            partition_max_bytes: 200,
            ..FetchPartition::default()
        };
        let topic = FetchTopic { topic: topic.into(), partitions: vec![partition], ..FetchTopic::default() };
        let request = FetchRequest { topics: vec![topic], session_epoch: -1, ..FetchRequest::default() };
        let answer = client.ask(12, &request).await?;
        let slot = answer.responses.first().and_then(|topic| topic.partitions.first());
        let slot = slot.ok_or("no answer for the partition")?;
        if !slot.error_code.is_ok() {
            return Err(format!("fetching at {at}: {}", slot.error_code));
        }
        let bytes = slot.records.clone().map(Records::into_memory).unwrap_or_default();
        let before = at;
        for batch in parse(bytes)? {
            at = batch.header().next_offset();
            found.extend(records(&batch)?.into_iter().filter(|record| record.offset >= start));
        }
        if at == before {
            return Err(format!("nothing is fetched at {at}, the end is {end}"));
        }
    }
    Ok(found)
}

async fn check_commits(client: &Client, before: &World, after: &World) -> Result<(), String> {
    let keys: BTreeSet<_> = before.committed.keys().chain(after.committed.keys()).collect();
    for key in keys {
        let (old, new) = (before.committed.get(key), after.committed.get(key));
        let found = committed(client, key).await.map_err(|why| format!("{key:?}: {why}"))?;
        if found.as_ref() != old && found.as_ref() != new {
            return Err(format!("{key:?} is committed at {found:?}, it was {old:?}, then {new:?}"));
        }
    }
    Ok(())
}

async fn committed(
    client: &Client,
    (group, topic, partition): &(String, String, i32),
) -> Result<Option<i64>, String> {
    let topics = OffsetFetchRequestTopics {
        name: topic.as_str().into(),
        partition_indexes: vec![*partition],
        ..OffsetFetchRequestTopics::default()
    };
    let asked = OffsetFetchRequestGroup {
        group_id: group.as_str().into(),
        topics: Some(vec![topics]),
        ..OffsetFetchRequestGroup::default()
    };
    let request = OffsetFetchRequest { groups: vec![asked], ..OffsetFetchRequest::default() };
    loop {
        let answer = client.ask(8, &request).await?;
        let group = answer.groups.first().ok_or("no answer for the group")?;
        if group.error_code == ErrorCode::COORDINATOR_LOAD_IN_PROGRESS {
            tokio::task::yield_now().await;
            continue;
        }
        if group.error_code == ErrorCode::NOT_COORDINATOR {
            // The topic of the commits was not there yet.
            return Ok(None);
        }
        let slot = group.topics.first().and_then(|topic| topic.partitions.first());
        let slot = slot.ok_or_else(|| group.error_code.to_string())?;
        if !slot.error_code.is_ok() {
            return Err(slot.error_code.to_string());
        }
        return Ok((slot.committed_offset >= 0).then_some(slot.committed_offset));
    }
}
