//! Streams whose other end is closed.

use std::{
    net::TcpStream,
    process::{Command, Stdio},
    time::Duration,
};

use ottla_testkit::{Node, Target, free_ports, until};
use rustix::process::{Pid, Signal, kill_process};

fn ottla(arguments: &[&str]) -> Command {
    let mut ottla = Command::new(env!("CARGO_BIN_EXE_ottla"));
    ottla.args(arguments).stdin(Stdio::null());
    ottla
}

#[test]
fn a_broker_nobody_listens_to_goes_on_and_stops_cleanly() {
    let [kafka, http] = free_ports().map(|port| port.to_string());
    let mut dev = ottla(&["dev", "--memory", "--port", &kafka, "--http-port", &http]);
    let mut broker = dev.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ottla can be started");
    drop((broker.stdout.take(), broker.stderr.take()));
    let address = format!("127.0.0.1:{kafka}");
    until("the broker's port", Duration::from_secs(30), || TcpStream::connect(&address).ok());
    let pid = i32::try_from(broker.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
    kill_process(pid, Signal::TERM).expect("it is still there");
    let status = until("the broker's end", Duration::from_secs(30), || {
        broker.try_wait().expect("a child can be waited for")
    });
    assert!(status.success(), "{status}");
}

#[test]
fn whoever_waits_for_records_ends_when_nobody_reads_any_more() {
    let node = Node::start(Target::from_env());
    let run = |words: &[&str]| {
        let mut tool = ottla(words);
        tool.env("OTTLA_BOOTSTRAP", node.address());
        tool
    };
    assert!(run(&["topic", "create", "t"]).status().expect("it can be run").success());
    // Nothing is in the topic, and nothing will be.
    let mut consume = run(&["consume", "t"]);
    let mut consume =
        consume.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ottla can be started");
    drop(consume.stdout.take());
    let status = until("the consumer's end", Duration::from_secs(30), || {
        consume.try_wait().expect("a child can be waited for")
    });
    assert!(status.success(), "{status}");
}

#[test]
fn a_tool_whose_reader_has_had_enough_is_done() {
    let mut tool = ottla(&["storage", "random-uuid"]);
    let mut tool = tool.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ottla can be started");
    drop(tool.stdout.take());
    let done = tool.wait_with_output().expect("a child can be waited for");
    assert!(done.status.success(), "{}: {}", done.status, String::from_utf8_lossy(&done.stderr));
}
