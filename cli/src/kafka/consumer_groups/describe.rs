//! `--describe`: offsets, members or state of groups.

use std::collections::BTreeMap;

use ottla_client::{Client, ClientError, CommittedOffset, GroupInfo, GroupMember};

use super::{Given, Stop, Thrown, complain, wanted};
use crate::verbs::say::{remark, say};

/// Where there is nothing to print.
const NOTHING: &str = "-";

pub(super) async fn describe(client: &Client, given: &Given) -> Result<(), Stop> {
    let verbose = given.has("verbose");
    let mut ids = wanted(client, given).await?;
    ids.sort();
    ids.dedup();
    let mut groups = Vec::new();
    for id in ids {
        // Here Java shows the exception around the exception, whose message has the class in it.
        let unwrapped = |error| {
            let thrown = Thrown::from(error);
            Thrown::new("java.util.concurrent.ExecutionException", thrown.full())
        };
        groups.push(client.group(&id).await.map_err(unwrapped)?);
    }
    if given.has("members") {
        groups.iter().for_each(|group| members(group, verbose));
        return Ok(());
    }
    if given.has("state") {
        let brokers = client.cluster().await?.brokers;
        for group in &groups {
            let address = brokers.iter().find(|broker| broker.id == group.coordinator);
            state(group, address.map_or("", |broker| &broker.address), verbose);
        }
        return Ok(());
    }
    let mut all = Vec::new();
    for group in &groups {
        all.push((group, rows(client, group).await?));
    }
    all.iter().for_each(|(group, rows)| offsets(group, rows, verbose));
    Ok(())
}

/// Says what is to be said of a group's state; whether there is a table to print.
fn announce(group: &GroupInfo, rows: usize) -> bool {
    let id = &group.id;
    match group.state.as_str() {
        "Dead" => complain(&format!("Consumer group '{id}' does not exist.")),
        "Empty" => remark(&format!("\nConsumer group '{id}' has no active members.")),
        "PreparingRebalance" | "CompletingRebalance" | "Assigning" | "Reconciling" => {
            remark(&format!("\nWarning: Consumer group '{id}' is rebalancing."));
        }
        _ => {}
    }
    group.state != "Dead" && rows > 0
}

/// A partition with what the group has to do with it.
struct Row {
    partition: Option<(String, i32)>,
    committed: Option<CommittedOffset>,
    end: Option<i64>,
    consumer: String,
    host: String,
    client: String,
}

/// Those with the most partitions first, then what nobody reads.
async fn rows(client: &Client, group: &GroupInfo) -> Result<Vec<Row>, Stop> {
    let committed = client.committed(&group.id).await?;
    let mut members: Vec<&GroupMember> =
        group.members.iter().filter(|member| !member.partitions.is_empty()).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.partitions.len()));
    let mut rows = Vec::new();
    let mut assigned = Vec::new();
    for member in members {
        let mut partitions = member.partitions.clone();
        partitions.sort();
        for partition in partitions {
            let offset = committed.get(&partition).cloned();
            let (consumer, host, client) = (member.id.clone(), member.host.clone(), member.client.clone());
            assigned.push(partition.clone());
            rows.push(Row {
                partition: Some(partition),
                committed: offset,
                end: None,
                consumer,
                host,
                client,
            });
        }
    }
    for (partition, offset) in committed.into_iter().filter(|(partition, _)| !assigned.contains(partition)) {
        let nobody = || NOTHING.to_owned();
        let (consumer, host, client) = (nobody(), nobody(), nobody());
        let (partition, committed) = (Some(partition), Some(offset));
        rows.push(Row { partition, committed, end: None, consumer, host, client });
    }
    let ends = ends(client, &rows).await?;
    for row in &mut rows {
        row.end = row.partition.as_ref().and_then(|partition| ends.get(partition).copied());
    }
    Ok(rows)
}

async fn ends(client: &Client, rows: &[Row]) -> Result<BTreeMap<(String, i32), i64>, Stop> {
    let mut ends = BTreeMap::new();
    let mut names: Vec<&String> =
        rows.iter().filter_map(|row| row.partition.as_ref()).map(|(topic, _)| topic).collect();
    names.sort();
    names.dedup();
    for name in names {
        match client.topic(name, false).await {
            // What a group has committed outlives the topic.
            Err(ClientError::NoTopic(_)) => {}
            topic => {
                let found = client.list_offsets(&topic?, -1).await?;
                ends.extend(found.into_iter().map(|(index, end)| ((name.clone(), index), end)));
            }
        }
    }
    Ok(ends)
}

