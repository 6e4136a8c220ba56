mod transactions;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use ottla_coordinator::group::{
    Command, CommitOffsets, CommitPartition, CommitTopic, FetchOffsets, FetchTopic, Groups, JoinGroup,
    KeyValue, ListGroups, Protocol, Reply, Settings,
};
use ottla_types::{ErrorCode, Millis, Str};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    desk::{Desk, Refusal},
    groups::GroupDesks,
    journal::{Chunk, Entry, Envelope, Journal, JournalError},
};

/// A log in memory that commits when told to.
struct Memory {
    records: Mutex<Vec<KeyValue>>,
    committed: watch::Sender<i64>,
    commits_at_once: AtomicBool,
    broken: AtomicBool,
}

impl Memory {
    fn new() -> Arc<Self> {
        let (records, committed) = (Mutex::default(), watch::Sender::new(0));
        Arc::new(Self {
            records,
            committed,
            commits_at_once: AtomicBool::new(true),
            broken: AtomicBool::new(false),
        })
    }

    fn end(&self) -> i64 {
        i64::try_from(self.records.lock().len()).unwrap()
    }

    fn commit_all(&self) {
        self.committed.send_replace(self.end());
    }
}

impl Journal for Memory {
    fn name(&self) -> String {
        "memory".to_owned()
    }

    fn append(&self, records: &[KeyValue], _: Envelope, _: Millis) -> Result<i64, JournalError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(JournalError::Failed("disk full".to_owned()));
        }
        self.records.lock().extend_from_slice(records);
        if self.commits_at_once.load(Ordering::SeqCst) {
            self.commit_all();
        }
        Ok(self.end())
    }

    fn committed(&self) -> i64 {
        *self.committed.borrow()
    }

    async fn until_committed(&self, offset: i64) {
        let over = |committed: &i64| *committed >= offset || self.broken.load(Ordering::SeqCst);
        let _ = self.committed.subscribe().wait_for(over).await;
    }

    fn bounds(&self) -> (i64, i64) {
        (0, self.end())
    }

    async fn read(&self, offset: i64) -> Result<Chunk, JournalError> {
        tokio::task::yield_now().await;
        let record = self.records.lock()[usize::try_from(offset).unwrap()].clone();
        let entry = Entry::Data { key: record.0, value: record.1, producer_id: None };
        Ok(Chunk { entries: vec![entry], next_offset: offset + 1 })
    }
}

static NOW: AtomicI64 = AtomicI64::new(1_000_000);

fn clock() -> Millis {
    Millis(NOW.load(Ordering::SeqCst))
}

fn desk(journal: &Arc<Memory>) -> Arc<Desk<Groups, Memory>> {
    let settings = Settings { initial_rebalance_delay_ms: 0, ..Settings::default() };
    let desk = Desk::new(Arc::clone(journal), clock, move || Groups::new(settings.clone()));
    let task = Arc::clone(&desk);
    tokio::spawn(async move { task.run().await });
    desk
}

async fn open(desk: &Desk<Groups, Memory>) {
    while desk.peek(|_| ()).is_none() {
        tokio::task::yield_now().await;
    }
}

fn commit(offset: i64) -> Command {
    let partition = CommitPartition { partition: 0, offset, leader_epoch: -1, metadata: None };
    Command::CommitOffsets(CommitOffsets {
        group_id: Str::from_static("g"),
        generation: -1,
        retention_time_ms: -1,
        topics: vec![CommitTopic {
            name: Str::from_static("t"),
            partitions: vec![partition],
            ..CommitTopic::default()
        }],
        ..CommitOffsets::default()
    })
}

async fn committed_offset(desk: &Desk<Groups, Memory>) -> i64 {
    let topics =
        Some(vec![FetchTopic { name: Str::from_static("t"), partitions: vec![0], ..FetchTopic::default() }]);
    let fetch =
        FetchOffsets { group_id: Str::from_static("g"), topics, member_epoch: -1, ..FetchOffsets::default() };
    match desk.submit(Command::FetchOffsets(fetch)).await {
        Ok(Reply::Fetch(Ok(reply))) => reply.topics[0].partitions[0].offset,
        other => panic!("{other:?}"),
    }
}

fn is_ok(reply: &Result<Reply, Refusal>) -> bool {
    matches!(reply, Ok(Reply::Commit(Ok(topics))) if topics[0].1[0].1.is_ok())
}

#[tokio::test]
async fn commands_are_refused_until_the_log_is_replayed_and_then_see_it() {
    let journal = Memory::new();
    let first = desk(&journal);
    assert_eq!(first.submit(commit(1)).await, Err(Refusal::Loading));
    open(&first).await;
    for offset in 0..100 {
        assert!(is_ok(&first.submit(commit(offset)).await));
    }
    first.close();
    assert_eq!(first.submit(commit(1)).await, Err(Refusal::NotCoordinator));
    let second = desk(&journal);
    open(&second).await;
    assert_eq!(committed_offset(&second).await, 99);
}

#[tokio::test]
async fn replies_wait_for_the_commit_even_those_that_only_read() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    assert!(is_ok(&desk.submit(commit(1)).await));
    journal.commits_at_once.store(false, Ordering::SeqCst);
    let writer = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(commit(2)).await }
    });
    while journal.end() < 2 {
        tokio::task::yield_now().await;
    }
    let reader = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { committed_offset(&desk).await }
    });
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(!writer.is_finished() && !reader.is_finished());
    journal.commit_all();
    assert!(is_ok(&writer.await.unwrap()));
    assert_eq!(reader.await.unwrap(), 2);
}

