//! Data directories that go from Apache Kafka to Ottla and back.
//!
//! One program works on the cluster through all of it: its producers live on, and it knows every record, commit and
//! setting that was acknowledged, whoever served at the time.

use std::{ffi::OsString, fs, process::Command, sync::OnceLock, time::Duration};

use ottla_conformance::{Driver, languages};
use ottla_testkit::{Layout, Node, Target, Voters, checked, ottla_binary, until};

/// What makes a few megabytes do what gigabytes do elsewhere.
const SETTINGS: &[(&str, &str)] = &[
    ("auto.create.topics.enable", "false"),
    ("transaction.state.log.num.partitions", "4"),
    ("offsets.topic.segment.bytes", "1048576"),
    ("log.cleaner.backoff.ms", "200"),
    ("log.cleaner.min.cleanable.ratio", "0.01"),
    ("metadata.log.max.record.bytes.between.snapshots", "8000"),
];

/// The driver, compiled once: other tests of this process run the same classes.
fn driver(node: &Node) -> Driver {
    static COMPILED: OnceLock<Vec<OsString>> = OnceLock::new();
    let words = COMPILED.get_or_init(|| {
        let java = languages::java("DirsDriver");
        std::iter::once(java.get_program()).chain(java.get_args()).map(OsString::from).collect()
    });
    Driver::start(node.address(), Command::new(&words[0]).args(&words[1..]))
}

/// Whether these tests can run. Without Java they are skipped, in CI they fail.
#[allow(clippy::print_stdout, reason = "a test that is skipped says so")]
fn has_java() -> bool {
    let found = Command::new("java").arg("-version").output().is_ok_and(|done| done.status.success());
    if !found && std::env::var_os("CI").is_none() {
        println!("skipped: there is no java on the path, and Apache Kafka needs one");
        return false;
    }
    true
}

/// Stops the node cleanly and has Kafka's tool read every file.
fn stop_and_dump(node: &mut Node, driver: &mut Driver) {
    node.stop();
    let dirs: Vec<String> = node.log_dirs().iter().map(|dir| dir.display().to_string()).collect();
    driver.order(&format!("dump {}", dirs.join(" ")));
}

fn on(target: Target, node: &mut Node, driver: &mut Driver, orders: &[&str]) {
    node.start_as(target);
    orders.iter().for_each(|order| driver.order(order));
}

/// What `ottla storage info` says of the node's directories.
fn info(node: &Node) -> String {
    let mut ottla = Command::new(ottla_binary());
    ottla.args(["storage", "info", "-c"]).arg(node.properties());
    checked("storage info", &mut ottla)
}

#[test]
fn kafkas_directory_goes_to_ottla_and_back() {
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Kafka, &Layout { settings: SETTINGS, ..Layout::default() });
    let mut driver = driver(&node);
    on(Target::Kafka, &mut node, &mut driver, &["fill", "transactions", "compact", "check"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Ottla, &mut node, &mut driver, &["check", "more", "check"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "transactions", "check"]);
    node.kill();
    on(Target::Ottla, &mut node, &mut driver, &["check", "more", "check"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "check"]);
    stop_and_dump(&mut node, &mut driver);
}

/// Waits until a partition was compacted.
fn compacted(node: &Node, partition: &str) {
    let checkpoint = node.log_dirs()[0].join("cleaner-offset-checkpoint");
    until(&format!("the compaction of {partition}"), Duration::from_secs(120), || {
        let cleaned = fs::read_to_string(&checkpoint).ok()?;
        cleaned.lines().any(|line| line.starts_with(partition)).then_some(())
    });
}

#[test]
fn transactions_of_kafka_are_compacted_by_ottla_and_read_by_kafka() {
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Kafka, &Layout { settings: SETTINGS, ..Layout::default() });
    let mut driver = driver(&node);
    on(Target::Kafka, &mut node, &mut driver, &["fill", "transactions", "check"]);
    node.stop();
    on(Target::Ottla, &mut node, &mut driver, &["check", "let-clean", "more"]);
    compacted(&node, "txn-compacted 0");
    driver.order("check");
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "transactions", "check"]);
    stop_and_dump(&mut node, &mut driver);
}

#[test]
fn an_open_transaction_of_kafka_is_ended_by_ottla() {
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Kafka, &Layout { settings: SETTINGS, ..Layout::default() });
    let mut driver = driver(&node);
    on(Target::Kafka, &mut node, &mut driver, &["fill", "transactions", "open-transaction", "check"]);
    node.stop();
    let told = info(&node);
    for line in [
        "cluster.id        b3R0bGEtdGVzdC1rZXkhIQ",
        "node.id           1",
        "stopped           cleanly, broker epoch ",
        "metadata.version                  30 (4.3-IV0)",
        "kraft.version                     1",
    ] {
        assert!(told.contains(line), "no `{line}` in\n{told}");
    }
    on(
        Target::Ottla,
        &mut node,
        &mut driver,
        &["check", "abort-transaction", "check", "more", "transactions"],
    );
    node.kill();
    assert!(info(&node).contains("not cleanly"));
    on(Target::Ottla, &mut node, &mut driver, &["check", "transactions", "check"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "transactions", "check"]);
}

#[test]
fn static_voters_and_two_directories_go_to_ottla_and_back() {
    let layout = Layout { voters: Voters::Static, more_log_dirs: 1, settings: SETTINGS, ..Layout::default() };
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Kafka, &layout);
    let mut driver = driver(&node);
    on(Target::Kafka, &mut node, &mut driver, &["fill", "transactions"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Ottla, &mut node, &mut driver, &["check", "more"]);
    node.kill();
    on(Target::Ottla, &mut node, &mut driver, &["check", "more"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "transactions", "check"]);
    stop_and_dump(&mut node, &mut driver);
}

#[test]
fn ottlas_directory_goes_to_kafka_and_back() {
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Ottla, &Layout { settings: SETTINGS, ..Layout::default() });
    let mut driver = driver(&node);
    on(Target::Kafka, &mut node, &mut driver, &["fill", "transactions"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Ottla, &mut node, &mut driver, &["check", "more"]);
    node.kill();
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "transactions", "check"]);
    stop_and_dump(&mut node, &mut driver);
}

#[test]
fn ottlas_own_directory_goes_to_kafka() {
    let layout = Layout { more_log_dirs: 1, settings: SETTINGS, ..Layout::default() };
    if !has_java() {
        return;
    }
    let mut node = Node::formatted(Target::Ottla, &layout);
    let mut driver = driver(&node);
    on(Target::Ottla, &mut node, &mut driver, &["fill", "more"]);
    compacted(&node, "compacted 0");
    stop_and_dump(&mut node, &mut driver);
    on(Target::Kafka, &mut node, &mut driver, &["check", "more", "transactions", "check"]);
    stop_and_dump(&mut node, &mut driver);
    on(Target::Ottla, &mut node, &mut driver, &["check"]);
}
