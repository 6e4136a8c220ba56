//! Gives the commands of a transcript to the tools.

use std::{
    fs,
    io::Write,
    process::Command,
    time::{Duration, Instant},
};

use ottla_testkit::{Node, kafka_jars, ottla_binary};
use ottla_wire_tests::oracle::Oracle;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    mask::Mask,
    member, program,
    transcript::{Part, Said, Step, Transcript, Whose},
};

/// Whose tools are run.
pub(crate) enum Tools {
    Kafka(Box<Oracle>),
    Ottla,
}

/// The main classes of Kafka's scripts.
const CLASSES: &[(&str, &str)] = &[
    ("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    ("kafka-configs", "kafka.admin.ConfigCommand"),
    ("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
    ("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    ("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
    ("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
    ("kafka-dump-log", "org.apache.kafka.tools.DumpLogSegments"),
    ("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
    ("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
    ("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
    ("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
    ("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
    ("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
    ("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
    ("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
    ("kafka-verifiable-producer", "org.apache.kafka.tools.VerifiableProducer"),
    ("kafka-verifiable-consumer", "org.apache.kafka.tools.VerifiableConsumer"),
];

/// Those that end their JVM by themselves, and say their last words while it ends: each runs in a JVM of its own.
fn ends_its_jvm(tool: &str) -> bool {
    tool.starts_with("kafka-verifiable-")
}

/// How long a broker may take to show what its controller has changed: Kafka's tools start slowly, ours do not.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Whether a command changes nothing, so that it may be asked again.
fn only_looks(words: &[String]) -> bool {
    words.iter().any(|word| word == "--list" || word == "--describe")
}

pub(crate) struct Player<'a> {
    node: &'a Node,
    tools: Tools,
    files: TempDir,
}

impl<'a> Player<'a> {
    pub(crate) fn new(node: &'a Node, tools: Tools) -> Self {
        Self { node, tools, files: tempfile::tempdir().expect("a temporary folder") }
    }

    pub(crate) fn play(&mut self, transcript: &mut Transcript) {
        let mask = Mask::new(self.node.address(), self.files.path(), &self.node.data());
        for part in &mut transcript.parts {
            match part {
                Part::Text(_) => {}
                Part::File(name, line) => self.write(name, line),
                Part::Member(words) => {
                    let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
                    member::join(self.node.address(), &words);
                }
                Part::Step(step) => {
                    let words: Vec<String> = step.words().iter().map(|word| mask.fill_in(word)).collect();
                    let masked = |said: Said| Said {
                        out: mask.of(&said.out),
                        err: mask.of_errors(&said.err, &said.out),
                        code: said.code,
                    };
                    match (step.whose, &mut self.tools) {
                        (Whose::Kafka, Tools::Kafka(oracle)) => {
                            step.said = masked(kafka(oracle, &words, step));
                        }
                        (Whose::Kafka, Tools::Ottla) => {
                            let began = Instant::now();
                            step.said = masked(self.ottla(&words, step));
                            while only_looks(&words) && !step.is_as_written() && began.elapsed() < PATIENCE {
                                std::thread::sleep(PAUSE);
                                step.said = masked(self.ottla(&words, step));
                            }
                        }
                        (Whose::Ottla, _) => self.prepare(step, &words),
                    }
                }
            }
        }
    }

    fn write(&self, name: &str, line: &str) {
        let file = fs::File::options().create(true).append(true).open(self.files.path().join(name));
        writeln!(file.expect("a file"), "{line}").expect("it can be written");
    }

    /// What prepares something must succeed.
    fn prepare(&self, step: &Step, words: &[String]) {
        let said = self.ottla(words, step);
        assert_eq!(said.code, 0, "{}: {}", step.line, said.err);
    }

    fn ottla(&self, words: &[String], step: &Step) -> Said {
        let mut command = Command::new(ottla_binary());
        command.args(words).env("OTTLA_BOOTSTRAP", self.node.address());
        program::run(command, &step.input, step.until.as_deref())
    }
}

fn kafka(oracle: &mut Oracle, words: &[String], step: &Step) -> Said {
    let (tool, args) = words.split_first().expect("a command");
    let class = CLASSES.iter().find(|(name, _)| name == tool).unwrap_or_else(|| panic!("no tool {tool}")).1;
    if ends_its_jvm(tool) {
        let mut java = Command::new("java");
        java.args(["-Xmx256m", "-Dorg.apache.logging.log4j.level=OFF", "-cp"]).arg(kafka_jars().join("*"));
        java.arg(class).args(args);
        return program::run(java, &step.input, step.until.as_deref());
    }
    let question = json!({ "class": class, "args": args, "input": step.input });
    let answer = oracle.ask(&question.to_string()).unwrap_or_else(|why| panic!("{tool}: {why}"));
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
    let code = answer["code"].as_i64().and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
    Said { out: text("out"), err: text("err"), code }
}
