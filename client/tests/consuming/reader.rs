//! Members of a group that write down what they read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use ottla_client::{Client, ConsumerOptions, GroupProtocol, Reset};
use tokio::{sync::oneshot, task::JoinHandle};

use super::TOPIC;

pub(crate) const GROUP: &str = "group";

/// What a group has read: how often each number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Book(Arc<Mutex<BTreeMap<u32, usize>>>);

impl Book {
    fn note(&self, number: u32) {
        *self.0.lock().expect("no reader has panicked").entry(number).or_default() += 1;
    }

    pub(crate) fn distinct(&self) -> usize {
        self.0.lock().expect("no reader has panicked").len()
    }

    /// How many were read more than once.
    pub(crate) fn repeated(&self) -> usize {
        self.0.lock().expect("no reader has panicked").values().filter(|times| **times > 1).count()
    }

    /// Waits until all numbers below `count` were read.
    pub(crate) async fn wait_for(&self, count: u32) {
        let wanted = count as usize;
        let all = async {
            while self.distinct() < wanted {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(150), all).await;
        assert!(in_time.is_ok(), "{} of {wanted} records were read", self.distinct());
        let read = self.0.lock().expect("no reader has panicked");
        let missing: BTreeSet<u32> = (0..count).filter(|number| !read.contains_key(number)).collect();
        assert!(missing.is_empty(), "missing: {missing:?}");
    }
}

/// A member that reads until it is stopped.
#[derive(Debug)]
pub(crate) struct Member {
    stop: oneshot::Sender<Manner>,
    task: JoinHandle<()>,
}

/// How a member ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Close,
    Drop,
}

/// Settings of a node under which a test of the consumer protocol does not take minutes.
pub(crate) const QUICK: [(&str, &str); 2] =
    [("group.consumer.min.heartbeat.interval.ms", "100"), ("group.consumer.heartbeat.interval.ms", "300")];

/// A member of the consumer protocol.
pub(crate) fn modern() -> ConsumerOptions {
    ConsumerOptions { protocol: GroupProtocol::Consumer, ..quick() }
}

/// Options under which a test does not take minutes.
pub(crate) fn quick() -> ConsumerOptions {
    ConsumerOptions {
        protocol: GroupProtocol::Classic,
        reset: Reset::Earliest,
        heartbeat_interval: Duration::from_millis(300),
        auto_commit: Some(Duration::from_millis(200)),
        request_timeout: Duration::from_secs(10),
        ..ConsumerOptions::default()
    }
}

impl Member {
    pub(crate) async fn join(client: &Client, options: ConsumerOptions, book: &Book) -> Self {
        let consumer = client.consumer().group(GROUP).topics([TOPIC]).options(options).start();
        let mut consumer = consumer.await.expect("it starts");
        let (stop, mut stopped) = oneshot::channel();
        let book = book.clone();
        let task = tokio::spawn(async move {
            let manner = loop {
                tokio::select! {
                    manner = &mut stopped => break manner.unwrap_or(Manner::Drop),
                    record = consumer.next() => {
                        let record = record.expect("it goes on").expect("it can be read");
                        let value = record.value.as_deref().expect("a value");
                        let number = std::str::from_utf8(value).expect("text").parse().expect("a number");
                        book.note(number);
                        consumer.mark(&record);
                    }
                }
            };
            if manner == Manner::Close {
                consumer.close(Duration::from_secs(20)).await.expect("what is marked is committed");
            }
        });
        Self { stop, task }
    }

    /// Commits and leaves the group.
    pub(crate) async fn close(self) {
        self.stop.send(Manner::Close).expect("the member reads");
        self.task.await.expect("the member has not panicked");
    }

    /// Lets go of the consumer, which says goodbye by itself.
    pub(crate) async fn drop(self) {
        self.stop.send(Manner::Drop).expect("the member reads");
        self.task.await.expect("the member has not panicked");
    }
}

/// Waits until the group has committed everything: `count` in all, over the partitions.
pub(crate) async fn wait_for_commits(client: &Client, count: i64) {
    let committed = async {
        loop {
            let committed = client.committed(GROUP).await;
            let sum: i64 = committed.map_or(0, |all| all.values().map(|of| of.offset).sum());
            assert!(sum <= count, "{sum} are committed of {count}");
            if sum == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), committed).await.expect("all is committed");
}

/// Looks at what a group commits until it is stopped: it never goes back.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: oneshot::Sender<()>,
    task: JoinHandle<usize>,
}

impl Watch {
    pub(crate) fn start(client: &Client) -> Self {
        let (client, (stop, mut stopped)) = (client.clone(), oneshot::channel::<()>());
        let task = tokio::spawn(async move {
            let mut last: BTreeMap<(String, i32), i64> = BTreeMap::new();
            let mut advances = 0;
            loop {
                let is_last = stopped.try_recv().is_ok();
                let committed = client.committed(GROUP).await;
                // While the coordinator is away there is nothing to see.
                assert!(committed.is_ok() || !is_last, "{committed:?}");
                for (at, now) in committed.unwrap_or_default() {
                    let before = last.insert(at.clone(), now.offset).unwrap_or(-1);
                    assert!(now.offset >= before, "{at:?} went back from {before} to {}", now.offset);
                    advances += usize::from(now.offset > before);
                }
                if is_last {
                    return advances;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { stop, task }
    }

    /// How often an offset was seen to advance.
    pub(crate) async fn end(self) -> usize {
        let _ = self.stop.send(());
        self.task.await.expect("commits do not go back")
    }
}
