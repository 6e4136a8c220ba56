//! Offsets of consumers in transactions: what is read is written exactly once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use ottla_client::{
    Client, Consumer, ConsumerOptions, GroupOffsets, GroupProtocol, OutgoingRecord, Producer,
    ProducerOptions, Record, Reset, TopicPartition, Txn, TxnError, TxnProducer,
};
use ottla_testkit::{Node, Target};
use tokio::{task::JoinHandle, time::timeout};

use super::{ID, TOPIC, change_level, client_of, make, numbered, numbers, quick, transactor};

pub(super) const COPIES: &str = "copies";
pub(super) const GROUP: &str = "copiers";
pub(super) const PARTITIONS: i32 = 4;

/// Settings of a node under which a test of the consumer protocol does not take minutes.
pub(super) const QUICK: [(&str, &str); 2] =
    [("group.consumer.min.heartbeat.interval.ms", "100"), ("group.consumer.heartbeat.interval.ms", "300")];

pub(super) fn options(protocol: GroupProtocol) -> ConsumerOptions {
    ConsumerOptions {
        protocol,
        reset: Reset::Earliest,
        heartbeat_interval: Duration::from_millis(300),
        auto_commit: None,
        read_committed: true,
        ..ConsumerOptions::default()
    }
}

pub(super) async fn consumer(client: &Client, options: ConsumerOptions) -> Consumer {
    let consumer = client.consumer().group(GROUP).topics([TOPIC]).options(options).start();
    consumer.await.expect("it starts")
}

pub(super) async fn fill(client: &Client, range: std::ops::Range<u32>) {
    let producer = Producer::new(client, ProducerOptions::default()).expect("the options go together");
    for number in range {
        drop(producer.enqueue(TOPIC, numbered(number)).await.expect("it is taken"));
    }
    producer.flush().await.expect("all are acknowledged");
}

