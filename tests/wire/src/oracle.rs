//! Other implementations of the protocol, as programs that take a line and answer with one.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use ottla_testkit::{checked, kafka_jar, kafka_jars, once_in_cache, tool, workspace};

/// A running oracle. Several threads may not share one: answers come in the order of the questions.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Compiled for this run; Java loads them when it needs them.
    classes: Option<tempfile::TempDir>,
}

impl Oracle {
    /// kio, a Python implementation made from Kafka's schemas by a generator of its own.
    ///
    /// # Panics
    /// Python or the package cannot be had.
    #[must_use]
    pub fn kio() -> Self {
        tool("python3", "python3-venv");
        let here = workspace().join("tests/wire/python");
        let requirements = here.join("requirements.txt");
        let pinned = fs::read_to_string(&requirements).expect("the list of packages");
        let venv = once_in_cache(&pinned.trim().replace("==", "-"), |folder| {
            checked("making a venv", Command::new("python3").args(["-m", "venv"]).arg(folder));
            let mut pip = Command::new(folder.join("bin/pip"));
            pip.args(["install", "-q", "--disable-pip-version-check", "-r"]).arg(&requirements);
            checked("installing kio", &mut pip);
        });
        let mut python = Command::new(venv.join("bin/python"));
        python.arg(here.join("kio_oracle.py"));
        Self::start(python)
    }

    /// The message classes of Kafka 4.3.
    ///
    /// # Panics
    /// Java or the jars cannot be had.
    #[must_use]
    pub fn kafka() -> Self {
        Self::java(Vec::new(), |_| true, &message_oracle())
    }

    /// Another program against the classes of Kafka 4.3: a Java source with one class of its file's name,
    /// which may leave the lines to `Lines`.
    ///
    /// # Panics
    /// As [`kafka`](Self::kafka), or it does not compile.
    #[must_use]
    pub fn kafka_program(source: &Path) -> Self {
        Self::java(Vec::new(), |_| true, source)
    }

    /// The message classes of the last release that spoke the oldest versions.
    ///
    /// # Panics
    /// As [`kafka`](Self::kafka).
    #[must_use]
    pub fn old_kafka() -> Self {
        let version = crate::official::OLD_VERSION;
        let old = kafka_jar("kafka-clients", version).join(format!("kafka-clients-{version}.jar"));
        // Of the newer release only what is not Kafka's.
        Self::java(vec![old], |name| !name.starts_with("kafka"), &message_oracle())
    }

    fn java(mut path: Vec<PathBuf>, wanted: fn(&str) -> bool, source: &Path) -> Self {
        tool("javac", "openjdk-17-jdk-headless");
        let jars =
            fs::read_dir(kafka_jars()).expect("the folder of the jars").flatten().map(|entry| entry.path());
        path.extend(jars.filter(|jar| {
            let name = jar.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".jar") && wanted(&name)
        }));
        let classes = tempfile::tempdir().expect("a temporary folder");
        path.push(classes.path().to_owned());
        let path = std::env::join_paths(path).expect("paths without colons");
        let mut javac = Command::new("javac");
        javac.arg("-d").arg(classes.path()).arg("-cp").arg(&path);
        javac.arg(source).arg(workspace().join("tests/wire/java/Lines.java"));
        checked("compiling the oracle", &mut javac);
        let mut java = Command::new("java");
        java.arg("-Xmx512m").arg("-cp").arg(path).arg(source.file_stem().expect("a Java source has a name"));
        let mut oracle = Self::start(java);
        oracle.classes = Some(classes);
        oracle
    }

    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let questions = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, questions, answers, classes: None }
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the oracle has against the question.
    ///
    /// # Panics
    /// The oracle ended.
    pub fn ask(&mut self, question: &str) -> Result<String, String> {
        writeln!(self.questions, "{question}").expect("the oracle listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the oracle speaks UTF-8");
        match line.trim_end().split_once(' ') {
            Some(("ok", answer)) => Ok(answer.to_owned()),
            Some(("error", why)) => Err(why.to_owned()),
            _ if line.trim_end() == "ok" => Ok(String::new()),
            _ => panic!("the oracle ended at `{question:.200}`"),
        }
    }
}

fn message_oracle() -> PathBuf {
    workspace().join("tests/wire/java/MessageOracle.java")
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lower case, without separators.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`to_hex`] wrote.
///
/// # Panics
/// It is something else.
#[must_use]
pub fn from_hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("two digits");
    (0..text.len()).step_by(2).map(digit).collect()
}
