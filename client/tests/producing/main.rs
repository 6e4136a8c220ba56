//! The producer against a real broker: Ottla, or Apache Kafka with `OTTLA_TEST_TARGET=kafka`.

use std::{
    collections::HashMap,
    time::{Duration, UNIX_EPOCH},
};

use ottla_client::{
    Ack, Acks, Client, OutgoingRecord, Position, Producer, ProducerOptions, Record, SendError,
};
use ottla_testkit::{Node, Proxy, Target};
use ottla_types::ErrorCode;

use tokio::time::timeout;

const TOPIC: &str = "records";

async fn client_of(address: &str) -> Client {
    Client::connect(address).await.expect("the broker runs")
}

async fn make(client: &Client, topic: &str, partitions: i32, settings: &[(&str, &str)]) {
    let settings: Vec<_> = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    client.create_topic(topic, partitions, 1, &settings).await.expect("the topic is made");
}

fn producer(client: &Client, options: ProducerOptions) -> Producer {
    Producer::new(client, options).expect("the options go together")
}

fn numbered(number: u32) -> OutgoingRecord {
    OutgoingRecord::new(format!("key-{}", number % 50), number.to_string())
}

/// Everything in the topic, by partition.
async fn read_all(client: &Client, topic: &str, count: usize) -> HashMap<i32, Vec<Record>> {
    let consumer = client.consumer().read(topic, Position::Start).start();
    let mut consumer = consumer.await.expect("the topic is there");
    let mut records: HashMap<i32, Vec<Record>> = HashMap::new();
    for read in 0..count {
        let next = timeout(Duration::from_secs(30), consumer.next()).await;
        let record =
            next.unwrap_or_else(|_| panic!("{read} of {count} records are there")).expect("it goes on");
        let record = record.expect("it can be read");
        records.entry(record.partition).or_default().push(record);
    }
    // A record too many would come now.
    let more = timeout(Duration::from_millis(200), consumer.next()).await;
    assert!(more.is_err(), "{more:?}");
    records
}

/// Each record is there once, in the order in which it was sent, where its acknowledgement says.
async fn assert_once_and_in_order(client: &Client, acks: &[Ack]) {
    let records = read_all(client, TOPIC, acks.len()).await;
    let number = |record: &Record| -> u32 {
        let value = record.value.as_deref().expect("a value");
        std::str::from_utf8(value).expect("text").parse().expect("a number")
    };
    for records in records.values() {
        assert!(records.is_sorted_by(|a, b| number(a) < number(b)), "out of order, or twice");
        for record in records {
            let ack = &acks[number(record) as usize];
            assert_eq!(ack.partition, record.partition);
            assert!(ack.offset == record.offset || ack.offset == -1, "{ack:?} stands at {}", record.offset);
        }
    }
}

/// Enqueues numbered records, does something now and then, and waits for all acknowledgements.
async fn send_all(producer: &Producer, count: u32, mut now_and_then: impl FnMut(u32)) -> Vec<Ack> {
    let mut waiting = Vec::new();
    for number in 0..count {
        now_and_then(number);
        waiting.push(producer.enqueue(TOPIC, numbered(number)).await.expect("it is taken"));
    }
    producer.flush().await.expect("all are acknowledged");
    let mut acks = Vec::new();
    for ack in waiting {
        acks.push(ack.await.expect("it is acknowledged"));
    }
    acks
}

