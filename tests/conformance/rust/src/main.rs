//! The Rust binding of librdkafka: the cases every client has to pass.

mod cases;
mod clients;
mod groups;

use std::{process::ExitCode, time::SystemTime};

use cases::{Case, Done, unique, until};
use clients::{
    Pair, TIMEOUT, admin, code, config, consumer, create, create_named, numbers, options, poll, produce,
    read, take, text, values, wait,
};
use rdkafka::{
    Message, Offset, TopicPartitionList,
    admin::{AlterConfig, NewPartitions, ResourceSpecifier},
    consumer::Consumer,
    error::KafkaError,
    message::{Header, Headers, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer},
    types::RDKafkaErrorCode,
};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().collect();
    if let [_, mode, bootstrap, topic, group] = &arguments[..]
        && mode == "--member"
    {
        return groups::stay(bootstrap, topic, group).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    cases::run(&[CASES, groups::CASES].concat())
}

const CASES: &[Case] = &[
    ("codec_none", |bootstrap| round_trip(bootstrap, "none")),
    ("codec_gzip", |bootstrap| round_trip(bootstrap, "gzip")),
    ("codec_snappy", |bootstrap| round_trip(bootstrap, "snappy")),
    ("codec_lz4", |bootstrap| round_trip(bootstrap, "lz4")),
    ("codec_zstd", |bootstrap| round_trip(bootstrap, "zstd")),
    ("acks_of_every_kind", acks_of_every_kind),
    ("idempotent_producer_keeps_order", idempotent_producer_keeps_order),
    ("headers_keep_order_duplicates_and_nulls", headers_keep_order_duplicates_and_nulls),
    ("nulls_and_empties_differ", nulls_and_empties_differ),
    ("a_megabyte_fits_and_more_is_refused", a_megabyte_fits_and_more_is_refused),
    ("seek_by_time_and_watermarks", seek_by_time_and_watermarks),
    ("pause_holds_a_partition_back", pause_holds_a_partition_back),
    ("admin_topics_and_partitions", admin_topics_and_partitions),
    ("admin_configs", admin_configs),
    ("delete_records_moves_the_start", delete_records_moves_the_start),
    ("the_cluster_describes_itself", the_cluster_describes_itself),
    ("auto_created_topics", auto_created_topics),
    ("an_unknown_topic_is_refused", an_unknown_topic_is_refused),
];

fn round_trip(bootstrap: &str, codec: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let sent: Vec<_> = numbers(500).iter().map(|number| format!("value {number} ").repeat(20)).collect();
    produce(bootstrap, &topic, &values(&sent), &[("compression.type", codec), ("linger.ms", "20")])?;
    let got: Vec<_> = read(bootstrap, &topic, 500)?.iter().map(text).collect();
    assert!(got == sent);
    Ok(())
}

fn acks_of_every_kind(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    for acks in ["0", "1", "all"] {
        produce(bootstrap, &topic, &[(None, Some(acks.as_bytes()))], &[("acks", acks)])?;
    }
    assert_eq!(read(bootstrap, &topic, 3)?.len(), 3);
    Ok(())
}

fn idempotent_producer_keeps_order(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let sent = numbers(5000);
    let settings = [("enable.idempotence", "true"), ("linger.ms", "0"), ("batch.num.messages", "50")];
    let offsets = produce(bootstrap, &topic, &values(&sent), &settings)?;
    assert!(offsets.into_iter().eq(0..5000));
    let got: Vec<_> = read(bootstrap, &topic, 5000)?.iter().map(text).collect();
    assert!(got == sent);
    Ok(())
}

fn headers_keep_order_duplicates_and_nulls(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let wanted: [(&str, Option<&[u8]>); 4] =
        [("a", Some(b"1")), ("b", None), ("a", Some(b"2")), ("c", Some(b""))];
    let headers = wanted
        .iter()
        .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: *value }));
    let producer: FutureProducer = config(bootstrap, &[]).create()?;
    let record = FutureRecord::<[u8], [u8]>::to(&topic).payload(b"v").headers(headers);
    wait(producer.send(record, TIMEOUT)).map_err(|(error, _)| error)?;
    let message = read(bootstrap, &topic, 1)?.remove(0);
    let got = message.headers().ok_or("no headers")?;
    assert_eq!(got.iter().map(|header| (header.key, header.value)).collect::<Vec<_>>(), wanted);
    Ok(())
}

