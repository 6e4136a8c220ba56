use bytes::Bytes;
use ottla_records::{BatchBuilder, Codec, NewRecord};
use ottla_types::Str;
use ottla_wire::messages::{
    api_versions_request::ApiVersionsRequest,
    fetch_request::{FetchPartition, FetchRequest, FetchTopic},
    fetch_response::FetchResponse,
    produce_request::{PartitionProduceData, ProduceRequest, TopicProduceData},
};

use crate::{
    Cases, Run, Stop, Topic,
    cases::{
        UNKNOWN_ID,
        batches::{TIME, batch, changed, compressed, filled},
        unknown,
    },
};

pub(super) fn add(cases: &mut Cases) {
    versions(cases);
    addresses(cases);
    acks(cases);
    batches(cases);
    records(cases);
}

/// Batches for partitions of one topic, acks −1.
pub(in crate::cases) fn produce(topic: &Topic, partitions: &[(i32, Bytes)]) -> ProduceRequest {
    let partition = |(index, records): &(i32, Bytes)| PartitionProduceData {
        index: *index,
        records: Some(records.clone().into()),
    };
    let data = TopicProduceData {
        name: topic.name.clone(),
        topic_id: topic.id,
        partition_data: partitions.iter().map(partition).collect(),
    };
    ProduceRequest { acks: -1, timeout_ms: 5000, topic_data: vec![data], ..Default::default() }
}

/// Everything in a partition, from its start.
pub(in crate::cases) fn read(topic: &Topic, partition: i32) -> FetchRequest {
    let partition = FetchPartition { partition, partition_max_bytes: 1 << 20, ..Default::default() };
    let topic = FetchTopic { topic: topic.name.clone(), topic_id: topic.id, partitions: vec![partition] };
    FetchRequest { max_bytes: 1 << 20, topics: vec![topic], ..Default::default() }
}