fn offsets(group: &GroupInfo, rows: &[Row], verbose: bool) {
    if !announce(group, rows.len()) {
        return;
    }
    let widest = |length: fn(&Row) -> usize| rows.iter().map(length).chain([15]).max().unwrap_or(15);
    let topics = widest(|row| row.partition.as_ref().map_or(1, |(topic, _)| topic.len()));
    let (consumers, hosts) = (widest(|row| row.consumer.len()), widest(|row| row.host.len()));
    let groups = group.id.len().max(15);
    let line = |cells: [&str; 10]| {
        let [id, topic, partition, epoch, current, end, lag, consumer, host, client] = cells;
        let epoch = if verbose { format!("{epoch:15} ") } else { String::new() };
        say!(
            "{id:groups$} {topic:topics$} {partition:10} {epoch}{current:15} {end:15} {lag:15} {consumer:consumers$} {host:hosts$} {client}"
        );
    };
    say!("");
    line([
        "GROUP",
        "TOPIC",
        "PARTITION",
        "LEADER-EPOCH",
        "CURRENT-OFFSET",
        "LOG-END-OFFSET",
        "LAG",
        "CONSUMER-ID",
        "HOST",
        "CLIENT-ID",
    ]);
    let text = |value: Option<String>| value.unwrap_or_else(|| NOTHING.to_owned());
    for row in rows {
        let topic = row.partition.as_ref().map(|(topic, _)| topic.clone());
        let index = row.partition.as_ref().map(|(_, index)| index.to_string());
        let epoch = row.committed.as_ref().and_then(|at| at.leader_epoch).map(|epoch| epoch.to_string());
        let offset = row.committed.as_ref().map(|at| at.offset);
        let lag = offset.filter(|offset| *offset != -1).and_then(|offset| Some(row.end? - offset));
        let number = |value: Option<i64>| text(value.map(|value| value.to_string()));
        line([
            &group.id,
            &text(topic),
            &text(index),
            &text(epoch),
            &number(offset),
            &number(row.end),
            &number(lag),
            &row.consumer,
            &row.host,
            &row.client,
        ]);
    }
}

fn members(group: &GroupInfo, verbose: bool) {
    announce(group, group.members.len());
    let widest = |least: usize, length: fn(&GroupMember) -> usize| {
        group.members.iter().map(length).chain([least]).max()
    };
    let widest = |least, length| widest(least, length).unwrap_or(least);
    let instance = |member: &GroupMember| member.instance.as_deref().map_or(0, str::len);
    let (ids, hosts, clients) =
        (widest(15, |m| m.id.len()), widest(15, |m| m.host.len()), widest(15, |m| m.client.len()));
    let (instances, groups) = (widest(17, instance), group.id.len().max(15));
    let has_instances = group.members.iter().any(|member| member.instance.is_some());
    let line = |cells: [&str; 6], more: [&str; 4]| {
        let [id, member, instance, host, client, count] = cells;
        let instance = if has_instances { format!("{instance:instances$} ") } else { String::new() };
        let [epoch, current, target_epoch, target] = more;
        let more = if verbose {
            format!("{epoch:15} {current:20} {target_epoch:15} {target:20}")
        } else {
            String::new()
        };
        say!("{id:groups$} {member:ids$} {instance}{host:hosts$} {client:clients$} {count:15} {more}");
    };
    say!("");
    let head = ["GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS"];
    line(head, ["CURRENT-EPOCH", "CURRENT-ASSIGNMENT", "TARGET-EPOCH", "TARGET-ASSIGNMENT"]);
    for member in &group.members {
        let count = member.partitions.len().to_string();
        let instance = member.instance.as_deref().unwrap_or_default();
        let epoch = |epoch: Option<i32>| epoch.map_or_else(|| NOTHING.to_owned(), |epoch| epoch.to_string());
        let target_epoch = member.epoch.and(group.epochs).map(|(_, target)| target);
        let target = if member.epoch.is_some() { assignment(&member.target) } else { NOTHING.to_owned() };
        line(
            [&group.id, &member.id, instance, &member.host, &member.client, &count],
            [&epoch(member.epoch), &assignment(&member.partitions), &epoch(target_epoch), &target],
        );
    }
}

/// `a:0,1;b:2`.
fn assignment(partitions: &[(String, i32)]) -> String {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for (topic, index) in partitions {
        topics.entry(topic).or_default().push(*index);
    }
    let topic = |(topic, mut indexes): (&str, Vec<i32>)| {
        indexes.sort_unstable();
        format!("{topic}:{}", indexes.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    };
    let text = topics.into_iter().map(topic).collect::<Vec<_>>().join(";");
    if text.is_empty() { NOTHING.to_owned() } else { text }
}

fn state(group: &GroupInfo, address: &str, verbose: bool) {
    if !announce(group, 1) {
        return;
    }
    let coordinator = format!("{address}  ({})", group.coordinator);
    let (groups, coordinators) = (group.id.len().max(15), coordinator.len().max(25));
    let line = |cells: [&str; 7]| {
        let [id, coordinator, assignor, state, epoch, target, members] = cells;
        let epochs = if verbose { format!("{epoch:15} {target:25} ") } else { String::new() };
        say!("{id:groups$} {coordinator:coordinators$} {assignor:20} {state:20} {epochs}{members}");
    };
    say!("");
    let head = [
        "GROUP",
        "COORDINATOR (ID)",
        "ASSIGNMENT-STRATEGY",
        "STATE",
        "GROUP-EPOCH",
        "TARGET-ASSIGNMENT-EPOCH",
        "#MEMBERS",
    ];
    line(head);
    let assignor = if group.assignor.is_empty() { NOTHING } else { &group.assignor };
    let epoch = |pick: fn((i32, i32)) -> i32| {
        group.epochs.map_or_else(|| NOTHING.to_owned(), |of| pick(of).to_string())
    };
    let (own, target) = (epoch(|(own, _)| own), epoch(|(_, target)| target));
    let members = group.members.len().to_string();
    line([&group.id, &coordinator, assignor, &group.state, &own, &target, &members]);
}
