//! Who wants to know what becomes of the partitions is told.

use std::time::Duration;

use ottla_client::{
    AssignmentChange, AssignmentChanges, Client, Consumer, ConsumerOptions, GroupProtocol, TopicPartition,
};
use ottla_testkit::{Node, Target};
use tokio::time::timeout;

use super::{TOPIC, client_of, make};

const DEADLINE: Duration = Duration::from_secs(30);

async fn member(client: &Client, protocol: GroupProtocol) -> Consumer {
    let options = ConsumerOptions { protocol, ..ConsumerOptions::default() };
    let consumer = client.consumer().options(options).group("changes").topics([TOPIC]).start();
    consumer.await.expect("it starts")
}

/// The next change, while the consumer is read from.
async fn next(changes: &mut AssignmentChanges, consumer: &mut Consumer) -> AssignmentChange {
    let change = async {
        tokio::select! {
            change = changes.next() => change.expect("the consumer goes on"),
            record = consumer.next() => panic!("there is none: {record:?}"),
        }
    };
    timeout(DEADLINE, change).await.expect("something changes")
}

async fn are_told(protocol: GroupProtocol) {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 2).await;
    let all: Vec<_> = (0..2).map(|index| TopicPartition::new(TOPIC, index)).collect();
    let mut first = member(&client, protocol).await;
    let mut changes = first.assignment_changes();
    assert_eq!(next(&mut changes, &mut first).await, AssignmentChange::Assigned(all));
    let mut second = member(&client, protocol).await;
    let mut others = second.assignment_changes();
    let revoked = tokio::select! {
        revoked = next(&mut changes, &mut first) => revoked,
        record = second.next() => panic!("there is none: {record:?}"),
    };
    let AssignmentChange::Revoked(revoked) = revoked else { panic!("{revoked:?}") };
    assert!(!revoked.is_empty());
    let given = tokio::select! {
        given = next(&mut others, &mut second) => given,
        record = first.next() => panic!("there is none: {record:?}"),
    };
    let AssignmentChange::Assigned(given) = given else { panic!("{given:?}") };
    assert!(given.iter().all(|at| revoked.contains(at)), "{given:?} of {revoked:?}");
    second.close(DEADLINE).await.expect("it leaves");
    assert_eq!(others.next().await, Some(AssignmentChange::Revoked(given)));
    assert_eq!(others.next().await, None, "that was all");
    first.close(DEADLINE).await.expect("it leaves");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_classic_group_are_told_what_changes() {
    are_told(GroupProtocol::Classic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_consumer_group_are_told_what_changes() {
    are_told(GroupProtocol::Consumer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_late_is_told_what_there_is() {
    let node = Node::start(Target::from_env());
    let client = client_of(node.address()).await;
    make(&client, TOPIC, 1).await;
    let one = TopicPartition::new(TOPIC, 0);
    let consumer = client.consumer().assign(one.clone(), 0).start().await.expect("it starts");
    let mut changes = consumer.assignment_changes();
    assert_eq!(changes.next().await, Some(AssignmentChange::Assigned(vec![one.clone()])));
    // One who comes, and one who goes, take nothing from the others.
    let mut later = consumer.assignment_changes();
    assert_eq!(later.next().await, Some(AssignmentChange::Assigned(vec![one.clone()])));
    drop(changes);
    consumer.close(DEADLINE).await.expect("it ends");
    assert_eq!(later.next().await, Some(AssignmentChange::Revoked(vec![one])));
    assert_eq!(later.next().await, None);
}
