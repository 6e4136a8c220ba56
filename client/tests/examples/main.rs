//! The examples do what they say.

#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/admin.rs"]
mod admin;
#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/exactly_once.rs"]
mod exactly_once;
#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/group.rs"]
mod group;
#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/partitions.rs"]
mod partitions;
#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/produce.rs"]
mod produce;
#[allow(dead_code, reason = "what reads the command line is not run here")]
#[path = "../../examples/typed.rs"]
mod typed;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use ottla_client::{Reset, Topic};
use ottla_testkit::TestBroker;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(60);

/// What an example prints.
#[derive(Debug, Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no example has panicked").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no example has panicked").clone()).expect("text")
    }

    /// Waits until so many lines are printed.
    async fn wait_for(&self, lines: usize) {
        let printed = async {
            while self.text().lines().count() < lines {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        assert!(timeout(DEADLINE, printed).await.is_ok(), "{lines} lines are expected: {}", self.text());
    }
}

async fn fill(broker: &TestBroker, topic: &str) {
    produce::produce(broker.address(), topic, &b"one\ntwo\nthree\n"[..]).await.expect("all are sent");
}

/// Reads a topic until so many lines are there.
async fn read(broker: &TestBroker, group: &str, topic: &str, lines: usize) -> String {
    let page = Page::default();
    let topics = [topic.to_owned()].into_iter();
    let stop = page.wait_for(lines);
    group::read(broker.address(), group, topics, page.clone(), stop).await.expect("it reads");
    page.text()
}

#[tokio::test]
async fn what_is_produced_is_read_by_a_group_that_goes_on_where_it_was() {
    let broker = TestBroker::start().await;
    fill(&broker, "lines").await;
    let text = read(&broker, "readers", "lines", 3).await;
    assert_eq!(text, "lines-0 @0: one\nlines-0 @1: two\nlines-0 @2: three\n");
    fill(&broker, "lines").await;
    let text = read(&broker, "readers", "lines", 3).await;
    assert!(text.starts_with("lines-0 @3: one\n"), "{text}");
}

#[tokio::test]
async fn a_topic_is_made_and_groups_are_behind() {
    let broker = TestBroker::start().await;
    let (first, second) = (Page::default(), Page::default());
    admin::administer(broker.address(), "made", first.clone()).await.expect("it is made");
    assert!(first.text().ends_with(" with 1 brokers\nmade: retention.ms = 3600000\n"), "{}", first.text());
    fill(&broker, "lines").await;
    read(&broker, "readers", "lines", 3).await;
    fill(&broker, "lines").await;
    admin::administer(broker.address(), "lines", second.clone()).await.expect("it is there");
    let text = second.text();
    let lag = |line: &str| -> Option<u32> {
        line.strip_prefix("readers is ")?.split_once(" records behind in lines-")?.0.parse().ok()
    };
    assert_eq!(text.lines().filter_map(lag).sum::<u32>(), 3, "{text}");
}

#[tokio::test]
async fn what_is_copied_is_copied_once() {
    let broker = TestBroker::start().await;
    fill(&broker, "from").await;
    for round in 1..=2 {
        // It never ends by itself; whenever it is stopped, the next one goes on.
        let group = format!("readers-{round}");
        let copies = tokio::select! {
            over = exactly_once::copy(broker.address(), "copiers", "from", "to") => panic!("{over:?}"),
            copies = read_committed(&broker, &group, round * 3) => copies,
        };
        assert_eq!(copies, ["one", "two", "three"].repeat(round));
        fill(&broker, "from").await;
    }
}

/// The first records that are copied for good.
async fn read_committed(broker: &TestBroker, group: &str, count: usize) -> Vec<String> {
    const TO: Topic<(), String> = Topic::new("to");
    let consumer = broker.client().await.consumer().group(group).topics([TO]).reset(Reset::Earliest);
    let mut consumer = consumer.in_transactions().start().await.expect("it starts").typed(&TO);
    let mut values = Vec::new();
    while values.len() < count {
        let record = timeout(DEADLINE, consumer.next()).await.expect("it is copied");
        values.push(record.expect("it goes on").expect("it can be read").value().expect("text"));
    }
    values
}

#[tokio::test]
async fn orders_have_a_type() {
    let (broker, page) = (TestBroker::start().await, Page::default());
    typed::order_and_bill(broker.address(), page.clone()).await.expect("it is billed");
    assert_eq!(page.text(), "4711: 2 times lamp\n");
}

#[tokio::test]
async fn a_partition_that_is_given_up_ends_its_task() {
    let (broker, page) = (TestBroker::start().await, Page::default());
    let out = Arc::new(Mutex::new(page.clone()));
    fill(&broker, "lines").await;
    let topics = ["lines".to_owned()].into_iter();
    tokio::select! {
        over = partitions::read(broker.address(), "readers", topics, out) => panic!("{over:?}"),
        () = wait_for_commit(&broker) => {}
    }
    page.wait_for(1).await;
    assert_eq!(page.text(), "lines-0: 3 records, now another member's\n");
}

async fn wait_for_commit(broker: &TestBroker) {
    let client = broker.client().await;
    let committed = async {
        loop {
            let committed = client.committed("readers").await.unwrap_or_default();
            if committed.get(&("lines".to_owned(), 0)).is_some_and(|at| at.offset == 3) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, committed).await.expect("all is committed");
}
