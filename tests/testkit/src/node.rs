//! One running node, Ottla or Apache Kafka, with the same server.properties.

use std::{
    fmt::Write,
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{kafka::kafka_jars, ottla::ottla_binary, tools::checked, wait::until};

/// Which server a test talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The binary of this workspace.
    Ottla,
    /// Apache Kafka, started from its jars.
    Kafka,
}

impl Target {
    /// Ottla, or what `OTTLA_TARGET` says: `ottla` or `kafka`.
    ///
    /// # Panics
    /// It says something else.
    #[must_use]
    pub fn from_env() -> Self {
        match std::env::var("OTTLA_TARGET").as_deref() {
            Err(_) | Ok("ottla") => Self::Ottla,
            Ok("kafka") => Self::Kafka,
            Ok(other) => panic!("OTTLA_TARGET is `{other}`; allowed are ottla and kafka"),
        }
    }
}

/// A node that ends with its owner.
#[derive(Debug)]
pub struct Node {
    target: Target,
    child: Child,
    address: String,
    data: PathBuf,
    dir: TempDir,
}

/// How long a node may take to answer: a JVM on a busy machine is slow.
const READY: Duration = Duration::from_secs(60);
const STOPPED: Duration = Duration::from_secs(60);

impl Node {
    /// Formats a temporary directory and starts a node in it, once it takes connections.
    ///
    /// # Panics
    /// It does not start; with what it said.
    #[must_use]
    pub fn start(target: Target) -> Self {
        Self::start_with(target, &[])
    }

    /// The same with further lines in its server.properties.
    ///
    /// # Panics
    /// It does not start; with what it said.
    #[must_use]
    pub fn start_with(target: Target, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let data = dir.path().join("data");
        Self::start_at(target, dir, data, settings)
    }

    /// The same with its data in a directory of one's own, which outlives it.
    ///
    /// # Panics
    /// It does not start; with what it said.
    #[must_use]
    pub fn start_in(target: Target, data: &Path, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self::start_at(target, dir, data.to_owned(), settings)
    }

    fn start_at(target: Target, dir: TempDir, data: PathBuf, settings: &[(&str, &str)]) -> Self {
        let [kafka, controller] = free_ports();
        let properties = properties(&data, kafka, controller, settings);
        fs::write(dir.path().join("server.properties"), properties).expect("a file in a temporary directory");
        format(target, dir.path());
        let child = spawn(target, dir.path());
        let mut node = Self { target, child, address: format!("127.0.0.1:{kafka}"), data, dir };
        node.wait_until_ready();
        node
    }

    /// The bootstrap address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.data.clone()
    }

    /// The server.properties in use.
    #[must_use]
    pub fn properties(&self) -> PathBuf {
        self.dir.path().join("server.properties")
    }

    /// All it has said.
    #[must_use]
    pub fn said(&self) -> String {
        let read = |name: &str| fs::read(self.dir.path().join(name)).unwrap_or_default();
        String::from_utf8_lossy(&[read("stdout"), read("stderr")].concat()).into_owned()
    }

    /// Asks it to stop and waits until it has; says how long that took.
    ///
    /// # Panics
    /// It goes on, or ends with an error.
    pub fn stop(&mut self) -> Duration {
        let began = Instant::now();
        self.signal(Signal::TERM);
        let status =
            until("the node's stop", STOPPED, || self.child.try_wait().expect("a child can be waited for"));
        // A JVM that handles SIGTERM ends with 143.
        let ended = status.success() || (self.target == Target::Kafka && status.code() == Some(143));
        assert!(ended, "the node ended with {status}: {}", self.said());
        began.elapsed()
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Stops its threads where they are, as a machine that hangs would.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Starts it again in the same directory, after `stop` or `kill`; says how long it took until it was ready.
    ///
    /// # Panics
    /// It does not start.
    pub fn restart(&mut self) -> Duration {
        let began = Instant::now();
        self.relaunch();
        self.wait_until_ready();
        began.elapsed()
    }

    /// Starts it again without waiting: [`wait_until_ready`](Self::wait_until_ready) does.
    pub fn relaunch(&mut self) {
        self.child = spawn(self.target, self.dir.path());
    }

    /// Asks it to stop without waiting.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).expect("a process has an id");
        let _ = kill_process(pid, signal);
    }

    /// Waits until it takes connections.
    ///
    /// # Panics
    /// It ends or does not come up; with what it said.
    pub fn wait_until_ready(&mut self) {
        let address = self.address.clone();
        until("the node's start", READY, || {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("the node ended with {status}: {}", self.said());
            }
            TcpStream::connect(&address).ok()
        });
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln_last_lines(&self.said());
        }
        self.kill();
    }
}

#[allow(clippy::print_stderr, reason = "what a node said belongs to a failed test")]
fn eprintln_last_lines(said: &str) {
    let lines: Vec<_> = said.lines().collect();
    for line in &lines[lines.len().saturating_sub(40)..] {
        eprintln!("node: {line}");
    }
}

/// Two ports nobody listens on, below those the kernel gives to outgoing connections: a client that dials a stopped
/// node would otherwise now and then be given the node's own port, and keep it from starting again.
///
/// # Panics
/// All are taken.
#[must_use]
pub fn free_ports() -> [u16; 2] {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let span = LAST_PORT - FIRST_PORT;
    // Test processes that run side by side begin far apart.
    let begin = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(span)).unwrap_or_default();
    let next = || FIRST_PORT + (begin + TRIED.fetch_add(1, Ordering::Relaxed) % span) % span;
    let free = || (0..span).map(|_| next()).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    [(); 2].map(|()| free().expect("a free port"))
}

const FIRST_PORT: u16 = 12_000;
const LAST_PORT: u16 = 32_000;

fn properties(data: &Path, kafka: u16, controller: u16, settings: &[(&str, &str)]) -> String {
    let mut text = format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{kafka},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{kafka}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=10
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
",
        data.display()
    );
    for (key, value) in settings {
        let _ = writeln!(text, "{key}={value}");
    }
    text
}

/// The same id for every cluster: nothing hangs on it.
const CLUSTER_ID: &str = "b3R0bGEtdGVzdC1rZXkhIQ";

fn format(target: Target, dir: &Path) {
    let mut command = match target {
        Target::Ottla => {
            let mut ottla = Command::new(ottla_binary());
            ottla.arg("storage");
            ottla
        }
        Target::Kafka => java("kafka.tools.StorageTool"),
    };
    command.args(["format", "-t", CLUSTER_ID, "--standalone", "-c"]).arg(dir.join("server.properties"));
    checked("formatting the storage", &mut command);
}

fn spawn(target: Target, dir: &Path) -> Child {
    let mut command = match target {
        Target::Ottla => {
            let mut ottla = Command::new(ottla_binary());
            ottla.args(["start", "-c"]);
            ottla
        }
        Target::Kafka => java("kafka.Kafka"),
    };
    let file = |name: &str| {
        File::options()
            .create(true)
            .append(true)
            .open(dir.join(name))
            .expect("a file in a temporary directory")
    };
    command.arg(dir.join("server.properties")).stdin(Stdio::null());
    command.stdout(file("stdout")).stderr(file("stderr"));
    command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"))
}

fn java(class: &str) -> Command {
    let mut java = Command::new("java");
    java.args(["-Xmx768m", "-cp"]).arg(kafka_jars().join("*")).arg(class);
    java
}
