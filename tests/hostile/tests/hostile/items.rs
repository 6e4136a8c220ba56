//! I8, I9, bugs 64 and 80: many small things in one request, many requests in one connection.

use bytes::Bytes;
use ottla_hostile::{Broker, MIB, cpu_seconds, create_topic, figure, framed, header, scaled};
use ottla_types::{ErrorCode, Str};
use ottla_wire::{
    ApiKey, Request, RequestHeader, encode_request,
    messages::{
        api_versions_request::ApiVersionsRequest,
        describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
        fetch_request::{FetchPartition, FetchRequest, FetchTopic},
        list_groups_request::ListGroupsRequest,
        list_offsets_request::{ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic},
        metadata_request::{MetadataRequest, MetadataRequestTopic},
    },
};

/// What one request may cost besides its frame: decoded items and the answer.
const ONE_REQUEST: u64 = 96 * MIB;

#[test]
fn i08_a_million_topics_in_metadata_is_bounded_work() {
    let broker = Broker::start();
    let topic = |n: u32| MetadataRequestTopic { name: Some(format!("{n:07}").into()), ..Default::default() };
    let request =
        |count| MetadataRequest { topics: Some((0..count).map(topic).collect()), ..Default::default() };
    // A large cluster's worth is answered.
    let answer = broker.connect().ask(9, &request(50_000));
    assert_eq!(answer.topics.len(), 50_000);
    let began = cpu_seconds(broker.node().pid());
    let mut wire = broker.connect();
    let answer = wire.try_ask(9, &request(1_000_000));
    figure("i08.metadata_million_cpu", cpu_seconds(broker.node().pid()) - began, "s");
    // Kafka answers it.
    assert_eq!(answer.is_err(), broker.is_ottla(), "beyond the bound of items the connection closes");
    broker.finish("i08.metadata", ONE_REQUEST);
}

#[test]
fn i08_a_hundred_thousand_partitions_in_fetch_and_list_offsets_are_answered() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    create_topic(&mut wire, "t", 1, &[]);
    let records = super::batches::value(&[b'x'; 1000]);
    ottla_hostile::produce(&mut wire, 9, "t", 0, records);
    let partition = |partition| FetchPartition {
        partition,
        partition_max_bytes: 1 << 20,
        current_leader_epoch: -1,
        ..Default::default()
    };
    let fetch = |numbers: &mut dyn Iterator<Item = i32>| FetchRequest {
        max_bytes: 50 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: "t".into(),
            partitions: numbers.map(partition).collect(),
            ..Default::default()
        }],
        ..Default::default()
    };
    let began = cpu_seconds(broker.node().pid());
    let answer = wire.ask(11, &fetch(&mut (0..100_000)));
    assert_eq!(answer.responses.iter().map(|topic| topic.partitions.len()).sum::<usize>(), 100_000);
    figure("i08.fetch_unknown_cpu", cpu_seconds(broker.node().pid()) - began, "s");
    // The one partition there is, again and again.
    let began = cpu_seconds(broker.node().pid());
    let answer = wire.ask(11, &fetch(&mut std::iter::repeat_n(0, 100_000)));
    assert_eq!(answer.error_code, ErrorCode::NONE);
    figure("i08.fetch_repeated_cpu", cpu_seconds(broker.node().pid()) - began, "s");
    let partition = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: -1,
        current_leader_epoch: -1,
        ..Default::default()
    };
    for numbers in [(0..100_000).collect::<Vec<_>>(), vec![0; 100_000]] {
        let topic =
            ListOffsetsTopic { name: "t".into(), partitions: numbers.into_iter().map(partition).collect() };
        let request = ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
        let began = cpu_seconds(broker.node().pid());
        assert!(!wire.ask(7, &request).topics.is_empty());
        figure("i08.list_offsets_cpu", cpu_seconds(broker.node().pid()) - began, "s");
    }
    broker.finish("i08.partitions", ONE_REQUEST);
}