#[tokio::test(flavor = "multi_thread")]
async fn records_stand_where_their_acknowledgements_say() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3, &[]).await;
    let producer = producer(&client, ProducerOptions::default());
    let acks = send_all(&producer, 20_000, |_| ()).await;
    assert!(acks.iter().all(|ack| ack.offset >= 0));
    assert_once_and_in_order(&client, &acks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_between_costs_nothing() {
    let mut node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3, &[]).await;
    let options = ProducerOptions { linger: Duration::ZERO, batch_bytes: 2000, ..ProducerOptions::default() };
    let producer = producer(&client, options);
    let acks = send_all(&producer, 20_000, |number| {
        if number % 7_000 == 3_500 {
            node.kill();
            node.restart();
        }
    })
    .await;
    assert_once_and_in_order(&client, &acks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_cost_nothing() {
    let proxy = Proxy::idle();
    let advertised = format!("PLAINTEXT://{}", proxy.address());
    let node = Node::start_with(Target::from_env(), &[("advertised.listeners", &advertised)]);
    proxy.forward(node.address(), 7, 12);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 3, &[]).await;
    let options = ProducerOptions {
        linger: Duration::ZERO,
        batch_bytes: 2000,
        retry_backoff: Duration::from_millis(10),
        ..ProducerOptions::default()
    };
    let producer = producer(&client, options);
    proxy.storm(true);
    let acks = send_all(&producer, 20_000, |_| ()).await;
    assert!(proxy.cuts() > 5, "{} connections were cut", proxy.cuts());
    proxy.storm(false);
    assert_once_and_in_order(&client, &acks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_is_said() {
    let mut node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 2, &[("max.message.bytes", "1000")]).await;
    let options = ProducerOptions {
        delivery_timeout: Duration::from_secs(3),
        request_timeout: Duration::from_secs(2),
        ..ProducerOptions::default()
    };
    let producer = producer(&client, options);
    let large = |bytes: usize| OutgoingRecord::value(vec![b'x'; bytes]);
    let error = producer.send(TOPIC, large(2_000_000)).await.expect_err("larger than a request");
    assert!(matches!(error, SendError::TooLarge { .. }), "{error}");
    let elsewhere = OutgoingRecord { partition: Some(2), ..OutgoingRecord::value("x") };
    let error = producer.send(TOPIC, elsewhere).await.expect_err("there are two");
    assert_eq!(error.to_string(), "records has no partition 2: its 2 are counted from 0");
    let error = producer.send(TOPIC, large(5_000)).await.expect_err("larger than the topic allows");
    assert!(
        matches!(
            error,
            SendError::Refused { code: ErrorCode::MESSAGE_TOO_LARGE, possibly_written: false, .. }
        ),
        "{error}"
    );
    producer.flush().await.expect_err("the flush tells of it");
    producer.send(TOPIC, large(10)).await.expect("the producer goes on");

    node.kill();
    let error = producer.send(TOPIC, large(10)).await.expect_err("nobody is there");
    assert!(matches!(error, SendError::TimedOut { .. }), "{error}");
    let handle = producer.clone();
    let _ = producer.close(Duration::from_secs(5)).await;
    let error = handle.send(TOPIC, large(10)).await.expect_err("it is closed");
    assert_eq!(error, SendError::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_too_large_for_the_topic_go_in_parts() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 2, &[("max.message.bytes", "300")]).await;
    let options = ProducerOptions { linger: Duration::from_millis(20), ..ProducerOptions::default() };
    let producer = producer(&client, options);
    let mut acks = send_all(&producer, 1_000, |_| ()).await;
    // One that will never fit takes nobody with it.
    let large = producer
        .enqueue(TOPIC, OutgoingRecord { partition: Some(0), ..OutgoingRecord::value(vec![b'x'; 500]) });
    let large = large.await.expect("it is taken");
    let beside = OutgoingRecord { partition: Some(0), ..numbered(1_000) };
    let beside = producer.enqueue(TOPIC, beside).await.expect("it is taken");
    let error = large.await.expect_err("larger than the topic allows");
    assert!(matches!(error, SendError::Refused { code: ErrorCode::MESSAGE_TOO_LARGE, .. }), "{error}");
    acks.push(beside.await.expect("it is acknowledged"));
    producer.flush().await.expect_err("the flush tells of the large one");
    assert_once_and_in_order(&client, &acks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_of_sending_arrives() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    // Not older than a topic keeps its records.
    let first =
        i64::try_from(UNIX_EPOCH.elapsed().expect("after 1970").as_millis()).expect("a time") - 60_000;
    let codecs = ["none", "gzip", "snappy", "lz4", "zstd"];
    let ways = [(Acks::None, false), (Acks::Leader, false), (Acks::All, false), (Acks::All, true)];
    for (at, (acks, idempotence)) in ways.into_iter().enumerate() {
        for codec in codecs {
            let topic = format!("{codec}-{at}");
            make(&client, &topic, 1, &[]).await;
            let codec = ottla_records::Codec::from_name(codec).expect("a codec");
            let options = ProducerOptions { acks, idempotence, codec, ..ProducerOptions::default() };
            let producer = producer(&client, options);
            for number in 0..500 {
                let record = OutgoingRecord {
                    headers: vec![("h".into(), None), ("h".into(), Some("v".into()))],
                    timestamp: Some(first + i64::from(number)),
                    ..numbered(number)
                };
                drop(producer.enqueue(&topic, record).await.expect("it is taken"));
            }
            producer.close(Duration::from_secs(30)).await.expect("all arrive");
            let records = read_all(&client, &topic, 500).await;
            let last = &records[&0][499];
            assert_eq!(last.value.as_deref(), Some(&b"499"[..]));
            assert_eq!((last.timestamp, last.headers.len()), (first + 499, 2));
        }
    }
}
