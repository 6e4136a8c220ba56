//! Much data in a short time, by Ottla's own producer.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use ottla_testkit::{Node, ottla_binary};

/// A command of ours against a node.
pub(crate) fn ottla(node: &Node, words: &[&str]) -> Command {
    let mut ottla = Command::new(ottla_binary());
    ottla.args(words).args(["--bootstrap", node.address()]);
    ottla
}

/// Bytes of a line with its end.
const LINE: usize = 1000;
const LINES_AT_ONCE: usize = 1000;

/// Puts as many bytes into a topic; all of it is acknowledged afterwards.
pub(crate) fn fill(node: &Node, topic: &str, bytes: usize) {
    let mut produce = ottla(node, &["produce", topic]);
    let mut produce = produce.stdin(Stdio::piped()).spawn().expect("ottla can be started");
    let mut input = produce.stdin.take().expect("the input is piped");
    let lines = [vec![b'x'; LINE - 1], vec![b'\n']].concat().repeat(LINES_AT_ONCE);
    for _ in 0..bytes / lines.len() {
        input.write_all(&lines).expect("ottla takes lines");
    }
    drop(input);
    assert!(produce.wait().expect("a child can be waited for").success(), "filling {topic}");
}

/// Whether one record is acknowledged.
pub(crate) fn is_acknowledged(node: &Node, topic: &str) -> bool {
    let mut produce = ottla(node, &["produce", topic]);
    produce.stdin(Stdio::piped()).stderr(Stdio::null());
    let mut produce = produce.spawn().expect("ottla can be started");
    let sent = produce.stdin.take().expect("the input is piped").write_all(b"probe\n").is_ok();
    produce.wait().expect("a child can be waited for").success() && sent
}
