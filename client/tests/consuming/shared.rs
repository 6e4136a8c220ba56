//! Groups whose members come, go and are disturbed.

use std::time::Duration;

use ottla_client::{
    ClassicAssignor, Client, ConsumerOptions, GroupProtocol, OutgoingRecord, Producer, ProducerOptions,
};
use ottla_testkit::{Node, Proxy, Target};
use tokio::time::timeout;

use super::{
    PARTITIONS, TOPIC, client_of, make, producer,
    reader::{Book, GROUP, Member, QUICK, Watch, modern, quick, wait_for_commits},
    send,
};

fn cooperative() -> ConsumerOptions {
    ConsumerOptions { assignors: vec![ClassicAssignor::CooperativeSticky], ..quick() }
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_and_go_read_everything() {
    come_and_go(quick()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_keep_what_they_have_read_everything() {
    come_and_go(cooperative()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_the_consumer_protocol_read_everything() {
    come_and_go(modern()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_between_loses_no_record() {
    broker_killed(quick()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_between_loses_no_record_of_the_consumer_protocol() {
    broker_killed(modern()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_lose_no_record() {
    connections_cut(cooperative()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_lose_no_record_of_the_consumer_protocol() {
    connections_cut(modern()).await;
}

async fn come_and_go(options: ConsumerOptions) {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let (producer, book, watch) = (producer(&client), Book::default(), Watch::start(&client));
    let first = Member::join(&client, options.clone(), &book).await;
    send(&producer, TOPIC, 0..2000).await;
    let second = Member::join(&client, options.clone(), &book).await;
    send(&producer, TOPIC, 2000..4000).await;
    let third = Member::join(&client, options.clone(), &book).await;
    send(&producer, TOPIC, 4000..6000).await;
    book.wait_for(6000).await;
    first.close().await;
    send(&producer, TOPIC, 6000..8000).await;
    second.drop().await;
    send(&producer, TOPIC, 8000..10_000).await;
    book.wait_for(10_000).await;
    third.close().await;
    wait_for_commits(&client, 10_000).await;
    // Every one of them committed what it had read before it gave it up.
    assert_eq!(book.repeated(), 0);
    assert!(watch.end().await > 0);
    // The group goes on where it was.
    let again = Member::join(&client, options.clone(), &book).await;
    send(&producer, TOPIC, 10_000..10_100).await;
    book.wait_for(10_100).await;
    assert_eq!(book.repeated(), 0);
    again.close().await;
}

async fn broker_killed(options: ConsumerOptions) {
    let mut node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let (producer, book, watch) = (producer(&client), Book::default(), Watch::start(&client));
    let first = Member::join(&client, options.clone(), &book).await;
    let second = Member::join(&client, options.clone(), &book).await;
    for round in 0..3 {
        send(&producer, TOPIC, round * 2000..round * 2000 + 1000).await;
        node.kill();
        node.restart();
        send(&producer, TOPIC, round * 2000 + 1000..round * 2000 + 2000).await;
    }
    book.wait_for(6000).await;
    wait_for_commits(&client, 6000).await;
    first.close().await;
    second.close().await;
    assert!(watch.end().await > 0);
}

async fn connections_cut(options: ConsumerOptions) {
    let proxy = Proxy::idle();
    let advertised = format!("PLAINTEXT://{}", proxy.address());
    let advertised = [("advertised.listeners", advertised.as_str())];
    let node = Node::start_with(Target::from_env(), &[&advertised[..], &QUICK].concat());
    proxy.forward(node.address(), 11, 15);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let (book, watch) = (Book::default(), Watch::start(&client));
    let hasty = ProducerOptions { retry_backoff: Duration::from_millis(20), ..ProducerOptions::default() };
    let producer = Producer::new(&client, hasty).expect("the options go together");
    let options = ConsumerOptions { retry_backoff: Duration::from_millis(20), ..options };
    let first = Member::join(&client, options.clone(), &book).await;
    let second = Member::join(&client, options.clone(), &book).await;
    proxy.storm(true);
    let mut sent = 0;
    let mut third = None;
    // Batches are few: what is sent at once passes in a handful of pieces.
    while proxy.cuts() < 30 {
        assert!(sent < 60_000, "{} connections were cut", proxy.cuts());
        send(&producer, TOPIC, sent..sent + 300).await;
        sent += 300;
        if proxy.cuts() > 10 && third.is_none() {
            third = Some(Member::join(&client, options.clone(), &book).await);
        }
    }
    book.wait_for(sent).await;
    proxy.storm(false);
    wait_for_commits(&client, i64::from(sent)).await;
    let third = third.expect("it has joined");
    for member in [first, second, third] {
        member.close().await;
    }
    assert!(watch.end().await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_partitions_records_is_its_revocation() {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 2).await;
    let producer = producer(&client);
    let on = |partition| OutgoingRecord { partition: Some(partition), ..OutgoingRecord::value("1") };
    for partition in [0, 1] {
        producer.send(TOPIC, on(partition)).await.expect("it is acknowledged");
    }
    let consumer = client.consumer().group(GROUP).topics([TOPIC]).options(quick()).start();
    let mut consumer = consumer.await.expect("it starts");
    let mut streams = Vec::new();
    for _ in 0..2 {
        let stream = timeout(Duration::from_secs(30), consumer.next_partition()).await;
        let mut stream = stream.expect("it is assigned").expect("the consumer goes on");
        let record = stream.next().await.expect("it goes on").expect("it can be read");
        assert_eq!(record.at(), *stream.at());
        streams.push((stream, record));
    }
    // Another member: everything is given up, but only once nothing is in hand and what is done is committed.
    let book = Book::default();
    let other = Member::join(&client, quick(), &book).await;
    for (mut stream, record) in streams {
        consumer.mark(&record);
        let end = timeout(Duration::from_secs(30), stream.next()).await.expect("the partition is given up");
        assert!(end.is_none(), "{end:?}");
    }
    let mut stream = timeout(Duration::from_secs(30), consumer.next_partition())
        .await
        .expect("one of them comes back")
        .expect("the consumer goes on");
    assert_eq!(consumer.assignment(), [stream.at().clone()]);
    producer.send(TOPIC, on(stream.at().partition)).await.expect("it is acknowledged");
    let record = timeout(Duration::from_secs(30), stream.next()).await.expect("a record comes");
    assert_eq!(record.expect("it goes on").expect("it can be read").offset, 1);
    assert_eq!(book.distinct(), 0, "what was read and marked is not read again");
    other.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_come_for_records_loses_the_partitions() {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let producer = producer(&client);
    send(&producer, TOPIC, 0..100).await;
    let options = ConsumerOptions { max_poll_interval: Duration::from_secs(2), ..quick() };
    let consumer = client.consumer().group(GROUP).topics([TOPIC]).options(options).start();
    let mut slow = consumer.await.expect("it starts");
    let first = slow.next().await.expect("it goes on").expect("it can be read");
    // It holds a record for ever, and others read everything, that record too.
    let book = Book::default();
    let other = Member::join(&client, quick(), &book).await;
    book.wait_for(100).await;
    other.close().await;
    // It may come back: the group has everything, so there is nothing but what comes now.
    slow.mark(&first);
    send(&producer, TOPIC, 100..101).await;
    let next = timeout(Duration::from_secs(30), slow.next()).await.expect("it is a member again");
    assert_eq!(next.expect("it goes on").expect("it can be read").value.as_deref(), Some(&b"100"[..]));
    slow.close(Duration::from_secs(20)).await.expect("nothing is left");
    wait_for_commits(&client, 100).await;
}

/// What the coordinator says a static member reads; nothing when it is not there.
async fn part(client: &Client, name: &str) -> Vec<(String, i32)> {
    let members = client.group(GROUP).await.expect("the group is there").members;
    let member = members.into_iter().find(|member| member.instance.as_deref() == Some(name));
    member.map(|member| member.partitions).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_finds_its_partitions_again() {
    for options in [quick(), modern()] {
        let node = Node::start_with(Target::from_env(), &QUICK);
        let client = client_of(node.address()).await;
        make(&client, TOPIC, PARTITIONS).await;
        let (producer, book) = (producer(&client), Book::default());
        let named = |name: &str| ConsumerOptions { instance_id: Some(name.to_owned()), ..options.clone() };
        let first = Member::join(&client, named("first"), &book).await;
        let second = Member::join(&client, named("second"), &book).await;
        send(&producer, TOPIC, 0..1000).await;
        book.wait_for(1000).await;
        let shared = async {
            while part(&client, "second").await.len() != PARTITIONS as usize / 2 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_secs(60), shared).await.expect("they share");
        let before = part(&client, "second").await;
        second.close().await;
        assert_eq!(part(&client, "second").await, before, "nobody else gets them");
        let again = Member::join(&client, named("second"), &book).await;
        send(&producer, TOPIC, 1000..2000).await;
        book.wait_for(2000).await;
        assert_eq!(part(&client, "second").await, before);
        assert_eq!(book.repeated(), 0);
        first.close().await;
        again.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_consumer_protocol_members_are_classic_ones() {
    let only_classic = [("group.coordinator.rebalance.protocols", "classic")];
    let node = Node::start_with(Target::from_env(), &only_classic);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    let book = Book::default();
    let options = ConsumerOptions { protocol: GroupProtocol::Auto, ..quick() };
    let member = Member::join(&client, options.clone(), &book).await;
    send(&producer(&client), TOPIC, 0..100).await;
    book.wait_for(100).await;
    let group =
        client.groups().await.expect("they can be listed").into_iter().find(|group| group.id == GROUP);
    assert_eq!(group.expect("the group is there").kind.to_lowercase(), "classic");
    member.close().await;
    // Who insists is told.
    let options = ConsumerOptions { protocol: GroupProtocol::Consumer, ..options };
    let consumer = client.consumer().group("other").topics([TOPIC]).options(options).start();
    let mut consumer = consumer.await.expect("it starts");
    let error = timeout(Duration::from_secs(30), consumer.next()).await.expect("it fails");
    let error = error.expect("it says why").expect_err("it cannot be a member");
    assert!(error.to_string().contains("too old"), "{error}");
    assert!(consumer.next().await.is_none());
}
