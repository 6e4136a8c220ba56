//! Topics that are subscribed to by a regular expression.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use ottla_client::{
    Client, Consumer, ConsumerError, ConsumerOptions, GroupProtocol, StartError, TopicPartition,
};
use ottla_testkit::{Node, Target};
use tokio::time::timeout;

use super::{
    client_of, make, producer,
    reader::{GROUP, QUICK, modern, quick},
    send,
};

/// As long as it may take until topics that are new are read: coordinators look every ten seconds.
const DEADLINE: Duration = Duration::from_secs(90);

async fn subscribe(client: &Client, pattern: &str, options: ConsumerOptions) -> Consumer {
    let options = ConsumerOptions { metadata_max_age: Duration::from_millis(500), ..options };
    let consumer = client.consumer().group(GROUP).topics_matching(pattern).options(options).start();
    consumer.await.expect("it starts")
}

/// Reads until there are so many records of each of these topics, and says what was read.
async fn read(consumer: &mut Consumer, wanted: &[(&str, usize)]) -> BTreeMap<String, usize> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let all = async {
        while wanted.iter().any(|(topic, count)| counts.get(*topic).is_none_or(|read| read < count)) {
            let record = consumer.next().await.expect("it goes on").expect("it can be read");
            *counts.entry(record.topic.to_string()).or_default() += 1;
            consumer.mark(&record);
        }
    };
    let in_time = timeout(DEADLINE, all).await;
    assert!(in_time.is_ok(), "{counts:?} were read");
    counts
}

async fn what_matches_is_read(options: ConsumerOptions) {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, "orders-eu", 2).await;
    make(&client, "others", 1).await;
    let producer = producer(&client);
    send(&producer, "others", 0..10).await;
    send(&producer, "orders-eu", 0..10).await;
    let mut consumer = subscribe(&client, "orders-.*", options).await;
    assert_eq!(read(&mut consumer, &[("orders-eu", 10)]).await, [("orders-eu".into(), 10)].into());
    // Later, one that does not match as a whole, and one that does.
    make(&client, "my-orders-us", 1).await;
    send(&producer, "my-orders-us", 0..10).await;
    make(&client, "orders-us", 3).await;
    send(&producer, "orders-us", 0..10).await;
    send(&producer, "orders-eu", 10..20).await;
    let read = read(&mut consumer, &[("orders-eu", 10), ("orders-us", 10)]).await;
    assert_eq!(read, [("orders-eu".into(), 10), ("orders-us".into(), 10)].into());
    let partitions =
        [("orders-eu", 0), ("orders-eu", 1), ("orders-us", 0), ("orders-us", 1), ("orders-us", 2)];
    let all: BTreeSet<_> =
        partitions.iter().map(|(topic, index)| TopicPartition::new(*topic, *index)).collect();
    assert_eq!(consumer.assignment().into_iter().collect::<BTreeSet<_>>(), all);
    consumer.close(Duration::from_secs(20)).await.expect("what is marked is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_of_the_consumer_protocol_reads_what_matches() {
    what_matches_is_read(modern()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_member_reads_what_matches() {
    what_matches_is_read(quick()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_consumer_protocol_the_member_looks_itself() {
    let only_classic = [("group.coordinator.rebalance.protocols", "classic")];
    let node = Node::start_with(Target::from_env(), &only_classic);
    let client = client_of(node.address()).await;
    make(&client, "orders-eu", 2).await;
    send(&producer(&client), "orders-eu", 0..10).await;
    let options = ConsumerOptions { protocol: GroupProtocol::Auto, ..quick() };
    // Kafka's own topics are left out: there is one once the group has committed.
    let mut consumer = subscribe(&client, ".*", options).await;
    assert_eq!(read(&mut consumer, &[("orders-eu", 10)]).await, [("orders-eu".into(), 10)].into());
    consumer.commit().await.expect("it is committed");
    make(&client, "orders-us", 1).await;
    send(&producer(&client), "orders-us", 0..10).await;
    assert_eq!(read(&mut consumer, &[("orders-us", 10)]).await, [("orders-us".into(), 10)].into());
    consumer.close(Duration::from_secs(20)).await.expect("what is marked is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_expression_is_said() {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    for protocol in [GroupProtocol::Auto, GroupProtocol::Classic] {
        let options = ConsumerOptions { protocol, ..quick() };
        let consumer = client.consumer().group(GROUP).topics_matching("orders-[").options(options);
        let error = consumer.start().await.expect_err("it is none");
        assert!(matches!(error, StartError::Pattern { .. }), "{error}");
        assert!(error.to_string().starts_with("\"orders-[\" is not a regular expression"), "{error}");
    }
    // Where the coordinator goes by it, it says so.
    let mut consumer = subscribe(&client, "orders-[", modern()).await;
    let error = timeout(DEADLINE, consumer.next()).await.expect("it fails");
    let error = error.expect("it says why").expect_err("it cannot be a member");
    let ConsumerError::Group { why, .. } = &error else { panic!("not of the group: {error}") };
    assert!(why.contains("topics_matching") && why.contains("orders-["), "{why}");
    assert!(consumer.next().await.is_none());
}
