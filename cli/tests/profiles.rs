//! `ottla profile` and what profiles, flags and the environment come to.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Output},
};

use ottla_testkit::{Node, Target, ottla_binary};

/// A user with a folder for configuration.
struct User {
    home: tempfile::TempDir,
}

impl User {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(ottla_binary());
        command.args(words.split(' ')).env("XDG_CONFIG_HOME", self.home.path());
        command.env_remove("OTTLA_BOOTSTRAP").env_remove("OTTLA_PROFILE");
        command
    }

    fn says(&self, words: &str) -> String {
        out(words, self.command(words).output().expect("it can be run"))
    }

    fn refused(&self, words: &str) -> String {
        let done = self.command(words).output().expect("it can be run");
        assert_eq!(done.status.code(), Some(1), "{words}: {}", String::from_utf8_lossy(&done.stdout));
        String::from_utf8_lossy(&done.stderr).into_owned()
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    }
}

fn out(words: &str, done: Output) -> String {
    assert!(done.status.success(), "{words}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn a_profile_says_which_cluster_and_how() {
    let node = Node::start(Target::from_env());
    let (user, address) = (User::new(), node.address());
    assert_eq!(user.says("profile ls -o json"), "[]\n");
    assert_eq!(
        user.says(&format!("profile create here bootstrap.servers={address} client.id=me")),
        "profile here: 2 settings\n"
    );
    user.says("profile create nowhere bootstrap.servers=127.0.0.1:1");
    assert_eq!(user.says("topic create t --profile here"), "created t\n");
    assert_eq!(user.says("topic ls -o name --profile here"), "t\n");
    assert_eq!(user.says("profile use nowhere"), "profile nowhere is in use\n");
    let why = user.refused("topic ls");
    assert!(why.contains("(profile nowhere says 127.0.0.1:1)"), "{why}");

    // From the farthest to the nearest.
    let with = |words: &str, variables: &[(&str, &str)]| {
        out(words, user.command(words).envs(variables.iter().copied()).output().expect("it can be run"))
    };
    assert_eq!(with("topic ls -o name", &[("OTTLA_PROFILE", "here")]), "t\n");
    assert_eq!(with("topic ls -o name", &[("OTTLA_BOOTSTRAP", address)]), "t\n");
    assert_eq!(with("topic ls -o name --profile here", &[("OTTLA_BOOTSTRAP", "127.0.0.1:1")]), "t\n");
    assert_eq!(user.says(&format!("topic ls -o name -X bootstrap.servers={address}")), "t\n");
    let both = format!("topic ls -o name -X bootstrap.servers=127.0.0.1:1 --bootstrap {address}");
    assert_eq!(user.says(&both), "t\n");

    assert_eq!(user.says("profile ls -o name"), "here\nnowhere\n");
    let shown: serde_json::Value =
        serde_json::from_str(&user.says("profile show here -o json")).expect("JSON");
    assert_eq!((&shown[1]["key"], &shown[1]["value"]), (&"client.id".into(), &"me".into()));
    assert!(user.says("profile show").contains("127.0.0.1:1"), "the one in use");
    assert_eq!(user.says("profile rm nowhere"), "removed nowhere\n");
    assert!(user.refused("profile show").contains("no profile is in use"));
    assert!(user.refused("topic ls --profile her").contains("did you mean `here`?"));
    assert!(user.refused("profile create here client.id=a").contains("--replace"));
    assert!(user.refused("profile create a.b/c client.id=a").contains("no name of a profile"));
    assert!(user.refused("profile create x clientid=a").contains("did you mean `client.id`?"));
}

#[test]
fn what_this_client_does_not_do_is_refused_and_nothing_secret_is_shown() {
    let user = User::new();
    let why = user.refused("topic ls -X security.protocol=SASL_SSL");
    assert!(why.contains("-X: security.protocol=SASL_SSL is not supported yet"), "{why}");
    let why = user.refused("topic ls -X sasl.jaas.config=hunter2");
    assert!(why.contains("sasl.jaas.config") && !why.contains("hunter2"), "{why}");
    let misused = user.command("topic ls -X nonsense").output().expect("it can be run");
    assert_eq!(misused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&misused.stderr).contains("-X nonsense: expected key=value"));
    assert!(user.refused("topic ls --bootstrap here").contains("expected host:port"));
    let folder = user.home.path().join("ottla");
    fs::create_dir(&folder).expect("a folder");
    let written = r#"{"current": "a", "profiles": {"a": {"ssl.key.password": "hunter2"}}}"#;
    fs::write(folder.join("profiles.json"), written).expect("a file");
    let shown = user.says("profile show a");
    assert!(shown.contains("ssl.key.password  (secret)") && !shown.contains("hunter2"), "{shown}");
    let why = user.refused("topic ls");
    assert!(why.contains("profile a: ssl.key.password=(secret) is not supported yet"), "{why}");
    fs::write(folder.join("profiles.json"), "{").expect("a file");
    assert!(user.refused("profile ls").contains("profiles.json"));
}

#[test]
fn other_tools_files_become_profiles() {
    let user = User::new();
    let java = user.file("client.properties", "bootstrap.servers=a:1\nfetch.min.bytes=7\n");
    assert_eq!(user.says(&format!("profile import {java}")), "profile client: 2 settings\n");
    let kcat = user.file("kcat.conf", "metadata.broker.list=b:1\ndebug=all\n");
    let done = user.command(&format!("profile import {kcat} mine")).output().expect("it can be run");
    assert!(String::from_utf8_lossy(&done.stderr).contains("debug is left out"));
    let rpk = user.file("rpk.yaml", "profiles:\n  - name: local\n    kafka_api:\n      brokers: [c:1]\n");
    user.says(&format!("profile import {rpk}"));
    assert_eq!(user.says("profile ls -o name"), "client\nlocal\nmine\n");
    assert!(
        user.says("profile show mine").contains("b:1") && user.says("profile show local").contains("c:1")
    );
    assert!(user.refused(&format!("profile import {rpk}")).contains("--replace"));
    assert!(user.refused("profile import /nowhere/at.all").contains("/nowhere/at.all"));
    let sasl = user.file("sasl.properties", "security.protocol=SASL_SSL\n");
    assert!(user.refused(&format!("profile import {sasl}")).contains("SASL_SSL is not supported yet"));
    assert_eq!(user.says("profile ls -o name"), "client\nlocal\nmine\n");
    let kept = Path::new(user.home.path()).join("ottla/profiles.json");
    assert!(fs::read_to_string(kept).expect("a file").contains("fetch.min.bytes"));
}

#[test]
fn a_broker_that_does_not_answer_is_not_waited_for_for_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let user = User::new();
    let why = user.refused(&format!("topic ls --bootstrap {address} -X request.timeout.ms=200"));
    assert!(why.contains("an answer of the broker took too long"), "{why}");
}
