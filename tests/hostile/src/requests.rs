//! Requests most tests need.

use bytes::Bytes;
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    Records,
    messages::{
        create_topics_request::{CreatableTopic, CreatableTopicConfig, CreateTopicsRequest},
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        fetch_response::PartitionData,
        metadata_request::{MetadataRequest, MetadataRequestTopic},
        produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
        produce_response::PartitionProduceResponse,
    },
};

use crate::Wire;

/// Creates topics of one partition count; gives the error codes in order.
pub fn create(
    wire: &mut Wire,
    names: &[String],
    partitions: i32,
    settings: &[(&str, &str)],
) -> Vec<ErrorCode> {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: Str::from(name.to_string()),
        value: Some((*value).into()),
    };
    let topic = |name: &String| CreatableTopic {
        name: name.clone().into(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: settings.iter().map(config).collect(),
        ..Default::default()
    };
    let topics = names.iter().map(topic).collect();
    let request = CreateTopicsRequest { topics, timeout_ms: 60_000, ..Default::default() };
    wire.ask(7, &request).topics.into_iter().map(|topic| topic.error_code).collect()
}

/// Creates a topic and waits until it has leaders.
///
/// # Panics
/// It is refused.
pub fn create_topic(wire: &mut Wire, name: &str, partitions: i32, settings: &[(&str, &str)]) {
    let created = create(wire, &[name.to_owned()], partitions, settings);
    assert_eq!(created, [ErrorCode::NONE], "topic {name}");
    let named = MetadataRequestTopic { name: Some(name.into()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![named]), ..Default::default() };
    ottla_testkit::until("a leader of every partition", std::time::Duration::from_secs(20), || {
        let topic = wire.ask(9, &request).topics.into_iter().next()?;
        let led = topic.partitions.iter().filter(|partition| partition.leader_id >= 0).count();
        (led == usize::try_from(partitions).ok()?).then_some(())
    });
}

/// Produces what `records` holds to one partition.
pub fn produce(
    wire: &mut Wire,
    version: i16,
    topic: &str,
    index: i32,
    records: Bytes,
) -> PartitionProduceResponse {
    let partition = PartitionProduceData { index, records: Some(Records::from(records)) };
    let topic =
        TopicProduceData { name: topic.into(), partition_data: vec![partition], ..Default::default() };
    let request =
        ProduceRequest { acks: -1, timeout_ms: 30_000, topic_data: vec![topic], ..Default::default() };
    let mut response = wire.ask(version, &request);
    response.responses.remove(0).partition_responses.remove(0)
}

/// A fetch of one partition that does not wait.
#[must_use]
pub fn fetch_request(topic: &str, partition: i32, offset: i64, max_bytes: i32) -> FetchRequest {
    let partition = FetchPartition {
        partition,
        fetch_offset: offset,
        partition_max_bytes: max_bytes,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let topic = FetchTopic { topic: topic.into(), partitions: vec![partition], ..Default::default() };
    FetchRequest {
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes,
        session_epoch: -1,
        topics: vec![topic],
        ..Default::default()
    }
}

/// Fetches one partition without waiting.
pub fn fetch(wire: &mut Wire, topic: &str, partition: i32, offset: i64, max_bytes: i32) -> PartitionData {
    let mut response = wire.ask(11, &fetch_request(topic, partition, offset, max_bytes));
    assert_eq!(response.error_code, ErrorCode::NONE, "a fetch");
    response.responses.remove(0).partitions.remove(0)
}

/// All records of a partition as they lie in its log, and the high watermark.
pub fn read_all(wire: &mut Wire, topic: &str, partition: i32) -> (Bytes, i64) {
    let answer = fetch(wire, topic, partition, 0, 64 << 20);
    (answer.records.map(Records::into_memory).unwrap_or_default(), answer.high_watermark)
}
