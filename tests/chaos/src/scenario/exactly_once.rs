//! Consume, transform, produce, in transactions with the offsets of the input, while brokers and instances are killed.
//!
//! Two pipelines read one input, one with each group protocol. Each has instances under fixed transactional ids; one in
//! ten transactions is aborted by its writer. Whoever reads committed records must find every input once in each output,
//! and at no time anything of a transaction that is open, was aborted or came in part.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use ottla_checker::{TransformReport, check_transform};
use ottla_testkit::{Node, Target, until};
use tempfile::TempDir;

use crate::{Dice, Figures, Language, Program, Worker, episode::create_topic, say};

const PARTITIONS: u32 = 3;
/// How long it may take until every pipeline has got something done after a fault: members that are gone are waited for,
/// what they left open is aborted, and a JVM may start meanwhile.
const PROGRESS: Duration = Duration::from_secs(120);
const PROTOCOLS: [&str; 2] = ["classic", "consumer"];

/// What members and transactions that are gone wait for, shortened.
const SETTINGS: [(&str, &str); 7] = [
    ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500"),
    ("group.initial.rebalance.delay.ms", "0"),
    ("group.consumer.min.session.timeout.ms", "6000"),
    ("group.consumer.session.timeout.ms", "6000"),
    ("group.consumer.min.heartbeat.interval.ms", "500"),
    ("group.consumer.heartbeat.interval.ms", "500"),
    ("log.segment.bytes", "1048576"),
];

/// What to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// How often the broker is killed.
    pub kills: u32,
    /// The instances of each pipeline, by whose client they use.
    pub instances: Vec<Language>,
    /// Inputs a second.
    pub rate: u32,
    /// For everything random.
    pub seed: u64,
}

/// Kills brokers and instances; true if every input came out exactly once and nothing else was ever seen.
///
/// # Panics
/// A broker does not come back, or a client does not get on or does not end.
pub fn run(options: &Options, figures: &mut Figures) -> bool {
    let mut run = Run::begin(options);
    for kill in 1..=options.kills {
        run.round();
        say(format_args!("exactly once: {kill} of {}, {:?} through", options.kills, run.progress()));
    }
    let instances_killed = run.instances_killed;
    let (reports, complaints) = run.end();
    figures.put("exactly_once.broker_kills", options.kills);
    figures.put("exactly_once.instance_kills", instances_killed);
    let mut clean = complaints.is_empty();
    for (protocol, report) in PROTOCOLS.iter().zip(&reports) {
        let name = format!("exactly_once.{protocol}");
        figures.put(format!("{name}.inputs"), report.acknowledged);
        figures.put(format!("{name}.inputs_unknown"), report.unknown);
        figures.put(format!("{name}.outputs"), report.outputs);
        figures.put(format!("{name}.transactions"), report.transactions);
        figures.put(format!("{name}.read_meanwhile"), report.read_meanwhile);
        figures.put(format!("{name}.faults"), report.faults.len());
        clean &= report.faults.is_empty() && report.acknowledged > 0 && report.read_meanwhile > 0;
    }
    figures.put("exactly_once.complaints", complaints.len());
    clean
}

/// One instance of a pipeline, which may be killed and started again under its name.
struct Instance {
    pipeline: usize,
    language: usize,
    id: String,
    worker: Worker,
    /// What those before it got done.
    done_before: u64,
}

struct Run {
    dice: Dice,
    node: Node,
    dir: TempDir,
    programs: Vec<Program>,
    feeder: Worker,
    watchers: Vec<Worker>,
    instances: Vec<Instance>,
    instances_killed: u32,
}

fn output(pipeline: usize) -> String {
    format!("out-{}", PROTOCOLS[pipeline])
}