/// One that copies what it reads as a member of the group, and now and then aborts.
struct Copier {
    stop: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Copier {
    async fn start(client: &Client, id: &str, protocol: GroupProtocol) -> Self {
        let mut consumer = consumer(client, options(protocol)).await;
        let mut producer = TxnProducer::start(client, id, quick()).await.expect("the coordinator answers");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let task = tokio::spawn(async move {
            let mut round = 0;
            while !stopped.load(Relaxed) {
                let some = some(&mut consumer).await;
                if some.is_empty() {
                    continue;
                }
                round += 1;
                match copy(&mut producer, &consumer, &some, round % 5 == 0).await {
                    Ok(true) => {}
                    Ok(false) => consumer.rewind(),
                    Err(error) if error.requires_abort() => consumer.rewind(),
                    Err(error) => panic!("{error}"),
                }
            }
            consumer.close(Duration::from_secs(20)).await.expect("there is nothing to commit");
        });
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.store(true, Relaxed);
        self.task.await.expect("it has not panicked");
    }
}

/// The next few records.
async fn some(consumer: &mut Consumer) -> Vec<Record> {
    let mut records = Vec::new();
    while records.len() < 30 {
        let patience = Duration::from_millis(if records.is_empty() { 100 } else { 2 });
        match timeout(patience, consumer.next()).await {
            Ok(record) => records.push(record.expect("it goes on").expect("it can be read")),
            Err(_) => break,
        }
    }
    records
}

/// Whether they are copied: not if it `aborts`.
async fn copy(
    producer: &mut TxnProducer,
    consumer: &Consumer,
    records: &[Record],
    aborts: bool,
) -> Result<bool, TxnError> {
    let txn = producer.begin().await?;
    put(&txn, consumer, records).await?;
    if aborts { txn.abort().await.map(|()| false) } else { txn.commit().await.map(|()| true) }
}

async fn put(txn: &Txn<'_>, consumer: &Consumer, records: &[Record]) -> Result<(), TxnError> {
    for record in records {
        let copy = OutgoingRecord {
            key: record.key.clone(),
            value: record.value.clone(),
            ..OutgoingRecord::default()
        };
        drop(txn.enqueue(COPIES, copy).await?);
        consumer.mark(record);
    }
    txn.send_offsets(consumer.group_offsets()).await
}

/// Waits until the group has committed everything.
pub(super) async fn wait_for_commits(client: &Client, count: u32) {
    let committed = async {
        loop {
            let committed = client.committed(GROUP).await;
            let sum: i64 = committed.map_or(0, |all| all.values().map(|of| of.offset).sum());
            assert!(sum <= i64::from(count), "{sum} are committed of {count}");
            if sum == i64::from(count) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(Duration::from_secs(120), committed).await.expect("all is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_is_written_exactly_once() {
    copies(2, GroupProtocol::Consumer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_by_a_classic_group_is_written_exactly_once() {
    copies(2, GroupProtocol::Classic).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_is_written_exactly_once_below_version_2() {
    copies(1, GroupProtocol::Consumer).await;
}

async fn copies(level: i16, protocol: GroupProtocol) {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    make(&client, COPIES, 2).await;
    change_level(&client, level).await;
    fill(&client, 0..1000).await;
    let first = Copier::start(&client, "first", protocol).await;
    // Others come and go: partitions move while their records are in transactions.
    let second = Copier::start(&client, "second", protocol).await;
    fill(&client, 1000..2000).await;
    let third = Copier::start(&client, "third", protocol).await;
    fill(&client, 2000..3000).await;
    second.stop().await;
    fill(&client, 3000..4000).await;
    wait_for_commits(&client, 4000).await;
    first.stop().await;
    third.stop().await;
    assert_eq!(numbers(&client, COPIES, true).await, (0..4000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_no_member_any_more_commits_nothing() {
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        let node = Node::start_with(Target::from_env(), &QUICK);
        let client = client_of(node.address()).await;
        make(&client, TOPIC, 1).await;
        fill(&client, 0..10).await;
        let mut consumer = consumer(&client, options(protocol)).await;
        let record = consumer.next().await.expect("it goes on").expect("it can be read");
        consumer.mark(&record);
        let offsets = consumer.group_offsets();
        consumer.close(Duration::from_secs(20)).await.expect("there is nothing to commit");
        let mut producer = transactor(&client).await;
        let txn = producer.begin().await.expect("it begins");
        let error = txn.send_offsets(offsets.clone()).await.expect_err("another may have the partition");
        assert!(error.requires_abort(), "{error}");
        let error = txn.commit().await.expect_err("offsets are missing");
        assert!(error.requires_abort(), "{error}");
        let committed = client.committed(GROUP).await.unwrap_or_default();
        assert!(committed.is_empty(), "{committed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offsets_kept_by_hand_are_committed_with_the_transaction() {
    for level in [2, 1] {
        let node = Node::start(Target::from_env());
        let client = client_of(node.address()).await;
        make(&client, TOPIC, 2).await;
        change_level(&client, level).await;
        let mut producer = TxnProducer::start(&client, ID, quick()).await.expect("the coordinator answers");
        let at = |partition| TopicPartition::new(TOPIC, partition);
        let offsets = |offset| GroupOffsets::new(GROUP).done(at(0), offset).done(at(1), offset + 1);
        for (offset, commits) in [(10, true), (20, false), (30, true), (40, false)] {
            let txn = producer.begin().await.expect("it begins");
            txn.send_offsets(offsets(offset - 5)).await.expect("they are taken");
            txn.send_offsets(offsets(offset)).await.expect("they are taken");
            if commits {
                txn.commit().await.expect("it is committed");
            } else {
                drop(txn);
            }
        }
        producer.close(Duration::from_secs(30)).await.expect("everything is ended");
        let read = async {
            loop {
                let committed = client.committed(GROUP).await.expect("the coordinator answers");
                let of = |partition| committed.get(&(TOPIC.to_owned(), partition)).map(|of| of.offset);
                assert!(of(0) < Some(40), "{committed:?}");
                // The commit's marker comes to the group a moment after the commit.
                if (of(0), of(1)) == (Some(30), Some(31)) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(Duration::from_secs(30), read).await.expect("the offsets are committed");
    }
}
