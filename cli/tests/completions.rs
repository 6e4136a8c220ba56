//! What a shell offers.

use std::process::Command;

use ottla_testkit::{Node, Target, ottla_binary};

fn ottla(node: &Node, words: &[&str]) -> String {
    let mut ottla = Command::new(ottla_binary());
    let done = ottla.args(words).env("OTTLA_BOOTSTRAP", node.address()).output().expect("it can be run");
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

fn offers(node: &Node, words: &[&str]) -> Vec<String> {
    let said = ottla(node, &[&["complete", "--"], words].concat());
    said.lines().map(str::to_owned).collect()
}

#[test]
fn verbs_options_topics_and_groups_are_completed() {
    let node = Node::start(Target::from_env());
    for topic in ["orders", "offers", "payments"] {
        ottla(&node, &["topic", "create", topic, "-p", "1"]);
    }
    ottla(&node, &["group", "reset", "billing", "--to", "start", "--topic", "orders"]);
    assert_eq!(offers(&node, &["top"]), ["topic"]);
    assert_eq!(offers(&node, &["kafka-top"]), ["kafka-topics"]);
    assert_eq!(offers(&node, &["topic", "de"]), ["describe"]);
    assert_eq!(offers(&node, &["topic", "describe", "o"]), ["offers", "orders"]);
    assert_eq!(offers(&node, &["topic", "create", "o"]), [""; 0], "a new name");
    assert_eq!(offers(&node, &["topic", "rm", "orders", "p"]), ["payments"]);
    assert_eq!(offers(&node, &["topic", "ls", "-o", "j"]), ["json"]);
    assert_eq!(offers(&node, &["consume", "orders", "--gr"]), ["--group"]);
    assert_eq!(offers(&node, &["consume", "orders", "-g", ""]), ["billing"]);
    assert_eq!(offers(&node, &["group", "lag", "b"]), ["billing"]);
    assert_eq!(offers(&node, &["config", "get", "topic/or"]), ["topic/orders"]);
    assert_eq!(offers(&node, &["config", "get", "topic/orders", "retention.m"]), ["retention.ms"]);

    // The names are those of the cluster the line is about, and options that go with every verb are offered.
    let elsewhere = ["topic", "describe", "--bootstrap", "127.0.0.1:1", "o"];
    let done = Command::new(ottla_binary())
        .args(["complete", "--"])
        .args(elsewhere)
        .output()
        .expect("it can be run");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "");
    let here = format!("--bootstrap={}", node.address());
    let done =
        Command::new(ottla_binary()).args(["complete", "--", "topic", "describe", &here, "o"]).output();
    assert_eq!(String::from_utf8_lossy(&done.expect("it can be run").stdout), "offers\norders\n");
    assert_eq!(offers(&node, &["topic", "describe", "--boo"]), ["--bootstrap"]);

    // As bash does it.
    let script = r#"source <(ottla completions bash); COMP_WORDS=(ottla topic describe or); COMP_CWORD=3; _ottla; echo "${COMPREPLY[@]}""#;
    let folder = ottla_binary().parent().expect("it lies in a folder");
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
    let mut bash = Command::new("bash");
    let done = bash.args(["-c", script]).env("PATH", path).env("OTTLA_BOOTSTRAP", node.address()).output();
    let done = done.expect("bash");
    assert_eq!(
        String::from_utf8_lossy(&done.stdout),
        "orders\n",
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
