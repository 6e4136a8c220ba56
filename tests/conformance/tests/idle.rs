//! What a node needs when nobody uses it, and how it starts and stops.
//!
//! Prints the figures of `docs/benchmarks/idle.md`:
//! `cargo test --release -p ottla-conformance --test idle -- --nocapture`, and the same with `OTTLA_TARGET=kafka`.
#![allow(clippy::print_stdout, reason = "the figures are what this is for")]

use std::{
    fs,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use ottla_testkit::{Node, Target, ottla_binary, until};

fn ottla(node: &Node, arguments: &[&str]) -> Command {
    let mut ottla = Command::new(ottla_binary());
    ottla.args(arguments).args(["--bootstrap", node.address()]);
    ottla
}

fn said(command: &mut Command) -> String {
    let done = command.output().expect("ottla can be started");
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("ottla prints UTF-8")
}

/// A number of kibibytes or bytes in a file below /proc/<pid>.
fn of_process(node: &Node, file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/{file}", node.pid())).expect("the node is alive");
    let line = text.lines().find_map(|line| line.strip_prefix(key)).expect("the key is in the file");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number follows")
}

fn resident_mib(node: &Node) -> u64 {
    of_process(node, "status", "VmRSS:") / 1024
}

fn partitions(node: &Node, topic: &str) -> usize {
    said(&mut ottla(node, &["topic", "describe", topic, "-o", "json"])).matches("\"leader\"").count()
}

#[test]
fn two_thousand_partitions_and_a_clean_restart_that_reads_little() {
    let target = Target::from_env();
    let mut node = Node::start(target);
    node.stop();
    println!("{target:?}: started again in {:?}", node.restart());
    println!("{target:?}: resident when idle: {} MiB", resident_mib(&node));

    let began = Instant::now();
    said(&mut ottla(&node, &["topic", "create", "many", "-p", "2000"]));
    println!("{target:?}: 2,000 partitions created in {:?}", began.elapsed());
    let began = Instant::now();
    until("2,000 partitions listed", Duration::from_secs(60), || {
        (partitions(&node, "many") == 2000).then_some(())
    });
    println!("{target:?}: 2,000 partitions listed {:?} later", began.elapsed());
    println!("{target:?}: resident with 2,000 partitions: {} MiB", resident_mib(&node));

    let megabytes = fill(&node);
    println!("{target:?}: stopped in {:?}", node.stop());
    println!("{target:?}: started with 2,001 partitions and {megabytes} MB in {:?}", node.restart());
    assert_eq!(partitions(&node, "many"), 2000);
    assert_eq!(said(&mut ottla(&node, &["consume", "full", "-o", "start", "-n", "1"])).len(), LINE);
    if target == Target::Ottla {
        // A scan would have read all of it.
        let read = of_process(&node, "io", "rchar:");
        println!("{target:?}: read {read} bytes since its start");
        assert!(read < megabytes * 1_000_000 / 2, "{read} bytes were read after a clean stop");
    }
    println!("{target:?}: stopped in {:?}", node.stop());
}

/// Bytes of a line, with its end.
const LINE: usize = 1000;

fn fill(node: &Node) -> u64 {
    let lines = 50_000;
    let mut produce = ottla(node, &["produce", "full"]);
    let mut produce = produce.stdin(Stdio::piped()).spawn().expect("ottla can be started");
    let mut input = produce.stdin.take().expect("the input is piped");
    let line = [b"x".repeat(LINE - 1), b"\n".to_vec()].concat();
    for _ in 0..lines {
        input.write_all(&line).expect("ottla takes lines");
    }
    drop(input);
    assert!(produce.wait().expect("a child can be waited for").success(), "the lines were not taken");
    (lines * LINE / 1_000_000) as u64
}