fn nulls_and_empties_differ(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let sent: [Pair<'_>; 4] = [(None, None), (Some(b""), Some(b"")), (Some(b"k"), None), (None, Some(b"v"))];
    produce(bootstrap, &topic, &sent, &[])?;
    let got = read(bootstrap, &topic, 4)?;
    assert_eq!(got.iter().map(|message| (message.key(), message.payload())).collect::<Vec<_>>(), sent);
    Ok(())
}

fn a_megabyte_fits_and_more_is_refused(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let settings = [("message.max.bytes", "3000000")];
    produce(bootstrap, &topic, &[(None, Some(&[b'x'; 1_000_000]))], &settings)?;
    assert_eq!(read(bootstrap, &topic, 1)?[0].payload().map(<[u8]>::len), Some(1_000_000));
    let refused = produce(bootstrap, &topic, &[(None, Some(&[b'x'; 2_000_000]))], &settings);
    assert_eq!(refused.err().as_ref().and_then(code), Some(RDKafkaErrorCode::MessageSizeTooLarge));
    Ok(())
}

fn seek_by_time_and_watermarks(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    let now = i64::try_from(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_millis())?;
    let producer: FutureProducer = config(bootstrap, &[]).create()?;
    for number in 0..10 {
        let value = number.to_string();
        let record = FutureRecord::<[u8], _>::to(&topic)
            .payload(value.as_bytes())
            .timestamp(now - 10_000 + number * 1000);
        wait(producer.send(record, TIMEOUT)).map_err(|(error, _)| error)?;
    }
    let reader = consumer(bootstrap, &unique("group"), &[])?;
    assert_eq!(reader.fetch_watermarks(&topic, 0, TIMEOUT)?, (0, 10));
    let mut asked = TopicPartitionList::new();
    asked.add_partition_offset(&topic, 0, Offset::Offset(now - 5_500))?;
    let found = reader.offsets_for_times(asked, TIMEOUT)?;
    assert_eq!(found.elements()[0].offset(), Offset::Offset(5));
    reader.assign(&found)?;
    let messages = take(&reader, 5)?;
    assert_eq!(
        (text(&messages[0]), messages[0].timestamp().to_millis()),
        ("5".to_owned(), Some(now - 5_000))
    );
    reader.seek(&topic, 0, Offset::Offset(8), TIMEOUT)?;
    assert_eq!(text(&take(&reader, 1)?[0]), "8");
    reader.seek(&topic, 0, Offset::OffsetTail(1), TIMEOUT)?;
    until("the last message", || Ok(poll(&reader)?.is_some_and(|message| message.offset() == 9)))
}

fn pause_holds_a_partition_back(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 2, &[])?;
    let reader = consumer(bootstrap, &unique("group"), &[])?;
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(&topic, 0, Offset::Beginning)?;
    partitions.add_partition_offset(&topic, 1, Offset::Beginning)?;
    reader.assign(&partitions)?;
    let mut held = TopicPartitionList::new();
    held.add_partition(&topic, 0);
    reader.pause(&held)?;
    let producer: FutureProducer = config(bootstrap, &[]).create()?;
    for (partition, value) in [(0, "held"), (1, "seen")] {
        let record = FutureRecord::<[u8], _>::to(&topic).partition(partition).payload(value);
        wait(producer.send(record, TIMEOUT)).map_err(|(error, _)| error)?;
    }
    assert_eq!(text(&take(&reader, 1)?[0]), "seen");
    reader.resume(&held)?;
    assert_eq!(text(&take(&reader, 1)?[0]), "held");
    Ok(())
}

