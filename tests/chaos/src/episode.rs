//! A load on fresh topics, from its first acknowledgement to the check of its history.

use std::{collections::BTreeMap, fs, process::Command, time::Duration};

use ottla_checker::{History, Micro, Report, check};
use ottla_testkit::{Node, checked, ottla_binary, until};
use tempfile::TempDir;

use crate::{Language, Totals, Worker, say};

/// What clients do.
#[derive(Debug, Clone)]
pub struct Load {
    /// Whose clients, one program each.
    pub languages: Vec<Language>,
    /// Idempotent producers with acks=all, in each program.
    pub idempotent: u32,
    /// Producers with acks=1 that never send again.
    pub plain: u32,
    /// Consumers by assignment.
    pub readers: u32,
    /// Members of a group that all programs share.
    pub members: u32,
    /// Records a second of each producer.
    pub rate: u32,
    /// Largest record.
    pub size: u32,
    /// Of the topics: key=value.
    pub config: Vec<String>,
    /// For the clients' own dice.
    pub seed: u64,
}

impl Load {
    /// One of each kind in each client, small segments.
    #[must_use]
    pub fn of(languages: &[Language], seed: u64) -> Self {
        Self {
            languages: languages.to_vec(),
            idempotent: 1,
            plain: 1,
            readers: 1,
            members: 1,
            rate: 400,
            size: 2000,
            config: vec!["segment.bytes=1048576".into()],
            seed,
        }
    }
}

const TOPICS: usize = 2;
const PARTITIONS: u32 = 2;
/// How long a load may take to begin, or to go on after a fault: a JVM may start meanwhile.
const PROGRESS: Duration = Duration::from_secs(90);
/// Processes of one program; their numbers begin at a multiple.
const PROCESSES: u64 = 10_000;

/// A load under way.
#[derive(Debug)]
pub struct Episode {
    name: String,
    dir: TempDir,
    load: Load,
    topics: Vec<String>,
    workers: Vec<Worker>,
}

impl Episode {
    /// Makes topics named after `name` and starts the load; returns once every program has got an acknowledgement.
    ///
    /// # Panics
    /// The topics cannot be made, or the load does not begin.
    #[must_use]
    pub fn begin(node: &Node, name: &str, load: Load) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let topics: Vec<_> = (0..TOPICS).map(|at| format!("{name}_{at}")).collect();
        for topic in &topics {
            create_topic(node, topic, PARTITIONS, &load.config);
        }
        let mut episode = Self { name: name.to_owned(), dir, load, topics, workers: Vec::new() };
        for (at, language) in episode.load.languages.clone().into_iter().enumerate() {
            let options = episode.options(node, "load", at as u64 * PROCESSES);
            episode.workers.push(Worker::start(
                language,
                &episode.dir.path().join(format!("load{at}")),
                &options,
            ));
        }
        until("a load's first acknowledgements", PROGRESS, || {
            episode.workers.iter().all(|worker| worker.acked() > 0).then_some(())
        });
        episode
    }

    fn options(&self, node: &Node, mode: &str, base: u64) -> Vec<(&'static str, String)> {
        let load = &self.load;
        vec![
            ("mode", mode.to_owned()),
            ("bootstrap", node.address().to_owned()),
            ("base", base.to_string()),
            ("topics", self.topics.join(",")),
            ("partitions", PARTITIONS.to_string()),
            ("seed", (load.seed & 0xffff_ffff).to_string()),
            ("idempotent", load.idempotent.to_string()),
            ("plain", load.plain.to_string()),
            ("readers", load.readers.to_string()),
            ("members", load.members.to_string()),
            ("rate", load.rate.to_string()),
            ("size", load.size.to_string()),
            ("group", if load.members > 0 { format!("{}_group", self.name) } else { String::new() }),
        ]
    }

    /// Sends that were acknowledged so far, in all programs.
    #[must_use]
    pub fn acked(&self) -> u64 {
        self.workers.iter().map(Worker::acked).sum()
    }

    /// Waits until something is acknowledged that was not when `acked` was asked.
    ///
    /// # Panics
    /// Nothing is.
    pub fn until_more_than(&self, acked: u64) {
        until("an acknowledgement after a fault", PROGRESS, || (self.acked() > acked).then_some(()));
    }

    /// Ends the load, reads everything once more with each client, and checks.
    ///
    /// # Panics
    /// A program does not end.
    #[must_use]
    pub fn end(mut self, node: &Node) -> Ended {
        let mut finished: Vec<_> =
            std::mem::take(&mut self.workers).into_iter().map(Worker::finish).collect();
        let upto = upto(&finished.iter().map(|one| one.history.as_str()).collect::<Vec<_>>());
        let readers: Vec<_> = self
            .load
            .languages
            .iter()
            .enumerate()
            .map(|(at, language)| {
                let mut options = self.options(node, "read", (at as u64 + 100) * PROCESSES);
                options.push(("upto", upto.clone()));
                Worker::start(*language, &self.dir.path().join(format!("read{at}")), &options)
            })
            .collect();
        finished.extend(readers.into_iter().map(Worker::finish));
        let texts = finished.iter().map(|one| one.history.as_str());
        let history = History::parse(texts).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let report = check(&history);
        let complaints: Vec<_> = finished.iter().flat_map(|one| one.complaints.clone()).collect();
        let errors = finished.into_iter().flat_map(|one| one.errors).collect();
        Ended { name: self.name, dir: self.dir, report, complaints, errors }
    }
}

