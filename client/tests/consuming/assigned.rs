//! Partitions of one's own choice, and what can be done with a consumer besides reading.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use ottla_client::{
    CommitError, Consumer, ConsumerError, OutgoingRecord, Position, Record, Reset, StartError,
    TopicPartition, Watermarks,
};
use ottla_testkit::{Node, Proxy, Target};
use tokio::time::timeout;

use super::{TOPIC, client_of, make, producer};

async fn next(consumer: &mut Consumer) -> Record {
    let next = timeout(Duration::from_secs(30), consumer.next()).await.expect("a record is there");
    next.expect("it goes on").expect("it can be read")
}

async fn assert_nothing_comes(consumer: &mut Consumer) {
    let next = timeout(Duration::from_millis(700), consumer.next()).await;
    assert!(next.is_err(), "{next:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_goes_where_it_is_told() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 2).await;
    let producer = producer(&client);
    // Not older than a topic keeps its records.
    let time = i64::try_from(UNIX_EPOCH.elapsed().expect("after 1970").as_millis()).expect("a time") - 60_000;
    for number in 0..100_i64 {
        let record = OutgoingRecord {
            partition: Some((number % 2) as i32),
            timestamp: Some(time + number),
            ..OutgoingRecord::value(number.to_string())
        };
        producer.send(TOPIC, record).await.expect("it is acknowledged");
    }
    let (even, odd) = (TopicPartition::new(TOPIC, 0), TopicPartition::new(TOPIC, 1));
    let consumer = client.consumer().assign(even.clone(), 10).start();
    let mut consumer = consumer.await.expect("it starts");
    let first = next(&mut consumer).await;
    assert_eq!((first.offset, first.value.as_deref()), (10, Some(&b"20"[..])));
    assert_eq!(consumer.positions(), BTreeMap::from([(even.clone(), 11)]));
    assert_eq!(consumer.high_watermark(&even), Some(50));
    let told = Watermarks { log_start_offset: 0, last_stable_offset: 50, high_watermark: 50 };
    assert_eq!((consumer.watermarks(&even), consumer.watermarks(&odd)), (Some(told), None));
    let batch = consumer.batch().expect("it has read a record");
    assert!((batch.header().base_offset..batch.next_offset()).contains(&10));
    assert!(batch.header().has_producer() && !batch.header().is_transactional());

    consumer.seek(&even, 49);
    assert_eq!(next(&mut consumer).await.offset, 49);
    consumer.seek_to_time(&even, time + 51);
    assert_eq!(next(&mut consumer).await.timestamp, time + 52);
    consumer.seek_to_start(&even);
    assert_eq!(next(&mut consumer).await.offset, 0);
    // One by one, and the rest of the batch at once.
    let batch = consumer.next_batch().await.expect("it goes on").expect("it can be read");
    let offsets: Vec<i64> = batch.iter().map(|view| view.expect("a record").offset).collect();
    assert_eq!(offsets.first(), Some(&1));
    assert_eq!(offsets.last(), Some(&(batch.next_offset() - 1)));
    consumer.pause(std::slice::from_ref(&even));
    consumer.seek(&even, 3);
    assert_nothing_comes(&mut consumer).await;
    consumer.resume(std::slice::from_ref(&even));
    assert_eq!(next(&mut consumer).await.offset, 3);
    consumer.seek_to_end(&even);
    assert_nothing_comes(&mut consumer).await;

    let consumer = client.consumer().read(TOPIC, Position::BeforeEnd(1)).start();
    let mut consumer = consumer.await.expect("it starts");
    assert_eq!(consumer.assignment(), [even, odd]);
    let mut last = [next(&mut consumer).await.offset, next(&mut consumer).await.offset];
    last.sort_unstable();
    assert_eq!(last, [49, 49]);
    assert_nothing_comes(&mut consumer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    producer(&client).send(TOPIC, OutgoingRecord::value("x")).await.expect("it is acknowledged");
    let error = client.consumer().topics([TOPIC]).start().await.expect_err("a group is missing");
    assert!(matches!(error, StartError::NoGroup), "{error}");
    let error = client.consumer().group("g").start().await.expect_err("topics are missing");
    assert!(matches!(error, StartError::Nothing), "{error}");
    let error = client.consumer().read("nowhere", Position::Start).start().await.expect_err("no such topic");
    assert!(error.to_string().contains("ottla topic create nowhere"), "{error}");

    let at = TopicPartition::new(TOPIC, 0);
    let consumer = client.consumer().assign(at.clone(), 77).reset(Reset::Fail).start();
    let mut consumer = consumer.await.expect("it starts");
    let error = consumer.next().await.expect("it goes on").expect_err("there is one record");
    assert!(matches!(error, ConsumerError::OutOfRange { offset: 77, .. }), "{error}");
    assert_eq!(consumer.commit().await, Err(CommitError::NoGroup));
    consumer.seek(&at, 0);
    assert_eq!(next(&mut consumer).await.offset, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_makes_no_sense_is_not_passed_over() {
    let proxy = Proxy::idle();
    let advertised = format!("PLAINTEXT://{}", proxy.address());
    let node = Node::start_with(Target::from_env(), &[("advertised.listeners", &advertised)]);
    proxy.forward(node.address(), 1, usize::MAX);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let producer = producer(&client);
    for value in ["before", "harmed", "behind"] {
        producer.send(TOPIC, OutgoingRecord::value(value)).await.expect("it is acknowledged");
    }
    proxy.harm(b"harmed");
    let consumer = client.consumer().read(TOPIC, Position::Start).start();
    let mut consumer = consumer.await.expect("the topic is there");
    assert_eq!(next(&mut consumer).await.offset, 0);
    let error = consumer.next().await.expect("it goes on").expect_err("the checksum does not match");
    assert!(matches!(error, ConsumerError::Corrupt { offset: 1, .. }), "{error}");
    assert_nothing_comes(&mut consumer).await;
    consumer.seek(&TopicPartition::new(TOPIC, 0), 2);
    assert_eq!(next(&mut consumer).await.value.as_deref(), Some(&b"behind"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_are_committed_with_what_belongs_to_them() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let producer = producer(&client);
    for _ in 0..3 {
        producer.send(TOPIC, OutgoingRecord::value("x")).await.expect("it is acknowledged");
    }
    let at = TopicPartition::new(TOPIC, 0);
    // From outside: a group without members.
    let consumer = client.consumer().group("outside").assign(at.clone(), 0).auto_commit(None).start();
    let mut consumer = consumer.await.expect("it starts");
    let record = next(&mut consumer).await;
    consumer.mark_at(&at, record.offset + 1, record.leader_epoch, "note");
    consumer.commit().await.expect("it is committed");
    let committed = client.committed("outside").await.expect("the group is there");
    let of = &committed[&(TOPIC.to_owned(), 0)];
    assert_eq!((of.offset, of.metadata.as_str()), (1, "note"));
    consumer.close(Duration::from_secs(10)).await.expect("there is nothing to commit");

    // As a member, by hand only: what is not committed is read again.
    for expected in [0, 2] {
        let consumer = client
            .consumer()
            .group("member")
            .topics([TOPIC])
            .reset(Reset::Earliest)
            .auto_commit(None)
            .start();
        let mut consumer = consumer.await.expect("it starts");
        let record = next(&mut consumer).await;
        assert_eq!(record.offset, expected);
        if expected == 0 {
            let record = next(&mut consumer).await;
            consumer.mark(&record);
            consumer.commit().await.expect("it is committed");
            let record = next(&mut consumer).await;
            consumer.mark(&record);
        }
        consumer.close(Duration::from_secs(10)).await.expect("it leaves");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_given_up_costs_no_record() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let producer = producer(&client);
    let consumer = client.consumer().read(TOPIC, Position::Start).start();
    let mut consumer = consumer.await.expect("it starts");
    let sent = tokio::spawn(async move {
        for number in 0..2000 {
            producer
                .send(TOPIC, OutgoingRecord::value(number.to_string()))
                .await
                .expect("it is acknowledged");
        }
    });
    let (mut expected, mut given_up) = (0, 0);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
    while expected < 2000 {
        assert!(tokio::time::Instant::now() < deadline, "{expected} records came");
        match timeout(Duration::from_micros(200), consumer.next()).await {
            Ok(record) => {
                assert_eq!(record.expect("it goes on").expect("it can be read").offset, expected);
                expected += 1;
            }
            Err(_) => given_up += 1,
        }
    }
    assert!(given_up > 10, "{given_up} waits were given up");
    sent.await.expect("all are sent");
}
