//! One running node, Ottla or Apache Kafka, with the same server.properties.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    kafka::kafka_class,
    layout::{Layout, Ports},
    ottla::ottla_binary,
    wait::until,
};

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
    /// `None` before the first start.
    child: Option<Child>,
    /// The limit of descriptors it is started with.
    descriptors: Option<u64>,
    address: String,
    log_dirs: Vec<PathBuf>,
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
        Self::start_laid_out(target, &Layout { settings, ..Layout::default() })
    }

    /// The same for a process that may open only so many descriptors.
    ///
    /// # Panics
    /// It does not start; with what it said.
    #[must_use]
    pub fn start_limited(target: Target, descriptors: u64, settings: &[(&str, &str)]) -> Self {
        let descriptors = Some(descriptors);
        Self::start_laid_out(target, &Layout { descriptors, settings, ..Layout::default() })
    }

    /// The same with its data in a directory of one's own, which outlives it.
    ///
    /// # Panics
    /// It does not start; with what it said.
    #[must_use]
    pub fn start_in(target: Target, data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_laid_out(target, &Layout { data: Some(data), settings, ..Layout::default() })
    }

    fn start_laid_out(target: Target, layout: &Layout<'_>) -> Self {
        let mut node = Self::formatted(target, layout);
        node.start_as(target);
        node
    }

    /// Makes a temporary directory with a server.properties and has `target` format it; nothing runs yet.
    ///
    /// # Panics
    /// It cannot be formatted; with what was said.
    #[must_use]
    pub fn formatted(target: Target, layout: &Layout<'_>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ports = Ports::free();
        let properties = layout.properties(dir.path(), ports);
        fs::write(dir.path().join("server.properties"), properties).expect("a file in a temporary directory");
        layout.format(target, dir.path());
        let log_dirs = layout.log_dirs(dir.path());
        let address = format!("127.0.0.1:{}", ports.kafka);
        Self { target, child: None, descriptors: layout.descriptors, address, log_dirs, dir }
    }

    /// Starts it in its directory, which may have been another server's before; says how long it took until it was
    /// ready.
    ///
    /// # Panics
    /// It does not start.
    pub fn start_as(&mut self, target: Target) -> Duration {
        self.target = target;
        self.restart()
    }

    /// Starts `target` in the directory, which it has to refuse; says what it said on its way out.
    ///
    /// # Panics
    /// It starts.
    pub fn refused_by(&mut self, target: Target) -> String {
        let before = self.said().len();
        let mut child = spawn(target, self.descriptors, self.dir.path());
        let status = ended_within(&mut child, READY);
        let Some(status) = status else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the node was not refused: {}", self.said());
        };
        assert!(!status.success(), "the node ended without an error: {}", self.said());
        let said = self.said();
        said.get(before..).unwrap_or(&said).to_owned()
    }

    /// The bootstrap address.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("the node was started").id()
    }

    /// The data directory, the first if there are several.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.log_dirs[0].clone()
    }

    /// All data directories.
    #[must_use]
    pub fn log_dirs(&self) -> &[PathBuf] {
        &self.log_dirs
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
        let child = self.child.as_mut().expect("the node was started");
        let status =
            until("the node's stop", STOPPED, || child.try_wait().expect("a child can be waited for"));
        // A JVM that handles SIGTERM ends with 143.
        let ended = status.success() || (self.target == Target::Kafka && status.code() == Some(143));
        assert!(ended, "the node ended with {status}: {}", self.said());
        began.elapsed()
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
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
        self.child = Some(spawn(self.target, self.descriptors, self.dir.path()));
    }

    /// Asks it to stop without waiting.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).expect("a process has an id");
        let _ = kill_process(pid, signal);
    }

    /// Waits until it answers requests.
    ///
    /// # Panics
    /// It ends or does not come up; with what it said.
    pub fn wait_until_ready(&mut self) {
        let address = self.address.clone();
        until("the node's start", READY, || {
            let child = self.child.as_mut().expect("it was just started");
            if let Some(status) = child.try_wait().expect("a child can be waited for") {
                panic!("the node ended with {status}: {}", self.said());
            }
            answers(&address).ok()
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

/// How a process ended; `None` when it has not.
fn ended_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        let ended = child.try_wait().expect("a child can be waited for");
        if ended.is_some() || began.elapsed() > limit {
            return ended;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[allow(clippy::print_stderr, reason = "what a node said belongs to a failed test")]
fn eprintln_last_lines(said: &str) {
    let lines: Vec<_> = said.lines().collect();
    for line in &lines[lines.len().saturating_sub(40)..] {
        eprintln!("node: {line}");
    }
}

/// Asks for its versions: a listener takes connections before anybody answers on them.
fn answers(address: &str) -> io::Result<()> {
    const API_VERSIONS: &[u8] = &[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff];
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(READY))?;
    connection.write_all(API_VERSIONS)?;
    connection.read_exact(&mut [0; 4])
}

fn spawn(target: Target, descriptors: Option<u64>, dir: &Path) -> Child {
    let mut command = match target {
        Target::Ottla => {
            let mut ottla = Command::new(ottla_binary());
            ottla.args(["start", "-c"]);
            ottla
        }
        Target::Kafka => kafka_class("kafka.Kafka"),
    };
    let file = |name: &str| {
        File::options()
            .create(true)
            .append(true)
            .open(dir.join(name))
            .expect("a file in a temporary directory")
    };
    command.arg(dir.join("server.properties"));
    let mut command = limited(command, descriptors);
    command.stdin(Stdio::null());
    command.stdout(file("stdout")).stderr(file("stderr"));
    command.spawn().unwrap_or_else(|error| panic!("starting {command:?}: {error}"))
}

/// The same command with a limit of descriptors, hard and soft.
fn limited(command: Command, descriptors: Option<u64>) -> Command {
    let Some(descriptors) = descriptors else { return command };
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}
