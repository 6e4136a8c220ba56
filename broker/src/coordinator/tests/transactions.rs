//! The transaction coordinator on a desk: nothing of a decision shows before it is committed.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ottla_coordinator::transaction::{
    AddPartitions, Command, EndTransaction, InitProducer, MarkersWritten, Partitions, Producer, Reply,
    Settings, State, Transactions, Work,
};
use ottla_types::{ErrorCode, Str};

use super::{Memory, clock};
use crate::coordinator::{desk::Desk, transactions::TransactionDesks};

const ID: &str = "tx";

fn desk(journal: &Arc<Memory>) -> Arc<Desk<Transactions, Memory>> {
    let desk = Desk::new(Arc::clone(journal), clock, || Transactions::new(Settings::default()));
    let task = Arc::clone(&desk);
    tokio::spawn(async move { task.run().await });
    desk
}

async fn open(desk: &Desk<Transactions, Memory>) {
    while desk.peek(|_| ()).is_none() {
        tokio::task::yield_now().await;
    }
}

async fn begin(desk: &Desk<Transactions, Memory>) -> Producer {
    let init = InitProducer {
        transactional_id: ID.into(),
        timeout_ms: 60_000,
        fresh_id: Some(7),
        ..InitProducer::default()
    };
    let Ok(Reply::Producer(Ok(producer))) = desk.submit(Command::Init(init)).await else {
        panic!("not initialized")
    };
    let add = AddPartitions {
        transactional_id: ID.into(),
        producer,
        partitions: Partitions::from([(Str::from_static("t"), BTreeSet::from([0]))]),
        version: 2,
    };
    assert_eq!(desk.submit(Command::AddPartitions(add)).await, Ok(Reply::Done(ErrorCode::NONE)));
    producer
}

fn end(producer: Producer) -> Command {
    let (commit, version, fresh_id) = (true, 2, None);
    Command::End(EndTransaction { transactional_id: ID.into(), producer, commit, version, fresh_id })
}

fn state(desk: &Desk<Transactions, Memory>) -> Option<State> {
    desk.peek(|machine| machine.durable().get(ID).map(|stands| stands.state)).flatten()
}

#[tokio::test]
async fn markers_are_given_out_when_the_decision_is_committed() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    let producer = begin(&desk).await;
    let worker = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(Command::AwaitWork).await }
    });
    tokio::task::yield_now().await;
    journal.commits_at_once.store(false, Ordering::SeqCst);
    let before = journal.end();
    let ending = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(end(producer)).await }
    });
    while journal.end() == before {
        tokio::task::yield_now().await;
    }
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(!worker.is_finished() && !ending.is_finished(), "the decision could still be lost");
    journal.commit_all();
    let next = Producer { id: producer.id, epoch: producer.epoch + 1 };
    assert_eq!(ending.await.unwrap(), Ok(Reply::Producer(Ok(next))));
    let Ok(Reply::Work(Work { markers, .. })) = worker.await.unwrap() else { panic!("no work") };
    assert_eq!((markers.len(), markers[0].producer, markers[0].commit), (1, next, true));
}

#[tokio::test]
async fn a_decision_that_fails_is_forgotten_and_one_that_stands_is_finished_after_loading() {
    let journal = Memory::new();
    let first = desk(&journal);
    open(&first).await;
    let producer = begin(&first).await;
    journal.broken.store(true, Ordering::SeqCst);
    assert!(first.submit(end(producer)).await.is_err());
    journal.broken.store(false, Ordering::SeqCst);
    open(&first).await;
    assert_eq!(state(&first), Some(State::Ongoing));
    assert!(matches!(first.submit(end(producer)).await, Ok(Reply::Producer(Ok(_)))));
    first.close();
    let second = desk(&journal);
    open(&second).await;
    assert_eq!(state(&second), Some(State::PrepareCommit));
    let Ok(Reply::Work(Work { mut markers, .. })) = second.submit(Command::AwaitWork).await else {
        panic!("no work")
    };
    let markers = markers.remove(0);
    let written = MarkersWritten {
        transactional_id: markers.transactional_id,
        job: markers.job,
        written: markers.partitions,
        fenced: false,
    };
    let done = second.submit(Command::MarkersWritten(written)).await;
    assert_eq!(done, Ok(Reply::Done(ErrorCode::NONE)));
    assert_eq!(state(&second), Some(State::CompleteCommit));
}

#[tokio::test]
async fn the_level_of_the_cluster_holds_for_coordinators_at_work_and_for_those_that_are_loading() {
    let settings = Settings { transaction_version: 2, ..Settings::default() };
    let desks = TransactionDesks::with_settings(settings, Duration::from_secs(60), clock);
    let level = |desk: &Desk<Transactions, Memory>| desk.peek(Transactions::transaction_version);
    let at_work = desks.lead(0, Memory::new());
    open(&at_work).await;
    assert_eq!(level(&at_work), Some(2));
    // It is told while it loads, twice: what was said last holds.
    let loading = desks.lead(1, Memory::new());
    desks.change_level(0);
    desks.change_level(1);
    open(&loading).await;
    let told = async {
        while [&at_work, &loading].iter().any(|desk| level(desk) != Some(1)) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("both are told");
    let again = desks.lead(0, Memory::new());
    open(&again).await;
    assert_eq!(level(&again), Some(1), "loaded anew");
}