impl Run {
    fn begin(options: &Options) -> Self {
        let node = Node::start_with(Target::Ottla, &SETTINGS);
        let dir = tempfile::tempdir().expect("a temporary directory");
        let topics = [String::from("in"), output(0), output(1)];
        topics.iter().for_each(|topic| create_topic(&node, topic, PARTITIONS, &[]));
        let librdkafka = Program::transform(Language::Librdkafka);
        let start = |mode: &str, topic: &str, more: &[(&'static str, String)]| {
            let words = words(&node, mode, topic, more);
            librdkafka.start(&history(dir.path(), mode, topic), &words)
        };
        let rate = ("rate", options.rate.to_string());
        let feeder = start("feed", "in", &[rate, ("seed", options.seed.to_string())]);
        let watchers = (0..PROTOCOLS.len()).map(|at| start("watch", &output(at), &[])).collect();
        let programs = options.instances.iter().map(|language| Program::transform(*language)).collect();
        let dice = Dice::new(options.seed);
        let instances = Vec::new();
        let mut run = Self { dice, node, dir, programs, feeder, watchers, instances, instances_killed: 0 };
        for (pipeline, protocol) in PROTOCOLS.iter().enumerate() {
            for language in 0..run.programs.len() {
                let id = format!("{protocol}-{language}");
                let worker = run.transformer(pipeline, language, &id);
                run.instances.push(Instance { pipeline, language, id, worker, done_before: 0 });
            }
        }
        run.until_all_are_beyond(&[0; PROTOCOLS.len()]);
        run
    }

    fn transformer(&mut self, pipeline: usize, language: usize, id: &str) -> Worker {
        let more = [
            ("protocol", PROTOCOLS[pipeline].to_owned()),
            ("group", format!("group-{}", PROTOCOLS[pipeline])),
            ("id", id.to_owned()),
            // Not every incarnation does the same.
            ("seed", self.dice.next().to_string()),
        ];
        let words = words(&self.node, "transform", &output(pipeline), &more);
        self.programs[language].start(&history(self.dir.path(), "transform", id), &words)
    }

    /// Records that went through, by pipeline.
    fn progress(&self) -> [u64; PROTOCOLS.len()] {
        let mut done = [0; PROTOCOLS.len()];
        for instance in &self.instances {
            done[instance.pipeline] += instance.done_before + instance.worker.acked();
        }
        done
    }

    fn until_all_are_beyond(&self, before: &[u64]) {
        until("something that went through in every pipeline", PROGRESS, || {
            self.progress().iter().zip(before).all(|(now, before)| now > before).then_some(())
        });
    }

    fn round(&mut self) {
        std::thread::sleep(self.dice.ms(5..1500));
        let instance_goes = self.dice.within(0..3);
        if instance_goes == 0 {
            self.kill_instance();
        }
        self.node.kill();
        if instance_goes == 1 {
            self.kill_instance();
        }
        let before = self.progress();
        self.node.relaunch();
        if self.dice.one_in(6) {
            // Recovery, and the loading of coordinators, are interrupted too.
            std::thread::sleep(self.dice.ms(0..200));
            self.node.kill();
            self.node.relaunch();
        }
        self.node.wait_until_ready();
        self.until_all_are_beyond(&before);
    }

    /// What the instance had under way stays as it is: an open transaction, a place in the group. Its successor begins
    /// at once, under the same transactional id.
    fn kill_instance(&mut self) {
        let at = self.dice.next() as usize % self.instances.len();
        let killed = self.instances.swap_remove(at);
        let done_before = killed.done_before + killed.worker.acked();
        killed.worker.kill();
        self.instances_killed += 1;
        let worker = self.transformer(killed.pipeline, killed.language, &killed.id);
        self.instances.push(Instance { worker, done_before, ..killed });
    }

    fn end(self) -> (Vec<TransformReport>, Vec<String>) {
        let mut complaints = Vec::new();
        let mut end = |worker: Worker| {
            let finished = worker.finish();
            complaints.extend(finished.complaints);
            finished.history
        };
        let inputs = end(self.feeder);
        self.instances.into_iter().for_each(|instance| drop(end(instance.worker)));
        let librdkafka = Program::transform(Language::Librdkafka);
        let mut reports = Vec::new();
        for (at, watcher) in self.watchers.into_iter().enumerate() {
            let topic = output(at);
            let words = words(&self.node, "final", &topic, &[]);
            let last = end(librdkafka.start(&history(self.dir.path(), "final", &topic), &words));
            let meanwhile = end(watcher);
            let texts = [inputs.as_str(), &last, &meanwhile];
            let report = check_transform(texts).unwrap_or_else(|error| panic!("{topic}: {error}"));
            say(format_args!("{topic}: {report}"));
            reports.push(report);
        }
        if !complaints.is_empty() || reports.iter().any(|report| !report.faults.is_empty()) {
            say(format_args!(
                "{}\nthe histories are kept in {}",
                complaints.join("; "),
                self.dir.keep().display()
            ));
        }
        (reports, complaints)
    }
}

fn words(
    node: &Node,
    mode: &str,
    topic: &str,
    more: &[(&'static str, String)],
) -> Vec<(&'static str, String)> {
    let mut words = vec![
        ("mode", mode.to_owned()),
        ("bootstrap", node.address().to_owned()),
        ("partitions", PARTITIONS.to_string()),
        ("input", String::from("in")),
        ("output", topic.to_owned()),
    ];
    words.extend(more.iter().cloned());
    words
}

fn history(dir: &Path, mode: &str, name: &str) -> PathBuf {
    dir.join(format!("{mode}-{name}"))
}
