//! Reading, transforming and writing exactly once, by work that is given batches.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use ottla_client::{
    AssignmentChange, BoxError, Client, ConsumerOptions, ExactlyOnceError, GroupProtocol, OutgoingRecord,
    Record, Topic, Txn, TxnProducer,
};
use ottla_testkit::{Node, Target};
use tokio::{sync::Notify, time::timeout};

use super::{
    TOPIC, change_level, client_of, make, numbers,
    offsets::{COPIES, GROUP, PARTITIONS, QUICK, consumer, fill, options, wait_for_commits},
    quick, transactor,
};

const DEADLINE: Duration = Duration::from_secs(60);

async fn cluster(count: u32) -> (Node, Client) {
    let node = Node::start_with(Target::from_env(), &QUICK);
    let client = client_of(node.address()).await;
    make(&client, TOPIC, PARTITIONS).await;
    make(&client, COPIES, 2).await;
    fill(&client, 0..count).await;
    (node, client)
}

async fn copy(txn: &Txn<'_>, batch: &[Record]) -> Result<(), BoxError> {
    for record in batch {
        let copy =
            OutgoingRecord { key: record.key.clone(), value: record.value.clone(), ..Default::default() };
        drop(txn.enqueue(COPIES, copy).await?);
    }
    Ok(())
}

async fn assert_copied_once(client: &Client, count: u32) {
    assert_eq!(numbers(client, COPIES, true).await, (0..count).collect::<Vec<_>>());
}

/// Copies until the group has committed everything.
async fn copy_all(client: &Client, id: &str, protocol: GroupProtocol, count: u32) {
    let mut consumer = consumer(client, options(protocol)).await;
    let mut producer = TxnProducer::start(client, id, quick()).await.expect("the coordinator answers");
    let copying = producer.consume(&mut consumer).max_records(100);
    tokio::select! {
        over = copying.run(async |txn, batch| copy(txn, &batch).await) => panic!("{over:?}"),
        () = wait_for_commits(client, count) => {}
    }
    consumer.close(DEADLINE).await.expect("there is nothing to commit");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_in_the_middle_is_done_again_and_written_once() {
    for level in [2, 1] {
        failing(level).await;
    }
}

async fn failing(level: i16) {
    let (_node, client) = cluster(1000).await;
    change_level(&client, level).await;
    let mut consumer = consumer(&client, options(GroupProtocol::Auto)).await;
    let mut producer = transactor(&client).await;
    let batches = AtomicU32::new(0);
    let work = async |txn: &Txn<'_>, batch: Vec<Record>| -> Result<(), BoxError> {
        // Every third time half of the batch is already on its way.
        let fails = batches.fetch_add(1, Relaxed) % 3 == 2;
        copy(txn, if fails { &batch[..batch.len() / 2] } else { &batch }).await?;
        if fails { Err("enough".into()) } else { Ok(()) }
    };
    let mut failures = 0;
    let all = async {
        loop {
            tokio::select! {
                over = producer.consume(&mut consumer).max_records(100).run(&work) => {
                    let error = over.expect_err("the consumer goes on");
                    assert!(matches!(&error, ExactlyOnceError::Work(why) if why.to_string() == "enough"), "{error}");
                    failures += 1;
                }
                () = wait_for_commits(&client, 1000) => break,
            }
        }
    };
    timeout(DEADLINE, all).await.expect("all is copied");
    assert!(failures >= 3, "{failures} failures of {} batches", batches.load(Relaxed));
    assert_copied_once(&client, 1000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_panics_or_is_cancelled_leaves_nothing() {
    let (_node, client) = cluster(500).await;
    // On a task of its own, as most programs would have it.
    let task = {
        let client = client.clone();
        tokio::spawn(async move {
            let mut consumer = consumer(&client, options(GroupProtocol::Auto)).await;
            let mut producer = transactor(&client).await;
            let mut copying = producer.consume(&mut consumer).max_records(50);
            for round in 0.. {
                let panics = async |txn: &Txn<'_>, batch: Vec<Record>| {
                    copy(txn, &batch).await?;
                    assert!(round < 2, "it was to panic");
                    Ok(())
                };
                copying.run_once(panics).await.expect("it is committed");
            }
        })
    };
    assert!(timeout(DEADLINE, task).await.expect("it ends").expect_err("it panics").is_panic());

    let mut consumer = consumer(&client, options(GroupProtocol::Auto)).await;
    let mut producer = transactor(&client).await;
    for _ in 0..3 {
        let reached = Notify::new();
        let hangs = async |txn: &Txn<'_>, batch: Vec<Record>| -> Result<(), BoxError> {
            copy(txn, &batch).await?;
            reached.notify_one();
            std::future::pending().await
        };
        tokio::select! {
            over = producer.consume(&mut consumer).max_records(50).run(hangs) => panic!("{over:?}"),
            reached = timeout(DEADLINE, reached.notified()) => reached.expect("it has records"),
        }
    }
    let copying = producer.consume(&mut consumer).max_records(50);
    tokio::select! {
        over = copying.run(async |txn, batch| copy(txn, &batch).await) => panic!("{over:?}"),
        () = wait_for_commits(&client, 500) => {}
    }
    assert_copied_once(&client, 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebalance_waits_for_the_transaction() {
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        waiting(protocol).await;
    }
}

async fn waiting(protocol: GroupProtocol) {
    let (_node, client) = cluster(400).await;
    let mut first = consumer(&client, options(protocol)).await;
    let mut producer = transactor(&client).await;
    let (worked, second) = (AtomicUsize::new(0), Mutex::new(None));
    let mut copying = producer.consume(&mut first);
    let count = async |txn: &Txn<'_>, batch: Vec<Record>| -> Result<(), BoxError> {
        worked.fetch_add(batch.len(), Relaxed);
        copy(txn, &batch).await
    };
    let work = async |txn: &Txn<'_>, batch: Vec<Record>| {
        count(txn, batch).await?;
        if second.lock().expect("nobody has panicked").is_none() {
            // Another member comes while the records are in the transaction.
            let joined = consumer(&client, options(protocol)).await;
            wait_for_members(&client, 2).await;
            *second.lock().expect("nobody has panicked") = Some(joined);
        }
        Ok(())
    };
    assert!(timeout(DEADLINE, copying.run_once(work)).await.expect("in time").expect("it is committed"));
    let mut second = second.into_inner().expect("nobody has panicked").expect("it has joined");
    let mut other = TxnProducer::start(&client, "other", quick()).await.expect("the coordinator answers");
    tokio::select! {
        over = copying.run(&count) => panic!("{over:?}"),
        over = other.consume(&mut second).run(&count) => panic!("{over:?}"),
        () = wait_for_commits(&client, 400) => {}
    }
    assert_copied_once(&client, 400).await;
    assert_eq!(worked.into_inner(), 400, "nothing was done again");
}

