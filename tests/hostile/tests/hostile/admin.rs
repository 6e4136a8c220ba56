//! I25: topics and partitions in numbers.

use std::time::{Duration, Instant};

use ottla_hostile::{Broker, MIB, create, create_topic, figure, produce, scaled};
use ottla_testkit::until;
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    create_partitions_request::{CreatePartitionsRequest, CreatePartitionsTopic},
    delete_topics_request::{DeleteTopicState, DeleteTopicsRequest},
    describe_topic_partitions_request::DescribeTopicPartitionsRequest,
    list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
    metadata_request::MetadataRequest,
};

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{prefix}-{n}")).collect()
}

#[test]
fn i25_ten_thousand_partitions_are_created_listed_and_described() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let partitions = scaled(4_000_usize, 10_000);
    let began = Instant::now();
    for part in names("t", 100).chunks(10) {
        let created = create(&mut wire, part, i32::try_from(partitions / 100).expect("small"), &[]);
        assert!(created.iter().all(|code| code.is_ok()), "{created:?}");
    }
    figure("i25.partitions", partitions, "");
    figure("i25.create", began.elapsed().as_millis(), "ms");
    let began = Instant::now();
    let listed = until("all leaders", Duration::from_secs(60), || {
        let answer = wire.ask(12, &MetadataRequest { topics: None, ..Default::default() });
        let led =
            answer.topics.iter().flat_map(|topic| &topic.partitions).filter(|p| p.leader_id >= 0).count();
        (led > partitions).then_some(led)
    });
    figure("i25.list", began.elapsed().as_millis(), "ms");
    assert_eq!(listed, partitions + 1, "and the probe's");
    let began = Instant::now();
    let mut request = DescribeTopicPartitionsRequest { response_partition_limit: 2000, ..Default::default() };
    let mut described = 0;
    loop {
        let answer = wire.ask(0, &request);
        described += answer.topics.iter().map(|topic| topic.partitions.len()).sum::<usize>();
        let Some(next) = answer.next_cursor else { break };
        request.cursor = Some(ottla_wire::messages::describe_topic_partitions_request::Cursor {
            topic_name: next.topic_name,
            partition_index: next.partition_index,
        });
    }
    figure("i25.describe", began.elapsed().as_millis(), "ms");
    assert_eq!(described, partitions + 1);
    let partition = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: -1,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let each = i32::try_from(partitions / 100).expect("small");
    let topic = |name: &String| ListOffsetsTopic {
        name: name.clone().into(),
        partitions: (0..each).map(partition).collect(),
    };
    let began = Instant::now();
    let topics = names("t", 100).iter().map(topic).collect();
    let answer = wire.ask(7, &ListOffsetsRequest { replica_id: -1, topics, ..Default::default() });
    let known = answer.topics.iter().flat_map(|topic| &topic.partitions).filter(|p| p.offset == 0).count();
    assert_eq!(known, partitions);
    figure("i25.offsets", began.elapsed().as_millis(), "ms");
    let answer = produce(&mut wire, 9, "t-99", each - 1, super::batches::value(b"v"));
    assert_eq!(answer.error_code, ErrorCode::NONE);
    figure("i25.rss_per_partition", broker.growth() / partitions as u64, "bytes");
    broker.finish("i25.partitions", partitions as u64 * (24 << 10) + 64 * MIB);
}

#[test]
fn i25_one_request_creates_no_more_than_ten_thousand_partitions() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    for (count, partitions) in [(1, 10_001), (1, i32::MAX), (101, 100)] {
        let refused = create(&mut wire, &names("many", count), partitions, &[]);
        assert!(refused.iter().all(|code| *code == ErrorCode::POLICY_VIOLATION), "{refused:?}");
    }
    create_topic(&mut wire, "t", 1, &[]);
    let grow = |count| CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic { name: "t".into(), count, assignments: None }],
        timeout_ms: 1000,
        ..Default::default()
    };
    for count in [10_002, i32::MAX] {
        assert_eq!(wire.ask(3, &grow(count)).results[0].error_code, ErrorCode::POLICY_VIOLATION);
    }
    broker.finish("i25.request", 48 * MIB);
}

/// `ottla.max.partitions`: a flood of topics ends at a number somebody has set.
#[test]
fn i25_a_flood_of_topics_ends_at_the_limit() {
    if ottla_testkit::Target::from_env() == ottla_testkit::Target::Kafka {
        return; // Kafka has no such limit.
    }
    let broker = Broker::start_with(&[("ottla.max.partitions", "200")]);
    let mut wire = broker.connect();
    let codes: Vec<ErrorCode> =
        names("t", 100).chunks(7).flat_map(|part| create(&mut wire, part, 3, &[])).collect();
    let made = codes.iter().take_while(|code| code.is_ok()).count();
    assert_eq!(made, 66, "199 partitions beside the probe's");
    assert!(codes[made..].iter().all(|code| *code == ErrorCode::POLICY_VIOLATION), "{codes:?}");
    let grow = CreatePartitionsRequest {
        topics: vec![CreatePartitionsTopic { name: "t-0".into(), count: 5, assignments: None }],
        timeout_ms: 1000,
        ..Default::default()
    };
    assert_eq!(wire.ask(3, &grow).results[0].error_code, ErrorCode::POLICY_VIOLATION);
    let delete = DeleteTopicsRequest {
        topics: vec![DeleteTopicState { name: Some("t-1".into()), ..Default::default() }],
        timeout_ms: 1000,
        ..Default::default()
    };
    assert_eq!(wire.ask(6, &delete).responses[0].error_code, ErrorCode::NONE);
    create_topic(&mut wire, "again", 3, &[]);
    broker.finish("i25.limit", 48 * MIB);
}
