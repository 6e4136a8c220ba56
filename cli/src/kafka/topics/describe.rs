//! `--describe`.

use std::collections::BTreeMap;

use ottla_client::{Client, ConfigEntry, ConfigSource, PartitionInfo, Reassignment, Resource, TopicInfo};
use ottla_types::{
    Uuid,
    java::{DEFAULT_ROOM, hash_order},
};

use super::{Given, REPORTS, Stop, Thrown, found_or_refused};
use crate::verbs::say::say;

/// How many partitions one answer may hold if nobody says.
const LIMIT: i32 = 2000;

/// What decides which partitions are shown.
struct Report<'a> {
    given: &'a Given,
    live: Vec<i32>,
    moves: BTreeMap<(String, i32), Reassignment>,
}

pub(super) async fn describe(client: &Client, given: &Given) -> Result<(), Stop> {
    let topics = wanted(client, given).await?;
    let live = client.cluster().await?.brokers.iter().map(|broker| broker.id).collect();
    let report = Report { given, live, moves: client.reassignments().await? };
    let room = topics.len();
    for topic in hash_order(topics, room, |topic| topic.name.clone()) {
        let mut configs = client.configs(&Resource::Topic(topic.name.clone())).await?;
        configs.sort_by_key(|entry| defined(&entry.name));
        report.topic(&topic, &hash_order(configs, DEFAULT_ROOM, |entry| entry.name.clone()));
    }
    Ok(())
}

/// Settings that Kafka defines before others with which they share a place in a Java hash table; there the first comes first.
const DEFINED_EARLY: &[&str] =
    &["segment.bytes", "retention.ms", "flush.messages", "max.compaction.lag.ms", "retention.bytes"];

fn defined(name: &str) -> usize {
    DEFINED_EARLY.iter().position(|early| *early == name).unwrap_or(DEFINED_EARLY.len())
}

/// By id, or by name where the id is none.
async fn wanted(client: &Client, given: &Given) -> Result<Vec<TopicInfo>, Stop> {
    let id = given.value("topic-id")?.map(id).transpose()?.filter(|id| !id.is_zero());
    if let Some(id) = id {
        let mut topics = client.topics().await?;
        topics.retain(|topic| topic.id == id);
        if topics.is_empty() && !given.has("if-exists") {
            return Err(Thrown::illegal_argument(format!("TopicId '{id}' does not exist as expected")).into());
        }
        return Ok(topics);
    }
    let limit = given.number::<i32>("partition-size-limit-per-response")?.unwrap_or(LIMIT);
    let names = found_or_refused(client, given).await?;
    if names.is_empty() { Ok(Vec::new()) } else { Ok(client.describe_topics(&names, limit).await?) }
}

/// An id in Kafka's text form.
fn id(text: &str) -> Result<Uuid, Thrown> {
    const LONGEST: usize = 24;
    if text.len() > LONGEST {
        let shown: String = text.chars().take(LONGEST).collect();
        return Err(Thrown::illegal_argument(format!(
            "Input string with prefix `{shown}` is too long to be decoded as a base64 UUID"
        )));
    }
    text.parse().map_err(|_| {
        // Four characters are three bytes.
        let bytes = text.trim_end_matches('=').len() * 3 / 4;
        Thrown::illegal_argument(format!(
            "Input string `{text}` decoded as {bytes} bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID"
        ))
    })
}

impl Report<'_> {
    fn topic(&self, topic: &TopicInfo, configs: &[ConfigEntry]) {
        let own: Vec<_> = configs.iter().filter(|entry| entry.source != ConfigSource::Default).collect();
        let only_overrides = self.given.has("topics-with-overrides");
        let reports_partitions = REPORTS.iter().any(|report| self.given.has(report));
        if !reports_partitions && (!only_overrides || !own.is_empty()) {
            let own: Vec<_> = own
                .iter()
                .map(|entry| format!("{}={}", entry.name, entry.value.as_deref().unwrap_or("null")))
                .collect();
            let id = if topic.id.is_zero() { String::new() } else { format!("\tTopicId: {}", topic.id) };
            let replicas = topic.partitions.first().map_or(0, |first| self.replication_factor(topic, first));
            say!(
                "Topic: {}{id}\tPartitionCount: {}\tReplicationFactor: {replicas}\tConfigs: {}",
                topic.name,
                topic.partitions.len(),
                own.join(",")
            );
        }
        if only_overrides {
            return;
        }
        let min_isr = configs.iter().find(|entry| entry.name == "min.insync.replicas");
        let min_isr = min_isr.and_then(|entry| entry.value.as_deref()?.parse().ok()).unwrap_or(1);
        for partition in &topic.partitions {
            if !reports_partitions || self.shows(topic, partition, min_isr) {
                self.partition(topic, partition);
            }
        }
    }

    fn shows(&self, topic: &TopicInfo, partition: &PartitionInfo, min_isr: usize) -> bool {
        let in_sync = partition.isr.len();
        let has = |report: &str| self.given.has(report);
        has("under-replicated-partitions") && self.replication_factor(topic, partition) > in_sync
            || has("unavailable-partitions") && !self.live.contains(&partition.leader)
            || has("under-min-isr-partitions") && (partition.leader < 0 || in_sync < min_isr)
            || has("at-min-isr-partitions") && in_sync == min_isr
    }

    /// While a partition moves, those that are to come do not count yet.
    fn replication_factor(&self, topic: &TopicInfo, partition: &PartitionInfo) -> usize {
        let moved = self.moves.get(&(topic.name.clone(), partition.index)).filter(|moved| {
            partition.replicas.iter().any(|id| moved.adding.contains(id) || moved.removing.contains(id))
        });
        moved.map_or(partition.replicas.len(), |moved| moved.replicas.len() - moved.adding.len())
    }

    fn partition(&self, topic: &TopicInfo, partition: &PartitionInfo) {
        let leader = if partition.leader < 0 { "none".into() } else { partition.leader.to_string() };
        let moved = self.moves.get(&(topic.name.clone(), partition.index)).map(|moved| {
            format!(
                "\tAdding Replicas: {}\tRemoving Replicas: {}",
                list(&moved.adding),
                list(&moved.removing)
            )
        });
        let known = |ids: &Option<Vec<i32>>| ids.as_deref().map_or_else(|| "N/A".to_owned(), list);
        say!(
            "\tTopic: {}\tPartition: {}\tLeader: {leader}\tReplicas: {}\tIsr: {}{}\tElr: {}\tLastKnownElr: {}",
            topic.name,
            partition.index,
            list(&partition.replicas),
            list(&partition.isr),
            moved.unwrap_or_default(),
            known(&partition.eligible),
            known(&partition.last_known_eligible)
        );
    }
}

fn list(ids: &[i32]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