#[test]
fn i08_one_resource_described_many_times_is_bounded() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let resource =
        |_| DescribeConfigsResource { resource_type: 4, resource_name: "1".into(), configuration_keys: None };
    let resources = (0..scaled(20_000, 200_000)).map(resource).collect();
    let request = DescribeConfigsRequest { resources, include_synonyms: true, include_documentation: true };
    // Whatever is answered, it is not three hundred settings for every six bytes. Kafka has no such bound.
    if broker.is_ottla() {
        let _ = wire.try_ask(4, &request);
    }
    broker.finish("i08.configs", 2 * ONE_REQUEST);
}

#[test]
fn i09_ten_thousand_pipelined_requests_are_answered_in_order() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let mut reader = broker.connect();
    std::mem::swap(&mut wire, &mut reader);
    let mut sender = wire.stream().try_clone().expect("a second handle");
    let requests = 10_000_i32;
    let sending = std::thread::spawn(move || {
        use std::io::Write;
        for n in 0..requests {
            // Every third has a correlation id that was used before.
            let correlation_id = if n % 3 == 0 { 7 } else { n };
            let frame = match n % 2 {
                0 => request(
                    correlation_id,
                    3,
                    &ApiVersionsRequest {
                        client_software_name: "a".into(),
                        client_software_version: "1".into(),
                    },
                ),
                _ => request(correlation_id, 4, &ListGroupsRequest::default()),
            };
            sender.write_all(&frame).expect("the broker reads on as it answers");
        }
    });
    for n in 0..requests {
        let ottla_hostile::Answered::Frame(frame) = wire.receive() else { panic!("closed at request {n}") };
        let expected = if n % 3 == 0 { 7 } else { n };
        assert_eq!(frame[..4], expected.to_be_bytes(), "answers come in the order of their requests");
        assert_eq!(frame.len() > 200, n % 2 == 0, "and each is the answer to its own");
    }
    sending.join().expect("all were sent");
    broker.finish("i09", 32 * MIB);
}

fn request<R: Request>(correlation_id: i32, version: i16, request: &R) -> Bytes {
    let header = RequestHeader {
        api_key: R::KEY.code(),
        api_version: version,
        correlation_id,
        client_id: Some(Str::from_static("h")),
    };
    let frame = encode_request(&header, request).expect("a request of this version");
    frame.into_bytes()
}

/// CVE-2026-111108: items that take two bytes on the wire and a hundred in memory.
#[test]
fn b80_items_cost_no_more_than_eight_times_their_bytes() {
    let broker = Broker::start();
    let count = scaled(1_u32 << 20, 16 << 20) as usize;
    let compact = [0xff, 0xff, 0x7f, 0x00];
    let cases: [(ApiKey, i16, Vec<u8>, &[u8]); 6] = [
        (ApiKey::Metadata, 9, vec![], &[1, 0]),
        (ApiKey::CreateTopics, 7, vec![], &[1, 0, 0, 0, 1, 0, 1, 1, 1, 0]),
        (ApiKey::DescribeConfigs, 4, vec![], &[2, 1, 1, 0]),
        (ApiKey::DeleteTopics, 5, vec![], &[1]),
        (ApiKey::DescribeGroups, 5, vec![], &[1]),
        (ApiKey::LeaveGroup, 5, vec![1], &[1, 0, 0, 0]),
    ];
    for (key, version, before, item) in cases {
        let mut frame = header(key.code(), version);
        frame.push(0);
        frame.extend(before);
        // A compact count of 2^21 - 2 where the frame holds at least as many bytes.
        frame.extend(&compact[..3]);
        frame.extend(item.repeat(count.max(2_097_150 / item.len() + 1)));
        let mut wire = broker.connect();
        wire.send(&framed(&frame));
        let _ = wire.receive();
        broker.probe().is_served();
    }
    broker.finish("b80", ONE_REQUEST + 8 * count as u64);
}
