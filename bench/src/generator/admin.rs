//! Making topics, and asking what is in them.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    thread::sleep,
    time::{Duration, Instant},
};

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
    delete_topics_request::DeleteTopicsRequest,
    find_coordinator_request::FindCoordinatorRequest,
    incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    },
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
    metadata_request::{MetadataRequest, MetadataRequestTopic},
};

use super::connection::{Connection, PATIENCE};
use crate::Result;

const CREATE_TOPICS: i16 = 4;
const DELETE_TOPICS: i16 = 3;
const FIND_COORDINATOR: i16 = 2;
const INCREMENTAL_ALTER_CONFIGS: i16 = 1;
const METADATA: i16 = 4;
const LIST_OFFSETS: i16 = 1;
const LATEST: i64 = -1;
/// Partitions in one question.
const AT_ONCE: i32 = 1000;

/// A topic to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewTopic {
    pub(crate) name: String,
    pub(crate) partitions: i32,
    pub(crate) configs: BTreeMap<&'static str, String>,
}

/// Makes topics with one request and waits until all partitions are served. A server that is just starting may refuse
/// for a while.
pub(crate) fn create(address: SocketAddr, topics: &[NewTopic]) -> Result<()> {
    let request = CreateTopicsRequest {
        topics: topics.iter().map(creatable).collect(),
        timeout_ms: 60_000,
        ..CreateTopicsRequest::default()
    };
    let began = Instant::now();
    loop {
        let answer = Connection::open(address).and_then(|mut to| to.ask(CREATE_TOPICS, &request));
        let refused = match answer {
            Ok(answer) => answer.topics.iter().find_map(|topic| {
                let fine = [ErrorCode::NONE, ErrorCode::TOPIC_ALREADY_EXISTS].contains(&topic.error_code);
                (!fine).then(|| format!("{}: {:?} {:?}", topic.name, topic.error_code, topic.error_message))
            }),
            Err(error) => Some(error.to_string()),
        };
        match refused {
            None => break,
            Some(why) if began.elapsed() > PATIENCE => return Err(format!("creating topics: {why}").into()),
            Some(_) => sleep(Duration::from_millis(1)),
        }
    }
    topics.iter().try_for_each(|topic| wait_until_served(address, &topic.name, topic.partitions))
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let config = |(name, value): (&&'static str, &String)| CreatableTopicConfig {
        name: (*name).into(),
        value: Some(value.as_str().into()),
    };
    CreatableTopic {
        name: topic.name.as_str().into(),
        num_partitions: topic.partitions,
        replication_factor: 1,
        assignments: Vec::new(),
        configs: topic.configs.iter().map(config).collect(),
    }
}

/// Until every partition has a leader that answers: a broker's metadata may be ahead of its partitions. Asking the limit
/// program makes the topic; the brokers have been asked to before.
pub(crate) fn wait_until_served(address: SocketAddr, topic: &str, partitions: i32) -> Result<()> {
    wait_for_leaders(address, topic, partitions)?;
    let began = Instant::now();
    loop {
        match records_in(address, topic, partitions) {
            Ok(_) => return Ok(()),
            Err(error) if began.elapsed() > PATIENCE => return Err(error),
            Err(_) => sleep(Duration::from_millis(1)),
        }
    }
}

fn wait_for_leaders(address: SocketAddr, topic: &str, partitions: i32) -> Result<()> {
    let named = MetadataRequestTopic { name: Some(topic.into()), ..MetadataRequestTopic::default() };
    let request = MetadataRequest { topics: Some(vec![named]), ..MetadataRequest::default() };
    let mut to = Connection::open(address)?;
    let began = Instant::now();
    loop {
        let answer = to.ask(METADATA, &request)?;
        let led = answer.topics.iter().flat_map(|topic| &topic.partitions);
        let led = led.filter(|partition| partition.error_code.is_ok() && partition.leader_id >= 0).count();
        if led == usize::try_from(partitions)? {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("{led} of {partitions} partitions of {topic} have a leader").into());
        }
        sleep(Duration::from_millis(1));
    }
}

/// Gives one of a topic's settings a value.
pub(crate) fn set(address: SocketAddr, topic: &str, name: &str, value: &str) -> Result<()> {
    const TOPIC: i8 = 2;
    const SET: i8 = 0;
    let config = AlterableConfig { name: name.into(), config_operation: SET, value: Some(value.into()) };
    let resource =
        AlterConfigsResource { resource_type: TOPIC, resource_name: topic.into(), configs: vec![config] };
    let request = IncrementalAlterConfigsRequest {
        resources: vec![resource],
        ..IncrementalAlterConfigsRequest::default()
    };
    let answer = Connection::open(address)?.ask(INCREMENTAL_ALTER_CONFIGS, &request)?;
    match answer.responses.iter().find(|resource| !resource.error_code.is_ok()) {
        None => Ok(()),
        Some(refused) => Err(format!("{name}={value}: {:?}", refused.error_message).into()),
    }
}

/// Waits until a group's coordinator is there; the first question about it makes its topic.
pub(crate) fn wait_for_coordinator(address: SocketAddr, group: &str) -> Result<()> {
    let request = FindCoordinatorRequest { key: group.into(), ..FindCoordinatorRequest::default() };
    let mut to = Connection::open(address)?;
    let began = Instant::now();
    loop {
        let error = to.ask(FIND_COORDINATOR, &request)?.error_code;
        if error.is_ok() {
            return Ok(());
        }
        if !is_coordinator_coming(error) || began.elapsed() > PATIENCE {
            return Err(format!("the coordinator of {group}: {error:?}").into());
        }
        sleep(Duration::from_millis(1));
    }
}

/// Whether asking again will help.
pub(crate) fn is_coordinator_coming(error: ErrorCode) -> bool {
    [
        ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
    ]
    .contains(&error)
}

pub(crate) fn delete(address: SocketAddr, topics: &[String]) -> Result<()> {
    let request = DeleteTopicsRequest {
        topic_names: topics.iter().map(|name| name.as_str().into()).collect(),
        timeout_ms: 60_000,
        ..DeleteTopicsRequest::default()
    };
    let answer = Connection::open(address)?.ask(DELETE_TOPICS, &request)?;
    match answer.responses.iter().find(|topic| !topic.error_code.is_ok()) {
        None => Ok(()),
        Some(topic) => Err(format!("deleting {:?}: {:?}", topic.name, topic.error_code).into()),
    }
}

/// Records in a topic: the sum of its partitions' ends. Right for topics nothing was deleted from.
pub(crate) fn records_in(address: SocketAddr, topic: &str, partitions: i32) -> Result<u64> {
    let mut to = Connection::open(address)?;
    let mut sum = 0;
    for first in (0..partitions).step_by(usize::try_from(AT_ONCE)?) {
        let asked = |index| ListOffsetsPartition {
            partition_index: index,
            timestamp: LATEST,
            ..ListOffsetsPartition::default()
        };
        let last = partitions.min(first + AT_ONCE);
        let asked = ListOffsetsTopic { name: topic.into(), partitions: (first..last).map(asked).collect() };
        let request =
            ListOffsetsRequest { replica_id: -1, topics: vec![asked], ..ListOffsetsRequest::default() };
        for partition in to.ask(LIST_OFFSETS, &request)?.topics.iter().flat_map(|topic| &topic.partitions) {
            if !partition.error_code.is_ok() {
                return Err(format!("the end of {topic}: {:?}", partition.error_code).into());
            }
            sum += u64::try_from(partition.offset)?;
        }
    }
    Ok(sum)
}
