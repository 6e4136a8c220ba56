//! I27, I28, bug 78: files and directories that are not as they should be, and secrets.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use ottla_hostile::{Broker, MIB};
use ottla_testkit::{Target, ottla_binary};
use ottla_wire::{
    Message,
    messages::describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
};

fn ottla(words: &[&str], config: &Path) -> (bool, String) {
    let mut command = Command::new(ottla_binary());
    command.args(words).arg("-c").arg(config);
    // Whoever starts where it should not is ended.
    let mut bounded = Command::new("timeout");
    bounded.arg("20").arg(command.get_program()).args(command.get_args());
    let done = bounded.output().expect("the binary runs");
    let said = [done.stdout, done.stderr].concat();
    (done.status.success() || done.status.code() == Some(124), String::from_utf8_lossy(&said).into_owned())
}

fn properties(dir: &Path, more: &str) -> std::path::PathBuf {
    let text = format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.bootstrap.servers=127.0.0.1:1\n\
         controller.listener.names=CONTROLLER\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0\nlog.dirs={}\n{more}\n",
        dir.join("data").display()
    );
    let file = dir.join("server.properties");
    fs::write(&file, text).expect("a file in a temporary directory");
    file
}

#[test]
fn i27_settings_that_cannot_be_are_named_and_nothing_starts() {
    if Target::from_env() == Target::Kafka {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let config = properties(dir.path(), "");
    let format = ["storage", "format", "-t", "b3R0bGEtdGVzdC1rZXkhIQ", "--standalone"];
    assert!(ottla(&format, &config).0);
    for (line, named) in [
        ("num.partitions=many", "num.partitions"),
        ("num.partitions=0", "num.partitions"),
        ("socket.request.max.bytes=99999999999", "socket.request.max.bytes"),
        ("log.retention.ms=", "log.retention.ms"),
        ("listeners=PLAINTEXT://0.0.0.0:0,CONTROLLER://127.0.0.1:0", "allow.insecure.listeners"),
        ("listeners=PLAINTEXT://nonsense", "listeners"),
        ("ottla.max.partitions=-5", "ottla.max.partitions"),
    ] {
        let (started, said) = ottla(&["start"], &properties(dir.path(), line));
        assert!(!started, "{line}: started: {said}");
        assert!(said.contains(named), "{line}: {said}");
    }
}

#[test]
fn i28_directories_that_are_not_ours_are_refused() {
    if Target::from_env() == Target::Kafka {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let config = properties(dir.path(), "");
    let (started, said) = ottla(&["start"], &config);
    assert!(!started && said.contains("data"), "not formatted: {said}");
    let format = ["storage", "format", "-t", "b3R0bGEtdGVzdC1rZXkhIQ", "--standalone"];
    assert!(ottla(&format, &config).0);
    let meta = dir.path().join("data/meta.properties");
    let good = fs::read_to_string(&meta).expect("formatted");
    for (what, text) in [
        ("another node", good.replace("node.id=1", "node.id=7")),
        ("a version of the future", good.replace("version=1", "version=9")),
        ("no version", good.replace("version=1", "")),
        ("an empty file", String::new()),
        ("no text", "\0\0\0\0".repeat(1000)),
    ] {
        fs::write(&meta, text).expect("writable");
        let (started, said) = ottla(&["start"], &config);
        assert!(!started && said.contains("meta.properties"), "{what}: {said}");
    }
    fs::write(&meta, good).expect("writable");
    let other = properties(dir.path(), &format!("log.dirs={0}/data,{0}/other", dir.path().display()));
    let (started, said) = ottla(&["start"], &other);
    assert!(!started && said.contains("other"), "a second directory that is not formatted: {said}");
}

/// Secrets of the file are in no answer and no line, at the most talkative level.
#[test]
fn b78_secrets_are_in_no_answer_and_no_line() {
    const CANARY: &str = "canary-4711-do-not-sing";
    let jaas =
        format!("org.apache.kafka.common.security.plain.PlainLoginModule required password=\"{CANARY}\";");
    let broker = Broker::start_with(&[
        ("ssl.keystore.password", CANARY),
        ("ssl.key.password", CANARY),
        ("ssl.truststore.password", CANARY),
        ("sasl.jaas.config", &jaas),
        ("listener.name.plaintext.ssl.keystore.password", CANARY),
        ("listener.name.plaintext.plain.sasl.jaas.config", &jaas),
    ]);
    let resource = |name: &str| DescribeConfigsResource {
        resource_type: 4,
        resource_name: name.to_owned().into(),
        configuration_keys: None,
    };
    for name in ["1", ""] {
        let request = DescribeConfigsRequest {
            resources: vec![resource(name)],
            include_synonyms: true,
            include_documentation: true,
        };
        let answer = broker.connect().ask(4, &request);
        let bytes = answer.to_bytes(4).expect("as it was read");
        assert!(
            !bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()),
            "broker {name:?} tells a secret"
        );
        let secret = answer.results[0].configs.iter().find(|config| &*config.name == "ssl.key.password");
        assert!(secret.is_none_or(|secret| secret.is_sensitive && secret.value.is_none()), "{secret:?}");
    }
    assert!(!broker.node().said().contains(CANARY), "the log tells a secret");
    let data = broker.node().data();
    for file in files(&data) {
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(
            !bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()),
            "{} tells a secret",
            file.display()
        );
        let mode = fs::metadata(&file).map(|meta| meta.permissions().mode() & 0o077).unwrap_or(0);
        assert!(mode == 0 || !broker.is_ottla(), "{} is open to others", file.display());
    }
    broker.finish("b78", 32 * MIB);
}

fn files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
