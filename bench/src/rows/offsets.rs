//! A coordinator that has a million committed offsets to load before it answers.

use std::time::{Duration, Instant};

use ottla_wire::messages::{
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestTopic},
};

use super::Row;
use crate::{
    Result,
    generator::{
        admin::{self, NewTopic, is_coordinator_coming},
        connection::{Connection, PATIENCE},
    },
    sample::Sample,
    servers::{Durability, Place},
    targets::{Of, Target},
};

const TOPIC: &str = "committed-to";
const OFFSET_COMMIT: i16 = 7;
const OFFSET_FETCH: i16 = 5;
/// No member: a client that assigns itself.
const NO_GENERATION: i32 = -1;

pub(super) fn rows() -> Vec<Row> {
    let what = "1,000 groups commit 1,000 partitions each into one partition of the coordinator; restart → all are answered";
    let row = Row::new("offsets-load", what, |session, turn| {
        let mut server = session.broker(turn, &[("offsets.topic.num.partitions", "1")])?;
        let place = server.place()?;
        let (groups, partitions) = (session.scale.groups, session.scale.group_partitions);
        let topic = NewTopic { name: TOPIC.into(), partitions, configs: Default::default() };
        admin::create(place.address, &[topic])?;
        let mut sample = Sample::default();
        admin::wait_for_coordinator(place.address, &name(0))?;
        let began = Instant::now();
        let cpu = place.tree.cpu_seconds()?;
        commit(&place, groups, partitions)?;
        let commits = f64::from(groups) * f64::from(partitions);
        sample.set("commits_per_s", commits / began.elapsed().as_secs_f64());
        sample.set("cpu_us_per_commit", (place.tree.cpu_seconds()? - cpu) * 1e6 / commits);
        server.stop()?;
        let began = Instant::now();
        server.spawn()?;
        server.wait_for_port()?;
        let open = began.elapsed();
        let place = server.place()?;
        // The last group's records are at the end of the log.
        wait_for_group(&place, groups - 1, partitions)?;
        sample.set("start_s", began.elapsed().as_secs_f64());
        sample.set("load_s", (began.elapsed() - open).as_secs_f64());
        sample.set("rss_mib", place.tree.memory()?.now);
        (0..groups).try_for_each(|group| wait_for_group(&place, group, partitions))?;
        Ok(sample)
    });
    vec![row.brokers_only().only(Durability::PageCache).at_most(2).targets([Target::at_most(
        "load_s",
        3.0,
        Of::Itself,
    )])]
}

fn name(group: i32) -> String {
    format!("group-{group}")
}

/// The offset of a partition in a group: never the same in two groups.
fn offset(group: i32, partition: i32) -> i64 {
    i64::from(group) * 1_000_000 + i64::from(partition)
}

fn commit(place: &Place, groups: i32, partitions: i32) -> Result<()> {
    let mut to = Connection::open(place.address)?;
    let began = Instant::now();
    let mut group = 0;
    while group < groups {
        let partition = |index| OffsetCommitRequestPartition {
            partition_index: index,
            committed_offset: offset(group, index),
            ..OffsetCommitRequestPartition::default()
        };
        let topic = OffsetCommitRequestTopic {
            name: TOPIC.into(),
            partitions: (0..partitions).map(partition).collect(),
            ..OffsetCommitRequestTopic::default()
        };
        let request = OffsetCommitRequest {
            group_id: name(group).into(),
            generation_id_or_member_epoch: NO_GENERATION,
            topics: vec![topic],
            ..OffsetCommitRequest::default()
        };
        let answer = to.ask(OFFSET_COMMIT, &request)?;
        let errors = answer.topics.iter().flat_map(|topic| &topic.partitions);
        match errors.map(|partition| partition.error_code).find(|error| !error.is_ok()) {
            None => group += 1,
            Some(error) if is_coordinator_coming(error) && began.elapsed() < PATIENCE => pause(),
            Some(error) => return Err(format!("a commit of {}: {error:?}", name(group)).into()),
        }
    }
    Ok(())
}

/// Until the coordinator answers, with exactly what was committed.
fn wait_for_group(place: &Place, group: i32, partitions: i32) -> Result<()> {
    let topic = OffsetFetchRequestTopic { name: TOPIC.into(), partition_indexes: (0..partitions).collect() };
    let request = OffsetFetchRequest {
        group_id: name(group).into(),
        topics: Some(vec![topic]),
        ..OffsetFetchRequest::default()
    };
    let began = Instant::now();
    let mut to = Connection::open(place.address)?;
    loop {
        let answer = to.ask(OFFSET_FETCH, &request)?;
        if answer.error_code.is_ok() {
            let found = answer.topics.iter().flat_map(|topic| &topic.partitions);
            let right = found.filter(|found| found.committed_offset == offset(group, found.partition_index));
            if right.count() == usize::try_from(partitions)? {
                return Ok(());
            }
            return Err(format!("{} does not have the offsets it committed", name(group)).into());
        }
        if !is_coordinator_coming(answer.error_code) || began.elapsed() > PATIENCE {
            return Err(format!("offsets of {}: {:?}", name(group), answer.error_code).into());
        }
        pause();
    }
}

fn pause() {
    std::thread::sleep(Duration::from_millis(1));
}