fn versions(cases: &mut Cases) {
    cases.at(&[3, 4, 5, 7, 8, 9, 10, 11, 12, 13], "produce", |run, version| {
        let topic = run.topic(2)?;
        run.ask(version, produce(&topic, &[(0, batch(&["a", "b"])), (1, batch(&["c"]))]))?;
        run.ask(version, produce(&topic, &[(0, batch(&["d"]))]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[0, 1, 2], "produce-old-version", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, produce(&topic, &[(0, batch(&["a"]))])).map(drop)
    });
}

fn addresses(cases: &mut Cases) {
    cases.at(&[3, 8, 12], "produce-unknown-topic", |run, version| {
        let topic = Topic { name: unknown(), ..Default::default() };
        run.ask(version, produce(&topic, &[(0, batch(&["a"])), (5, batch(&["b"]))])).map(drop)
    });
    cases.add("produce-unknown-id", |run| {
        let mut topic = run.topic(1)?;
        topic.id = UNKNOWN_ID;
        run.ask(13, produce(&topic, &[(0, batch(&["a"]))]))?;
        run.ask(13, produce(&Topic::default(), &[(0, batch(&["a"]))])).map(drop)
    });
    cases.at(&[3, 9, 13], "produce-bad-partition", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, produce(&topic, &[(1, batch(&["a"])), (0, batch(&["b"])), (-1, batch(&["c"]))]))
            .map(drop)
    });
    cases.at(&[3, 12, 13], "produce-nothing", |run, version| {
        let topic = run.topic(1)?;
        run.try_ask(version, ProduceRequest { topic_data: vec![], ..produce(&topic, &[]) })?;
        run.try_ask(version, produce(&topic, &[]))?;
        // Null records are left out: Apache Kafka never answers them.
        run.try_ask(version, produce(&topic, &[(0, Bytes::new())])).map(drop)
    });
    cases.at(&[7, 13], "produce-partition-twice", |run, version| {
        let topic = run.topic(1)?;
        run.try_ask(version, produce(&topic, &[(0, batch(&["a"])), (0, batch(&["b"]))]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[7, 13], "produce-topic-twice", |run, version| {
        let topic = run.topic(2)?;
        let mut request = produce(&topic, &[(0, batch(&["a"]))]);
        request.topic_data.extend(produce(&topic, &[(1, batch(&["b"]))]).topic_data);
        run.try_ask(version, request)?;
        run.ask(12, read(&topic, 1)).map(drop)
    });
    cases.add("produce-bad-name", |run| {
        for name in ["", "a b", ".."] {
            let topic = Topic { name: name.into(), ..Default::default() };
            run.ask(9, produce(&topic, &[(0, batch(&["a"]))]))?;
        }
        Ok(())
    });
}

fn acks(cases: &mut Cases) {
    cases.at(&[3, 13], "produce-acks", |run, version| {
        let topic = run.topic(1)?;
        for acks in [1, -1, 2, -2, i16::MAX] {
            run.try_ask(version, ProduceRequest { acks, ..produce(&topic, &[(0, batch(&["a"]))]) })?;
        }
        Ok(())
    });
    cases.at(&[3, 13], "produce-acks-0", |run, version| {
        let topic = run.topic(1)?;
        silent(run, version, produce(&topic, &[(0, batch(&["a"]))]))?;
        let is_there = |answer: &FetchResponse| answer.responses[0].partitions[0].high_watermark == 1;
        run.ask_until(12, read(&topic, 0), is_there).map(drop)
    });
    cases.at(&[3, 13], "produce-acks-0-fails", |run, version| {
        let topic = run.topic(1)?;
        silent(run, version, produce(&topic, &[(9, batch(&["a"]))]))
    });
    cases.add("produce-acks-0-corrupt", |run| {
        let topic = run.topic(1)?;
        let mut bytes = batch(&["a"]).to_vec();
        bytes[16] = 3;
        silent(run, 9, produce(&topic, &[(0, bytes.into())]))
    });
    cases.add("produce-not-enough-replicas", |run| {
        let topic = run.topic_named("t", 1, &[("min.insync.replicas", "2")])?;
        for acks in [-1, 1] {
            run.ask(9, ProduceRequest { acks, ..produce(&topic, &[(0, batch(&["a"]))]) })?;
        }
        Ok(())
    });
}

/// A produce that is not answered, and a request behind it that is, unless the broker has hung up.
fn silent(run: &mut Run, version: i16, request: ProduceRequest) -> Result<(), Stop> {
    let unanswered = run.send_on("", version, ProduceRequest { acks: 0, ..request })?;
    drop(unanswered);
    match run.ask_quietly(0, &ApiVersionsRequest::default()) {
        Ok(_) => run.note("no answer, the next request is answered"),
        Err(Stop::Closed) => run.note("no answer, closed"),
        Err(other) => return Err(other),
    }
    Ok(())
}

fn wrong(cases: &mut Cases, name: &str, make: impl Fn() -> Bytes + Clone + Send + Sync + 'static) {
    cases.at(&[3, 8, 13], &format!("produce-{name}"), move |run, version| {
        let topic = run.topic(1)?;
        run.try_ask(version, produce(&topic, &[(0, make())]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
}

fn batches(cases: &mut Cases) {
    wrong(cases, "bad-checksum", || {
        let mut bytes = batch(&["a"]).to_vec();
        bytes[20] ^= 1;
        bytes.into()
    });
    wrong(cases, "two-batches", || [batch(&["a"]), batch(&["b"])].concat().into());
    wrong(cases, "cut-batch", || batch(&["abcdefgh"]).slice(..66));
    wrong(cases, "cut-header", || batch(&["abcdefgh"]).slice(..40));
    wrong(cases, "few-bytes", || Bytes::from_static(b"\0\0\0\0\0"));
    wrong(cases, "bytes-behind", || [&batch(&["a"])[..], &[1, 2, 3]].concat().into());
    wrong(cases, "magic-1", || {
        let mut bytes = batch(&["a"]).to_vec();
        bytes[16] = 1;
        bytes.into()
    });
    wrong(cases, "magic-3", || {
        let mut bytes = batch(&["a"]).to_vec();
        bytes[16] = 3;
        bytes.into()
    });
    wrong(cases, "magic-negative", || {
        let mut bytes = batch(&["a"]).to_vec();
        bytes[16] = 0xff;
        bytes.into()
    });
    wrong(cases, "length-too-small", || changed(&batch(&["a"]), |header| header.batch_length = 5));
    wrong(cases, "length-below-header", || changed(&batch(&["a"]), |header| header.batch_length = 20));
    wrong(cases, "length-too-large", || changed(&batch(&["a"]), |header| header.batch_length = i32::MAX));
    cases.at(&[3, 8, 13], "produce-corrupt-beside-good", |run, version| {
        let topic = run.topic(2)?;
        let mut bytes = batch(&["a"]).to_vec();
        bytes[16] = 3;
        run.ask(version, produce(&topic, &[(0, batch(&["a"])), (1, bytes.into())]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[3, 8, 13], "produce-bad-checksum-beside-good", |run, version| {
        let topic = run.topic(2)?;
        let mut bytes = batch(&["a"]).to_vec();
        bytes[20] ^= 1;
        run.ask(version, produce(&topic, &[(0, bytes.into()), (1, batch(&["a"]))]))?;
        run.ask(12, read(&topic, 1)).map(drop)
    });
    wrong(cases, "count-too-high", || changed(&batch(&["a", "b"]), |header| header.record_count = 3));
    wrong(cases, "count-too-low", || changed(&batch(&["a", "b"]), |header| header.record_count = 1));
    wrong(cases, "count-zero", || changed(&batch(&["a"]), |header| header.record_count = 0));
    wrong(cases, "count-negative", || changed(&batch(&["a"]), |header| header.record_count = -1));
    wrong(cases, "last-offset-wrong", || changed(&batch(&["a", "b"]), |header| header.last_offset_delta = 5));
    wrong(cases, "control", || filled(BatchBuilder::new().control(), &["a"]));
    wrong(cases, "transactional", || filled(BatchBuilder::new().transactional(), &["a"]));
    wrong(cases, "unknown-codec", || changed(&batch(&["a"]), |header| header.attributes |= 6));
    wrong(cases, "not-really-gzip", || changed(&batch(&["a"]), |header| header.attributes |= 1));
    wrong(cases, "base-offset-not-zero", || changed(&batch(&["a"]), |header| header.base_offset = 100));
    wrong(cases, "no-records", || filled(BatchBuilder::new(), &[]));
    wrong(cases, "negative-sequence", || {
        changed(&batch(&["a"]), |header| {
            (header.producer_id, header.producer_epoch, header.base_sequence) = (7, 0, -1);
        })
    });
}

fn records(cases: &mut Cases) {
    for (name, codec) in
        [("gzip", Codec::Gzip), ("snappy", Codec::Snappy), ("lz4", Codec::Lz4), ("zstd", Codec::Zstd)]
    {
        cases.add(format!("produce-{name}"), move |run| {
            let topic = run.topic(1)?;
            for version in [3, 7, 13] {
                run.ask(version, produce(&topic, &[(0, compressed(codec, &["a", "b", "c"]))]))?;
            }
            run.try_ask(4, read(&topic, 0))?;
            run.try_ask(10, read(&topic, 0)).map(drop)
        });
    }
    cases.add("produce-null-key-value-headers", |run| {
        let topic = run.topic(1)?;
        let mut builder = BatchBuilder::new();
        let headers: [(&[u8], Option<&[u8]>); 3] = [(b"h", Some(b"1")), (b"h", None), (b"", Some(b""))];
        builder.push(&NewRecord { timestamp: TIME, key: None, value: None, headers: &headers });
        builder.push(&NewRecord { timestamp: TIME, key: Some(b""), value: Some(b""), headers: &[] });
        run.ask(9, produce(&topic, &[(0, builder.finish().freeze())]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[3, 8, 13], "produce-compacted-without-key", |run, version| {
        let topic = run.topic_named("t", 1, &[("cleanup.policy", "compact")])?;
        let mut builder = BatchBuilder::new();
        for key in [Some(&b"k"[..]), None, Some(b"k"), None] {
            builder.push(&NewRecord { timestamp: TIME, key, value: Some(b"v"), headers: &[] });
        }
        run.ask(version, produce(&topic, &[(0, builder.finish().freeze())]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.at(&[3, 9], "produce-too-large", |run, version| {
        let topic = run.topic_named("t", 1, &[("max.message.bytes", "200")])?;
        let long = "x".repeat(300);
        run.ask(version, produce(&topic, &[(0, batch(&[&long]))]))?;
        run.ask(version, produce(&topic, &[(0, batch(&["short"]))])).map(drop)
    });
    cases.at(&[3, 9], "produce-larger-than-segment", |run, version| {
        let topic =
            run.topic_named("t", 1, &[("segment.bytes", "1048576"), ("max.message.bytes", "4000000")])?;
        let long = "x".repeat(1_100_000);
        let answer = run.ask_quietly(version, &produce(&topic, &[(0, batch(&[&long]))]))?;
        run.note(&format!("{:?}", answer.responses[0].partition_responses));
        Ok(())
    });
    timestamps(cases);
}

fn timestamps(cases: &mut Cases) {
    cases.at(&[3, 8, 13], "produce-timestamp-too-old", |run, version| {
        let topic = run.topic_named("t", 1, &[("message.timestamp.before.max.ms", "1000")])?;
        run.ask(version, produce(&topic, &[(0, batch(&["a", "b"]))])).map(drop)
    });
    cases.add("produce-timestamp-in-future", |run| {
        let topic = run.topic(1)?;
        let mut builder = BatchBuilder::new();
        let far = 1_700_000_000_000 * 3;
        builder.push(&NewRecord { timestamp: far, key: None, value: Some(b"v"), headers: &[] });
        let answer = run.ask_quietly(9, &produce(&topic, &[(0, builder.finish().freeze())]))?;
        let partition = &answer.responses[0].partition_responses[0];
        run.note(&format!("{:?}, {} record errors", partition.error_code, partition.record_errors.len()));
        Ok(())
    });
    cases.add("produce-log-append-time", |run| {
        let topic = run.topic_named("t", 1, &[("message.timestamp.type", "LogAppendTime")])?;
        run.ask(9, produce(&topic, &[(0, batch(&["a", "b"]))]))?;
        run.ask(3, produce(&topic, &[(0, batch(&["a", "b"]))]))?;
        let answer = run.ask_quietly(12, &read(&topic, 0))?;
        let partition = &answer.responses[0].partitions[0];
        run.note(&format!("{:?}, up to {}", partition.error_code, partition.high_watermark));
        Ok(())
    });
    cases.add("produce-without-timestamp", |run| {
        let topic = run.topic(1)?;
        let mut builder = BatchBuilder::new();
        builder.push(&NewRecord { timestamp: -1, key: None, value: Some(b"v"), headers: &[] });
        run.ask(9, produce(&topic, &[(0, builder.finish().freeze())]))?;
        run.ask(12, read(&topic, 0)).map(drop)
    });
    cases.add("produce-transactional-id", |run| {
        let topic = run.topic(1)?;
        let transactional_id = Some(Str::from_static("x"));
        run.ask(9, ProduceRequest { transactional_id, ..produce(&topic, &[(0, batch(&["a"]))]) }).map(drop)
    });
}
