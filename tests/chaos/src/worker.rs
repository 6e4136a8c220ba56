//! A program with real clients: started, listened to, stopped.

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use ottla_testkit::{until, workspace};

use crate::say;

/// Whose client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// librdkafka, from Python.
    Librdkafka,
    /// Apache Kafka's own.
    Java,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Librdkafka, Self::Java];

    fn name(self) -> &'static str {
        match self {
            Self::Librdkafka => "librdkafka",
            Self::Java => "java",
        }
    }

    fn program(self) -> Command {
        let folder = workspace().join("tests/chaos/workers");
        match self {
            Self::Librdkafka => librdkafka(&folder.join("worker.py")),
            Self::Java => ottla_testkit::java(&folder, "Worker"),
        }
    }
}

/// A program that is started several times.
#[derive(Debug, Clone)]
pub struct Program {
    name: &'static str,
    words: Vec<OsString>,
}

impl Program {
    /// A worker of transactions (`transform.py`, `Transform.java`), made ready once.
    #[must_use]
    pub fn transform(language: Language) -> Self {
        let folder = workspace().join("tests/chaos/workers");
        let command = match language {
            Language::Librdkafka => librdkafka(&folder.join("transform.py")),
            Language::Java => ottla_testkit::java(&folder, "Transform"),
        };
        let words = [command.get_program()].into_iter().chain(command.get_args());
        Self { name: language.name(), words: words.map(ToOwned::to_owned).collect() }
    }

    /// Starts it; see [`Worker::start`].
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(&self, history: &Path, options: &[(&str, String)]) -> Worker {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]);
        Worker::begin(self.name, command, history, options)
    }
}

fn librdkafka(program: &Path) -> Command {
    ottla_testkit::python(program, &workspace().join("tests/conformance/python/requirements.txt"))
}

/// A running program.
#[derive(Debug)]
pub struct Worker {
    name: String,
    child: Child,
    history: PathBuf,
    acked: Arc<AtomicU64>,
    listener: JoinHandle<Vec<String>>,
}

/// How long a worker may take to end: it waits for answers for two minutes, several times.
const ENDED: Duration = Duration::from_secs(600);

impl Worker {
    /// Starts one; `options` are words `key=value`.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn start(language: Language, history: &Path, options: &[(&str, String)]) -> Self {
        Self::begin(language.name(), language.program(), history, options)
    }

    fn begin(name: &str, mut program: Command, history: &Path, options: &[(&str, String)]) -> Self {
        program.arg(format!("history={}", history.display()));
        program.args(options.iter().map(|(key, value)| format!("{key}={value}")));
        program.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = program.spawn().unwrap_or_else(|error| panic!("starting {program:?}: {error}"));
        let acked = Arc::new(AtomicU64::new(0));
        let out = BufReader::new(child.stdout.take().expect("the output is piped"));
        let listener = std::thread::spawn({
            let acked = Arc::clone(&acked);
            move || {
                let mut said = Vec::new();
                for line in out.lines().map_while(Result::ok) {
                    match line.strip_prefix("acked ").and_then(|count| count.parse().ok()) {
                        Some(count) => acked.store(count, Ordering::Relaxed),
                        None => said.push(line),
                    }
                }
                said
            }
        });
        Self { name: name.to_owned(), child, history: history.to_owned(), acked, listener }
    }

    /// Sends that were acknowledged so far.
    #[must_use]
    pub fn acked(&self) -> u64 {
        self.acked.load(Ordering::Relaxed)
    }

    /// Ends it with `kill -9`.
    ///
    /// # Panics
    /// It cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Has it come to its end and waits; answers what it complained about.
    ///
    /// # Panics
    /// It does not end, or ends badly.
    #[must_use]
    pub fn finish(mut self) -> Finished {
        drop(self.child.stdin.take());
        let status =
            until("a worker's end", ENDED, || self.child.try_wait().expect("a child can be waited for"));
        let said = self.listener.join().expect("the listener only reads");
        assert!(status.success(), "{} ended with {status}: {said:?}", self.name);
        assert!(said.iter().any(|line| line == "done"), "{} did not end its work: {said:?}", self.name);
        let errors: Vec<_> = said.iter().filter(|line| line.starts_with("error ")).cloned().collect();
        if !errors.is_empty() {
            say(format_args!("  {}: {}", self.name, errors.join(", ")));
        }
        let bad = |line: &&String| {
            line.starts_with("short ")
                || *line == "stuck"
                || line.starts_with("resets ") && *line != "resets 0"
        };
        let complaints = said.iter().filter(bad).map(|line| format!("{}: {line}", self.name)).collect();
        let history = fs::read_to_string(&self.history).expect("a worker writes its history");
        Finished { history, complaints, errors }
    }
}

/// What a worker leaves.
#[derive(Debug)]
pub struct Finished {
    /// Its history.
    pub history: String,
    /// What it could not do.
    pub complaints: Vec<String>,
    /// What its clients were told that was no success, with how often.
    pub errors: Vec<String>,
}
