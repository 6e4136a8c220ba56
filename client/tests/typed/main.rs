//! Typed topics, between programs of ours and beside Java's.

mod java;

use std::{collections::BTreeMap, time::Duration};

use ottla_client::{
    Client, ConsumerRecord, Json, OutgoingRecord, Position, Producer, ProducerOptions, RecordPart, Reset,
    SendError, Topic, TypedConsumer,
};
use ottla_testkit::TestBroker;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    article: String,
    count: u32,
}

const ORDERS: Topic<String, Option<Json<Order>>> = Topic::new("orders");

fn order(count: u32) -> Order {
    Order { article: "lamp".to_owned(), count }
}

fn producer(client: &Client) -> Producer {
    Producer::new(client, ProducerOptions::default()).expect("the options go together")
}

async fn next<K, V>(consumer: &mut TypedConsumer<K, V>) -> ConsumerRecord<K, V> {
    let next = timeout(DEADLINE, consumer.next()).await.expect("a record comes");
    next.expect("it goes on").expect("it can be read")
}

#[tokio::test]
async fn who_writes_and_who_reads_share_the_types() {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    let producer = producer(&client);
    let first = ORDERS.record("4711", Some(&order(1))).header("trace", "t1").timestamp(1_700_000_000_000);
    let ack = producer.send_record(first).await.expect("it is acknowledged");
    assert_eq!((&*ack.topic, ack.offset), ("orders", 0));
    drop(producer.enqueue_record(ORDERS.record("4711", None)).await.expect("it is taken"));
    producer.flush().await.expect("all are acknowledged");

    let orders = client.consumer().group("billing").topics([ORDERS]).reset(Reset::Earliest);
    let mut orders = orders.start().await.expect("it starts").typed(&ORDERS);
    let first = next(&mut orders).await;
    assert_eq!((first.key(), first.value()), (Ok("4711".to_owned()), Ok(Some(order(1)))));
    // All of the record is there as well, its bytes too.
    assert_eq!((&*first.topic, first.offset, first.timestamp), ("orders", 0, 1_700_000_000_000));
    assert_eq!(first.headers, [("trace".to_owned(), Some("t1".into()))]);
    assert_eq!(first.value.as_deref(), Some(&br#"{"article":"lamp","count":1}"#[..]));
    orders.mark(&first);
    let gone = next(&mut orders).await;
    assert_eq!(gone.value(), Ok(None));
    orders.mark(&gone);
    orders.close(DEADLINE).await.expect("what is marked is committed");
    let committed = client.committed("billing").await.expect("the coordinator answers");
    assert_eq!(committed[&("orders".to_owned(), 0)].offset, 2);
}

#[tokio::test]
async fn what_cannot_be_read_is_passed_over() {
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    let producer = producer(&client);
    for value in
        [br#"{"article":"lamp","count":1}"#.as_slice(), b"{", b"\xff", br#"{"article":"lamp","count":2}"#]
    {
        let record = OutgoingRecord::new("4711", value.to_vec());
        producer.send(ORDERS.name(), record).await.expect("it is acknowledged");
    }
    let orders = client.consumer().read(&ORDERS, Position::Start).start();
    let mut orders = orders.await.expect("it starts").typed(&ORDERS);
    let (mut read, mut wrong) = (Vec::new(), BTreeMap::new());
    for _ in 0..4 {
        let record = next(&mut orders).await;
        match record.value() {
            Ok(value) => read.push(value.expect("none is null").count),
            Err(error) => {
                assert_eq!((&*error.topic, error.partition, error.part), ("orders", 0, RecordPart::Value));
                assert!(error.wanted.contains("Json<") && error.wanted.contains("Order"), "{}", error.wanted);
                wrong.insert(error.offset, record.value.clone());
            }
        }
    }
    assert_eq!(read, [1, 2]);
    assert_eq!(wrong, BTreeMap::from([(1, Some("{".into())), (2, Some(b"\xff".to_vec().into()))]));
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    /// A map whose keys are no text, which JSON has no place for.
    type Odd = BTreeMap<(u8, u8), u8>;
    const ODD: Topic<(), Json<Odd>> = Topic::new("odd");
    let broker = TestBroker::start().await;
    let client = broker.client().await;
    let producer = producer(&client);
    let error = producer.send_record(ODD.record((), &Odd::from([((1, 2), 3)]))).await.expect_err("no JSON");
    assert!(matches!(error, SendError::Unwritable { part: RecordPart::Value, .. }), "{error}");
    assert!(client.topics().await.expect("it answers").is_empty(), "nobody has asked for the topic");
    producer.send_record(ODD.record((), &Odd::new())).await.expect("it is acknowledged");
}
