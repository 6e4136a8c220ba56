//! `--print-metrics`: nothing that Kafka's tools do not print, and what is printed is what happened.

use std::{collections::BTreeMap, process::Command};

use ottla_testkit::{Node, Target, ottla_binary};

const PRODUCER: &str = include_str!("metrics/producer.txt");
const CONSUMER: &str = include_str!("metrics/consumer.txt");

/// What a tool prints behind its own lines: values by group and name, and each name with its tags.
fn metrics(node: &Node, words: &str) -> (BTreeMap<String, f64>, Vec<String>) {
    let words = format!("{words} --bootstrap-server {} --print-metrics", node.address());
    let done = Command::new(ottla_binary()).args(words.split(' ')).output().expect("it can be run");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    let (_, table) = said.split_once("\n\nMetric Name").expect("a table of metrics");
    let (mut values, mut names) = (BTreeMap::new(), Vec::new());
    for line in table.lines().skip(1) {
        let (metric, value) = line.rsplit_once(" : ").expect("a value");
        let (name, tags) = metric.trim_end().split_once(":{").expect("tags");
        let tags =
            tags.trim_end_matches('}').split(", ").map(|tag| tag.split('=').next().unwrap_or_default());
        names.push(format!("{name} {}", tags.collect::<Vec<_>>().join(" ")));
        values.insert(name.to_owned(), value.parse().expect("a number"));
    }
    (values, names)
}

fn are_kafkas(names: &[String], kafkas: &str) {
    assert!(!names.is_empty());
    for name in names {
        assert!(kafkas.lines().any(|line| line == name), "Kafka's tool has no {name}");
    }
}

#[test]
fn what_is_printed_is_what_happened_and_kafkas_tools_print_it_too() {
    let node = Node::start(Target::from_env());
    let topic = ["topic", "create", "t", "-p", "1"];
    let made = Command::new(ottla_binary()).args(topic).env("OTTLA_BOOTSTRAP", node.address()).status();
    assert!(made.expect("it can be run").success());

    let load = "kafka-producer-perf-test --topic t --num-records 500 --record-size 100 --throughput -1 \
                --command-property client.id=mine";
    let (values, names) = metrics(&node, load);
    are_kafkas(&names, PRODUCER);
    let value = |name: &str| values[&format!("producer-metrics:{name}")];
    assert_eq!((value("record-send-total"), value("record-error-total")), (500.0, 0.0));
    assert_eq!(values["producer-topic-metrics:record-send-total"], 500.0);
    assert!(value("outgoing-byte-total") > 50_000.0, "{values:?}");
    assert!(value("request-total") >= value("response-total") && value("response-total") > 0.0, "{values:?}");
    assert_eq!(value("network-io-total"), value("request-total") + value("response-total"));
    assert!(value("request-size-max") >= value("request-size-avg"));

    let (values, names) = metrics(&node, "kafka-consumer-perf-test --topic t --num-records 500");
    are_kafkas(&names, CONSUMER);
    let fetching = |name: &str| values[&format!("consumer-fetch-manager-metrics:{name}")];
    assert_eq!((fetching("records-consumed-total"), fetching("records-lag")), (500.0, 0.0));
    assert_eq!(fetching("records-lead"), 500.0);
    assert!(values["consumer-metrics:incoming-byte-total"] > 50_000.0, "{values:?}");
    assert_eq!(values["consumer-coordinator-metrics:assigned-partitions"], 1.0);
}