/// Waits until a group has so many members.
async fn wait_for_members(client: &Client, count: usize) {
    let members = async {
        while client.group(GROUP).await.map_or(0, |group| group.members.len()) != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, members).await.expect("the members come");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_loses_its_partitions_commits_nothing() {
    for protocol in [GroupProtocol::Classic, GroupProtocol::Consumer] {
        losing(protocol).await;
    }
}

async fn losing(protocol: GroupProtocol) {
    let (_node, client) = cluster(400).await;
    // So slow that the group gives its partitions to another.
    let impatient = ConsumerOptions { max_poll_interval: Duration::from_secs(1), ..options(protocol) };
    let mut slow = consumer(&client, impatient).await;
    let mut changes = slow.assignment_changes();
    let mut producer = transactor(&client).await;
    let (batches, lost) = (AtomicU32::new(0), Notify::new());
    let work = async |txn: &Txn<'_>, batch: Vec<Record>| -> Result<(), BoxError> {
        copy(txn, &batch).await?;
        if batches.fetch_add(1, Relaxed) == 0 {
            while !matches!(changes.next().await, Some(AssignmentChange::Lost(_))) {}
            // Another gets all that was read here, and writes it too.
            copy_all(&client, "other", protocol, 400).await;
            lost.notify_one();
        }
        Ok(())
    };
    let more = async {
        timeout(DEADLINE, lost.notified()).await.expect("it loses them");
        fill(&client, 400..500).await;
        wait_for_commits(&client, 500).await;
    };
    tokio::select! {
        over = producer.consume(&mut slow).run(work) => panic!("{over:?}"),
        () = more => {}
    }
    assert_copied_once(&client, 500).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_may_have_types() {
    const NUMBERS: Topic<String, String> = Topic::new(TOPIC);
    const DOUBLED: Topic<String, i64> = Topic::new(COPIES);
    let (_node, client) = cluster(100).await;
    let mut numbers = consumer(&client, options(GroupProtocol::Auto)).await.typed(&NUMBERS);
    let mut producer = transactor(&client).await;
    let doubling = producer.consume(&mut numbers);
    tokio::select! {
        over = doubling.run(async |txn, batch| {
            for record in batch {
                let number: i64 = record.value()?.parse()?;
                drop(txn.enqueue_record(DOUBLED.record(&record.key()?, number * 2)).await?);
            }
            Ok(())
        }) => panic!("{over:?}"),
        () = wait_for_commits(&client, 100) => {}
    }
    let doubled = client.consumer().read(&DOUBLED, ottla_client::Position::Start).in_transactions().start();
    let mut doubled = doubled.await.expect("it starts").typed(&DOUBLED);
    let mut read = Vec::new();
    while read.len() < 100 {
        let record = timeout(DEADLINE, doubled.next()).await.expect("they are there");
        read.push(record.expect("it goes on").expect("it can be read").value().expect("a number"));
    }
    read.sort_unstable();
    assert_eq!(read, (0..100).map(|number| number * 2).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_is_not_made_for_it_is_refused() {
    let (_node, client) = cluster(1).await;
    let good = || client.consumer().group(GROUP).topics([TOPIC]).in_transactions();
    let wrong = [
        ("group", client.consumer().read(TOPIC, ottla_client::Position::Start).in_transactions()),
        ("auto_commit", good().auto_commit(Some(DEADLINE))),
        ("read_committed", good().options(ConsumerOptions { auto_commit: None, ..Default::default() })),
    ];
    let mut producer = transactor(&client).await;
    for (option, builder) in wrong {
        let mut consumer = builder.start().await.expect("it starts");
        let over = producer.consume(&mut consumer).run_once(async |_, _| Ok(())).await;
        let error = over.expect_err("it would not be exactly once");
        assert!(matches!(&error, ExactlyOnceError::Options(wrong) if wrong.option == option), "{error}");
        assert!(error.is_fatal());
    }
}
