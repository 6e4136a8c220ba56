//! DescribeLogDirs (key 35): data directories, and how large the partitions in them are.

use std::collections::{BTreeMap, HashSet};

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    describe_log_dirs_request::DescribeLogDirsRequest,
    describe_log_dirs_response::{
        DescribeLogDirsPartition, DescribeLogDirsResponse, DescribeLogDirsResult, DescribeLogDirsTopic,
    },
};

use crate::{
    broker::DataDir,
    call::{Answer, Call},
};

pub(crate) async fn handle(
    call: &Call,
    request: DescribeLogDirsRequest,
) -> Result<Answer<DescribeLogDirsResponse>, ErrorCode> {
    let wanted: Option<HashSet<(&str, i32)>> = request.topics.as_ref().map(|topics| {
        let all =
            topics.iter().flat_map(|topic| topic.partitions.iter().map(|index| (&*topic.topic, *index)));
        all.collect()
    });
    let mut sizes: Vec<BTreeMap<Str, Vec<DescribeLogDirsPartition>>> =
        vec![BTreeMap::new(); call.broker.dirs.len()];
    for partition in call.broker.partitions.all() {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&(&**partition.topic(), partition.index())))
        {
            continue;
        }
        let size = partition.inspect(|log, _| log.size());
        let described = DescribeLogDirsPartition {
            partition_index: partition.index(),
            partition_size: i64::try_from(size).unwrap_or(i64::MAX),
            ..DescribeLogDirsPartition::default()
        };
        sizes[partition.dir()].entry(partition.topic().clone()).or_default().push(described);
    }
    let results = call.broker.dirs.iter().zip(sizes).map(|(dir, topics)| describe(dir, topics)).collect();
    Ok(DescribeLogDirsResponse { results, ..DescribeLogDirsResponse::default() }.into())
}

fn describe(dir: &DataDir, topics: BTreeMap<Str, Vec<DescribeLogDirsPartition>>) -> DescribeLogDirsResult {
    let path = dir.dir.path();
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let space = dir.dir.space().ok();
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let topics = topics.into_iter().map(|(name, mut partitions)| {
        partitions.sort_unstable_by_key(|partition| partition.partition_index);
        DescribeLogDirsTopic { name, partitions }
    });
    DescribeLogDirsResult {
        log_dir: Str::from(absolute.to_string_lossy().as_ref()),
        topics: topics.collect(),
        total_bytes: space.as_ref().map_or(-1, |space| bytes(space.total)),
        usable_bytes: space.as_ref().map_or(-1, |space| bytes(space.usable)),
        ..DescribeLogDirsResult::default()
    }
}
