//! `ottla log`: files of a log as a broker has written them.

use std::{fs, path::Path, process::Command};

use ottla_testkit::{Node, Target, ottla_binary};

fn ottla(node: &Node, words: &[&str], input: &str) -> (i32, String) {
    use std::io::Write;
    let mut ottla = Command::new(ottla_binary());
    ottla.args(words).env("OTTLA_BOOTSTRAP", node.address());
    ottla.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = ottla.stderr(std::process::Stdio::piped()).spawn().expect("ottla can be started");
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let done = child.wait_with_output().expect("the tool ends");
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8_lossy(&said).into_owned())
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a name in UTF-8")
}

#[test]
fn a_log_is_dumped_and_verified_and_damage_in_it_is_found() {
    let node = Node::start(Target::from_env());
    ottla(&node, &["topic", "create", "t", "-p", "1"], "");
    for line in ["one\n", "two\n", "three\n"] {
        assert_eq!(ottla(&node, &["produce", "t", "-k", "key"], line).0, 0);
    }
    let partition = node.data().join("t-0");
    let file = partition.join("00000000000000000000.log");
    let (code, records) = ottla(&node, &["log", "dump", path(&file), "-r", "-o", "json"], "");
    let records: serde_json::Value = serde_json::from_str(&records).expect("JSON");
    assert_eq!((code, records.as_array().map(Vec::len)), (0, Some(3)));
    assert_eq!((&records[2]["key"], &records[2]["value"]), (&"key".into(), &"three".into()));
    let (code, batches) = ottla(&node, &["log", "dump", path(&file)], "");
    let all = ottla(&node, &["log", "dump", path(&partition)], "");
    assert_eq!(all, (code, batches.clone()), "a directory stands for the files in it");
    let (refused, said) = ottla(&node, &["log", "verify", path(&file)], "");
    assert!(refused == 1 && said.contains("is no directory: `ottla log dump "), "{said}");
    assert_eq!((code, batches.lines().count()), (0, 4), "a head and a batch for each line: {batches}");
    assert!(batches.lines().skip(1).all(|line| line.ends_with("true")), "{batches}");

    let (code, said) = ottla(&node, &["log", "verify", path(&node.data())], "");
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("t-0: offsets 0 to 3, "), "{said}");

    // In a copy, so that the broker does not see it: a byte of the second record's value.
    let copy = tempfile::tempdir().expect("a temporary folder");
    let damaged = copy.path().join("t-0");
    fs::create_dir(&damaged).expect("a folder");
    let mut bytes = fs::read(&file).expect("the log");
    let at = bytes.windows(3).position(|window| window == b"two").expect("the record");
    bytes[at] ^= 1;
    fs::write(damaged.join("00000000000000000000.log"), &bytes).expect("a file");
    let (code, said) = ottla(&node, &["log", "verify", path(&damaged)], "");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("offsets 0 to 1, then damaged inside"), "{said}");
    let (_, batches) = ottla(&node, &["log", "dump", path(&damaged.join("00000000000000000000.log"))], "");
    assert_eq!(batches.lines().filter(|line| line.ends_with("false")).count(), 1, "{batches}");

    bytes.truncate(bytes.len() - 5);
    fs::write(damaged.join("00000000000000000000.log"), &bytes).expect("a file");
    let (code, said) = ottla(&node, &["log", "dump", path(&damaged.join("00000000000000000000.log"))], "");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("bytes at the end are no whole batch"), "{said}");
}