fn admin_topics_and_partitions(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 2, &[])?;
    assert_eq!(create_named(bootstrap, &topic, 1, &[])?, Err(RDKafkaErrorCode::TopicAlreadyExists));
    assert_eq!(create_named(bootstrap, "not/a/name", 1, &[])?, Err(RDKafkaErrorCode::InvalidTopic));
    let unknown = create_named(bootstrap, &unique("topic"), 1, &[("no.such.setting", "1")])?;
    assert_eq!(unknown, Err(RDKafkaErrorCode::InvalidConfig));
    let admin = admin(bootstrap)?;
    let count = || {
        admin.inner().fetch_metadata(Some(&topic), TIMEOUT).map(|found| found.topics()[0].partitions().len())
    };
    assert!(wait(admin.create_partitions([&NewPartitions::new(&topic, 5)], &options()))?.remove(0).is_ok());
    until("five partitions", || Ok(count()? == 5))?;
    let fewer = wait(admin.create_partitions([&NewPartitions::new(&topic, 1)], &options()))?.remove(0);
    assert_eq!(fewer.map_err(|(_, code)| code), Err(RDKafkaErrorCode::InvalidPartitions));
    assert!(wait(admin.delete_topics(&[&topic], &options()))?.remove(0).is_ok());
    until("the topic being gone", || {
        let all = admin.inner().fetch_metadata(None, TIMEOUT)?;
        Ok(!all.topics().iter().any(|found| found.name() == topic))
    })
}

fn admin_configs(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[("retention.ms", "5000")])?;
    let admin = admin(bootstrap)?;
    let value = |name: &str| -> Result<Option<String>, Box<dyn std::error::Error>> {
        let mut described = wait(admin.describe_configs([&ResourceSpecifier::Topic(&topic)], &options()))?;
        let resource = described.remove(0)?;
        Ok(resource.get(name).and_then(|entry| entry.value.clone()))
    };
    assert_eq!(value("retention.ms")?.as_deref(), Some("5000"));
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic)).set("cleanup.policy", "compact");
    assert!(wait(admin.alter_configs([&change], &options()))?.remove(0).is_ok());
    until("the new settings", || {
        Ok(value("cleanup.policy")?.as_deref() == Some("compact")
            && value("retention.ms")?.as_deref() == Some("604800000"))
    })?;
    let broker = wait(admin.describe_configs([&ResourceSpecifier::Broker(1)], &options()))?.remove(0)?;
    assert!(broker.entries.len() > 100);
    Ok(())
}

fn delete_records_moves_the_start(bootstrap: &str) -> Done {
    let topic = create(bootstrap, 1, &[])?;
    produce(bootstrap, &topic, &values(&numbers(10)), &[])?;
    let delete = |offset| {
        let mut before = TopicPartitionList::new();
        before.add_partition_offset(&topic, 0, Offset::Offset(offset))?;
        wait(admin(bootstrap)?.delete_records(&before, &options()))
    };
    assert_eq!(delete(4)?.elements()[0].offset(), Offset::Offset(4));
    assert_eq!(read(bootstrap, &topic, 6)?[0].offset(), 4);
    let beyond = delete(100)?.elements()[0].error();
    assert_eq!(beyond, Err(KafkaError::OffsetFetch(RDKafkaErrorCode::OffsetOutOfRange)));
    Ok(())
}

fn the_cluster_describes_itself(bootstrap: &str) -> Done {
    let producer: FutureProducer = config(bootstrap, &[]).create()?;
    let metadata = producer.client().fetch_metadata(None, TIMEOUT)?;
    let brokers: Vec<_> =
        metadata.brokers().iter().map(|one| (one.id(), format!("{}:{}", one.host(), one.port()))).collect();
    assert_eq!(brokers, [(1, bootstrap.to_owned())]);
    assert_eq!(producer.client().fetch_cluster_id(TIMEOUT).map(|id| id.len()), Some(22));
    Ok(())
}

fn auto_created_topics(bootstrap: &str) -> Done {
    let topic = unique("auto");
    produce(bootstrap, &topic, &[(None, Some(b"v"))], &[])?;
    assert_eq!(text(&read(bootstrap, &topic, 1)?[0]), "v");
    Ok(())
}

fn an_unknown_topic_is_refused(bootstrap: &str) -> Done {
    let topic = unique("unknown");
    let reader = consumer(bootstrap, &unique("group"), &[("allow.auto.create.topics", "false")])?;
    reader.subscribe(&[&topic])?;
    until("the refusal", || match poll(&reader) {
        Err(error) if code(&error) == Some(RDKafkaErrorCode::UnknownTopicOrPartition) => Ok(true),
        other => Ok(other.map(|_| false)?),
    })?;
    let deleted = wait(admin(bootstrap)?.delete_topics(&[&topic], &options()))?.remove(0);
    assert_eq!(deleted.map_err(|(_, code)| code), Err(RDKafkaErrorCode::UnknownTopicOrPartition));
    Ok(())
}