#[tokio::test]
async fn a_failed_append_refuses_and_loads_again() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    assert!(is_ok(&desk.submit(commit(1)).await));
    journal.broken.store(true, Ordering::SeqCst);
    assert_eq!(desk.submit(commit(2)).await, Err(Refusal::NotCoordinator));
    journal.broken.store(false, Ordering::SeqCst);
    open(&desk).await;
    assert_eq!(committed_offset(&desk).await, 1);
}

#[tokio::test]
async fn those_who_wait_for_a_commit_are_refused_when_the_log_fails() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    journal.commits_at_once.store(false, Ordering::SeqCst);
    let waiting = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(commit(5)).await }
    });
    while journal.end() == 0 {
        tokio::task::yield_now().await;
    }
    journal.broken.store(true, Ordering::SeqCst);
    journal.committed.send_modify(|_| ());
    assert_eq!(waiting.await.unwrap().err(), Some(Refusal::NotCoordinator));
}

#[tokio::test]
async fn a_join_is_answered_by_the_clock() {
    let desk = desk(&Memory::new());
    open(&desk).await;
    let join = JoinGroup {
        group_id: Str::from_static("g"),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 10_000,
        protocol_type: Str::from_static("consumer"),
        protocols: vec![Protocol { name: Str::from_static("range"), metadata: Bytes::new() }],
        ..JoinGroup::default()
    };
    match desk.submit(Command::Join(join)).await {
        Ok(Reply::Join(reply)) => assert_eq!((reply.error, reply.generation), (ErrorCode::NONE, 1)),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn closing_refuses_those_who_wait() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    journal.commits_at_once.store(false, Ordering::SeqCst);
    let waiting = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(commit(2)).await }
    });
    while journal.end() < 1 {
        tokio::task::yield_now().await;
    }
    desk.close();
    assert_eq!(waiting.await.unwrap(), Err(Refusal::NotCoordinator));
}

#[tokio::test]
async fn groups_are_found_by_their_partition() {
    let desks = Arc::new(GroupDesks::new(Settings::default(), Duration::from_secs(5), clock));
    assert_eq!(desks.ask("g", commit(1)).await, Err(ErrorCode::NOT_COORDINATOR));
    desks.set_partition_count(3);
    let partition = desks.partition_of("g").unwrap();
    assert_eq!(desks.ask("g", commit(1)).await, Err(ErrorCode::NOT_COORDINATOR));
    desks.lead(partition, Memory::new());
    while desks.ask("g", commit(1)).await == Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) {
        tokio::task::yield_now().await;
    }
    let listed = desks.list(&ListGroups::default()).await.unwrap();
    assert_eq!(listed.iter().map(|group| &*group.group_id).collect::<Vec<_>>(), ["g"]);
    let elsewhere = (0..)
        .map(|n| Str::from(format!("h{n}")))
        .find(|id| desks.partition_of(id) != Some(partition))
        .unwrap();
    let answers =
        desks.ask_each(vec![Str::from_static("g"), elsewhere.clone()], Command::DescribeGroups).await;
    let refused: Vec<_> =
        answers.iter().filter(|(_, answer)| *answer == Err(ErrorCode::NOT_COORDINATOR)).collect();
    assert_eq!((answers.len(), refused.len(), &refused[0].0), (2, 1, &vec![elsewhere]));
    desks.topics_deleted(&[Str::from_static("t")]).await;
    let mut offsets = 0;
    desks.survey(|groups| offsets += groups.durable().offsets().count());
    assert_eq!(offsets, 0);
    desks.close();
    assert_eq!(desks.ask("g", commit(1)).await, Err(ErrorCode::NOT_COORDINATOR));
}

#[tokio::test(start_paused = true)]
async fn a_log_that_does_not_commit_in_time_is_not_available() {
    let desks = Arc::new(GroupDesks::new(Settings::default(), Duration::from_secs(5), clock));
    desks.set_partition_count(1);
    let journal = Memory::new();
    desks.lead(0, Arc::clone(&journal));
    while desks.ask("g", commit(1)).await == Err(ErrorCode::COORDINATOR_LOAD_IN_PROGRESS) {
        tokio::task::yield_now().await;
    }
    journal.commits_at_once.store(false, Ordering::SeqCst);
    assert_eq!(desks.ask("g", commit(2)).await, Err(ErrorCode::COORDINATOR_NOT_AVAILABLE));
}

#[tokio::test]
async fn a_retired_desk_answers_what_is_written_and_nothing_else() {
    let journal = Memory::new();
    let desk = desk(&journal);
    open(&desk).await;
    journal.commits_at_once.store(false, Ordering::SeqCst);
    let written = tokio::spawn({
        let desk = Arc::clone(&desk);
        async move { desk.submit(commit(2)).await }
    });
    while journal.end() < 1 {
        tokio::task::yield_now().await;
    }
    desk.retire();
    assert_eq!(desk.submit(commit(3)).await, Err(Refusal::NotCoordinator));
    assert!(!written.is_finished());
    journal.commit_all();
    assert!(is_ok(&written.await.unwrap()));
}