/// An episode that was checked.
#[derive(Debug)]
pub struct Ended {
    name: String,
    dir: TempDir,
    /// What the checker found.
    pub report: Report,
    /// What clients could not do.
    pub complaints: Vec<String>,
    /// What clients were told that was no success: `error NAME COUNT`.
    pub errors: Vec<String>,
}

impl Ended {
    /// Adds it to the totals; tells what is wrong with it and keeps its histories then.
    pub fn count(self, totals: &mut Totals) {
        totals.add(&self.report, self.complaints.len());
        if self.report.findings.is_empty() && self.complaints.is_empty() {
            return;
        }
        let kept = self.dir.keep();
        say(format_args!("{}: {}\n{}", self.name, self.complaints.join("; "), self.report));
        say(format_args!("{}: its histories are kept in {}", self.name, kept.display()));
    }

    /// Adds it where anomalies are what is looked for.
    pub fn count_quietly(self, totals: &mut Totals) {
        totals.add(&self.report, self.complaints.len());
        let _ = fs::remove_dir_all(self.dir.path());
    }
}

/// Makes a topic.
///
/// # Panics
/// The broker does not.
pub(crate) fn create_topic(node: &Node, topic: &str, partitions: u32, config: &[String]) {
    let mut command = Command::new(ottla_binary());
    command.args(["topic", "create", topic, "--bootstrap", node.address(), "-p", &partitions.to_string()]);
    command.args(config.iter().flat_map(|one| ["-c", one]));
    checked("making a topic", &mut command);
}

/// The highest offset anybody saw, by key: `topic-0:17,…`.
fn upto(texts: &[&str]) -> String {
    let history = History::parse(texts.iter().copied()).unwrap_or_else(|error| panic!("{error}"));
    let mut highest: BTreeMap<&str, i64> = BTreeMap::new();
    for micro in history.ops.iter().flat_map(|op| &op.micro) {
        let (key, offset) = match micro {
            Micro::Send { k, o: Some(offset), .. } => (k, Some(*offset)),
            Micro::Poll { k, reads, .. } => (k, reads.iter().map(|(offset, _)| *offset).max()),
            _ => continue,
        };
        let known = highest.entry(key).or_insert(-1);
        *known = (*known).max(offset.unwrap_or(-1));
    }
    highest.iter().map(|(key, offset)| format!("{key}:{offset}")).collect::<Vec<_>>().join(",")
}
