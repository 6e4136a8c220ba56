//! Kafka's own scripts and ours, command line by command line.
//!
//! A transcript (`transcripts/*.txt`) is a list of command lines with what the tools of Apache Kafka 4.3.1 say to them. The
//! test gives the same lines to the shims, against Ottla. With `OTTLA_TARGET=kafka` the shims talk to Apache Kafka;
//! with `OTTLA_RECORD=1` Kafka's tools talk to Apache Kafka, and the transcripts are written anew.

mod dumps;
mod mask;
mod member;
mod play;
mod program;
mod transcript;

use std::{fs, path::PathBuf, process::Command};

use ottla_testkit::{KAFKA_VERSION, Node, Target, ottla_binary, workspace};
use ottla_wire_tests::oracle::Oracle;

use crate::{
    play::{Player, Tools},
    transcript::Transcript,
};

fn recording() -> bool {
    std::env::var_os("OTTLA_RECORD").is_some()
}

fn oracle() -> Oracle {
    Oracle::kafka_program(&workspace().join("cli/tests/java/ToolOracle.java"))
}

/// Plays a transcript from its beginning on a new broker.
fn says_what_kafka_says(name: &str) {
    let path = workspace().join("cli/tests/shims/transcripts").join(name).with_extension("txt");
    let written = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut transcript = Transcript::parse(&written);
    if recording() {
        let node = Node::start(Target::Kafka);
        Player::new(&node, Tools::Kafka(Box::new(oracle()))).play(&mut transcript);
        fs::write(&path, transcript.to_string()).expect("a transcript can be written");
        return;
    }
    let node = Node::start(Target::from_env());
    Player::new(&node, Tools::Ottla).play(&mut transcript);
    let found = transcript.to_string();
    let differences = transcript::differences(&written, &found);
    assert!(differences.is_empty(), "{name}: `-` as Kafka says it, `+` as we do\n{differences}");
}

macro_rules! transcripts {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            says_what_kafka_says(stringify!($name));
        })*

        #[test]
        fn every_transcript_is_played() {
            let names = [$(stringify!($name)),*];
            let folder = workspace().join("cli/tests/shims/transcripts");
            for file in fs::read_dir(folder).expect("the transcripts").flatten() {
                let name = file.path().with_extension("").file_name().map(PathBuf::from).unwrap_or_default();
                assert!(names.iter().any(|known| name.ends_with(known)), "{} is played by no test", name.display());
            }
        }
    };
}

transcripts! {
    topics configs groups consumer_groups get_offsets delete_records log_dirs
    cluster console dump_log features producer_perf consumer_perf verifiable_producer verifiable_consumer
}

/// The texts of Kafka's errors, as its clients know them.
#[test]
fn errors_are_kafkas() {
    let path = workspace().join("cli/src/kafka/errors.tsv");
    if recording() {
        let table = oracle().ask("\"errors\"").expect("a table");
        let table: String = serde_json::from_str(&table).expect("a JSON string");
        fs::write(&path, table).expect("the table can be written");
    }
    let table = fs::read_to_string(&path).expect("the table");
    assert!(table.lines().all(|line| line.split('\t').count() == 3) && table.lines().count() > 100);
}

#[test]
fn a_link_named_like_a_script_is_that_script() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let link = folder.path().join("kafka-topics.sh");
    std::os::unix::fs::symlink(ottla_binary(), &link).expect("a link");
    let done = Command::new(&link).arg("--version").output().expect("it can be run");
    assert_eq!(String::from_utf8_lossy(&done.stdout), format!("{KAFKA_VERSION}\n"));
    let done = Command::new(&link).arg("--bogus").output().expect("it can be run");
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&done.stderr), "bogus is not a recognized option\n");
}

/// Settings and options nothing here can do are not passed over in silence, even where no broker answers.
#[test]
fn what_cannot_be_done_is_refused() {
    let producer = "kafka-producer-perf-test --topic t --num-records 1 --record-size 1 --throughput -1";
    let consumer = "kafka-consumer-perf-test --topic t --num-records 1";
    let cases = [
        (producer, "--command-property interceptor.classes=a.B", "interceptor.classes is not supported yet"),
        (
            producer,
            "--command-property transaction.two.phase.commit.enable=true",
            "transaction.two.phase.commit.enable is not supported yet",
        ),
        (producer, "--command-property security.protocol=SSL", "security.protocol SSL is not supported yet"),
        (consumer, "--command-property config.providers=a", "config.providers is not supported yet"),
        (consumer, "--date-format w", "Pattern character 'w' is not supported yet"),
    ];
    for (command, more, why) in cases {
        let words = format!("{command} --bootstrap-server 127.0.0.1:1 {more}");
        let done = Command::new(ottla_binary()).args(words.split(' ')).output().expect("it can be run");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(said.trim_end().ends_with(why), "{words}: {said}");
        assert_eq!(done.status.code(), Some(1), "{words}");
    }
}
