//! `ottla consume --filter`.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use ottla_testkit::{Node, Target, ottla_binary};

fn ottla(node: &Node, words: &[&str], input: &str) -> Output {
    let mut command = Command::new(ottla_binary());
    command.args(words).env("OTTLA_BOOTSTRAP", node.address());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be run");
    // One that has already refused reads nothing.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn only_what_an_expression_is_true_of_is_printed() {
    let node = Node::start(Target::from_env());
    ottla(&node, &["topic", "create", "t", "-p", "1"], "");
    let lines: String = (0..10).map(|number| format!("{{\"n\":{number}}}\n")).collect();
    assert!(ottla(&node, &["produce", "t", "-k", "json", "-H", "kind=a"], &lines).status.success());
    assert!(ottla(&node, &["produce", "t", "-k", "plain"], "one\ntwo\n").status.success());
    let consume = |more: &[&str]| ottla(&node, &[&["consume", "t"], more].concat(), "");

    let found = consume(&["-o", ":end", "--filter", "value.n >= 7", "-f", "%o %v\\n"]);
    assert_eq!(text(&found.stdout), "7 {\"n\":7}\n8 {\"n\":8}\n9 {\"n\":9}\n");
    let told = text(&found.stderr);
    assert!(told.contains("2 records were left out that could not be judged"), "{told}");
    assert!(told.contains("(offset 10 of t-0)"), "{told}");

    // So many that match, however many are read for it.
    let found = consume(&["-o", "start", "-n", "2", "--filter", "key == 'plain'", "-f", "%v %i\\n"]);
    assert_eq!((text(&found.stdout).as_str(), text(&found.stderr).as_str()), ("one 1\ntwo 2\n", ""));
    let found = consume(&["-o", "2:8", "--filter", "headers.kind == 'a' && offset % 2 == 1", "-f", "%o\\n"]);
    assert_eq!(text(&found.stdout), "3\n5\n7\n");

    // What a group has left out is done as well.
    let group = &["-g", "g", "-o", "start", "-e", "--filter", "text == 'two'"];
    assert_eq!(text(&consume(group).stdout), "two\n");
    let lag = ottla(&node, &["group", "lag", "g", "-o", "json"], "");
    let lag: serde_json::Value = serde_json::from_slice(&lag.stdout).expect("JSON");
    assert_eq!(lag[0]["lag"], 0);
}

#[test]
fn what_is_right_for_no_record_is_refused_before_one_is_read() {
    // Nobody answers there: it is refused before that is noticed.
    let refused = |filter: &str| {
        let words = ["consume", "t", "--bootstrap", "127.0.0.1:1", "--filter", filter];
        let done = Command::new(ottla_binary()).args(words).output().expect("it can be run");
        assert_eq!(done.status.code(), Some(2), "{filter}");
        text(&done.stderr)
    };
    for (filter, why) in [
        ("value ==", "--filter value =="),
        ("valu == 'a'", "did you mean `value`?"),
        ("frob(value)", "`frob` is unknown"),
        ("offset", "not true or false"),
    ] {
        let said = refused(filter);
        assert!(said.contains(why) && !said.contains("cannot reach"), "{filter}: {said}");
    }
}
