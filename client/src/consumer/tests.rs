use ottla_testkit::TestBroker;

use super::*;
use crate::{OutgoingRecord, Producer, ProducerOptions};

/// A consumer that has read the first of ten records, which are all in one batch.
async fn at_the_first_of_ten(broker: &TestBroker, at: &TopicPartition) -> Consumer {
    let client = Client::connect(broker.address()).await.expect("the broker runs");
    client.create_topic(&at.topic, 1, 1, &[]).await.expect("the topic is made");
    let slow = ProducerOptions { linger: Duration::from_secs(10), ..ProducerOptions::default() };
    let producer = Producer::new(&client, slow).expect("the options go together");
    for _ in 0..10 {
        drop(producer.enqueue(&at.topic, OutgoingRecord::value("x")).await.expect("it is taken"));
    }
    producer.flush().await.expect("all are acknowledged");
    let consumer = client.consumer().group("g").assign(at.clone(), 0).start();
    let mut consumer = consumer.await.expect("it starts");
    let first = consumer.next().await.expect("it goes on").expect("it can be read");
    assert_eq!(first.offset, 0);
    assert_eq!(consumer.reader.unread(), Some((at.clone(), 1)));
    consumer
}

#[tokio::test]
async fn after_a_rewind_nothing_is_left_of_what_was_read_before_it() {
    let (broker, at) = (TestBroker::start().await, TopicPartition::new("t", 0));
    let mut consumer = at_the_first_of_ten(&broker, &at).await;
    consumer.mark_at(&at, 1, -1, "");
    assert!(!consumer.group_offsets().is_empty());
    // It is being given up: what was not committed of it is for whoever gets it, and its offset is nobody's to commit here.
    let shared = Arc::clone(&consumer.shared);
    shared.lock().revoke(shared.now(), [at.clone()].into(), true);
    consumer.rewind();
    assert_eq!(consumer.reader.unread(), None);
    assert!(consumer.group_offsets().is_empty());
}

#[tokio::test]
async fn what_is_kept_in_hand_is_not_given_up() {
    let (broker, at) = (TestBroker::start().await, TopicPartition::new("t", 0));
    let mut consumer = at_the_first_of_ten(&broker, &at).await;
    let shared = Arc::clone(&consumer.shared);
    consumer.keep();
    for offset in 1..10 {
        let record = consumer.next().await.expect("it goes on").expect("it can be read");
        assert_eq!(record.offset, offset);
    }
    // Asking for more does not let go of what was returned.
    assert!(tokio::time::timeout(Duration::ZERO, consumer.next()).await.is_err());
    let mut state = shared.lock();
    let now = shared.now();
    state.revoke(now, [at.clone()].into(), true);
    assert!(!state.go_on_revoking(now));
    drop(state);
    consumer.let_go();
    let mut state = shared.lock();
    // Somebody else may have seen it first.
    state.go_on_revoking(now);
    assert!(state.fetches.partitions().is_empty());
}
