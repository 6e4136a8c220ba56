//! `--reset-offsets`.

use std::collections::BTreeMap;

use ottla_client::{Client, ClientError};
use ottla_types::{
    ErrorCode,
    java::{DEFAULT_ROOM, hash_order, hash_order_by, partition_hash},
};

use super::{Given, Stop, complain, destination, plan, wanted};
use crate::verbs::say::say;

type Offsets = BTreeMap<plan::Partition, i64>;

pub(super) async fn reset(client: &Client, given: &Given) -> Result<(), Stop> {
    let mut results = Vec::new();
    let groups = wanted(client, given).await?;
    let room = groups.len();
    for group in hash_order(groups, room, Clone::clone) {
        let offsets = reset_one(client, given, &group).await?;
        results.push((group, offsets));
    }
    let results = hash_order(results, DEFAULT_ROOM, |(group, _)| group.clone());
    if given.has("export") {
        export(&results, given.values("group").len() == 1);
    } else {
        print(&results);
    }
    Ok(())
}

async fn reset_one(client: &Client, given: &Given, group: &str) -> Result<Offsets, Stop> {
    let state = match client.group(group).await {
        Err(ClientError::Refused { code: ErrorCode::GROUP_ID_NOT_FOUND, .. }) => "Dead".to_owned(),
        found => found?.state,
    };
    if state != "Empty" && state != "Dead" {
        complain(&format!(
            "Assignments can only be reset if the group '{group}' is inactive, but the current state is {state}."
        ));
        return Ok(Offsets::new());
    }
    let partitions = plan::to_reset(client, given, group).await?;
    let offsets = destination::of(client, given, group, &partitions).await?;
    if given.has("execute") {
        client.commit_for(group, &offsets).await?;
    }
    Ok(offsets)
}

fn in_javas_order(offsets: &Offsets) -> Vec<(&plan::Partition, &i64)> {
    hash_order_by(offsets, DEFAULT_ROOM, |((topic, partition), _)| partition_hash(topic, *partition))
}

fn print(results: &[(String, Offsets)]) {
    let partitions = || results.iter().flat_map(|(_, offsets)| offsets.keys());
    let groups = results.iter().map(|(group, _)| group.len()).chain([15]).max().unwrap_or(15);
    let topics = partitions().map(|(topic, _)| topic.len()).chain([15]).max().unwrap_or(15);
    if !results.is_empty() {
        say!("\n{:groups$} {:topics$} {:10} NEW-OFFSET", "GROUP", "TOPIC", "PARTITION");
    }
    for (group, offsets) in results {
        for ((topic, partition), offset) in in_javas_order(offsets) {
            say!("{group:groups$} {topic:topics$} {partition:<10} {offset}");
        }
    }
}

/// Lines for `--from-file`, and an empty one.
fn export(results: &[(String, Offsets)], only_one: bool) {
    for (group, offsets) in results {
        for ((topic, partition), offset) in in_javas_order(offsets) {
            let group = if only_one { String::new() } else { format!("{group},") };
            say!("{group}{topic},{partition},{offset}");
        }
    }
    say!("");
}
