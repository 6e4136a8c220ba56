//! The three that are compared: Apache Kafka, Ottla, and the program that shows the limit of the machine.
//!
//! Each gets a directory of its own on the same file system, is prepared (formatted) apart from its start, and ends with
//! its owner.

mod kafka;
mod limit;
mod ottla;

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{Result, process::Tree, rounds::Contestant};

pub(crate) use limit::{Limit, LimitRuntime};

/// One of the compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// Apache Kafka on the JVM.
    Kafka,
    /// This project.
    Ottla,
    /// The least a broker can do.
    Limit,
}

impl Side {
    pub(crate) const ALL: [Self; 3] = [Self::Kafka, Self::Ottla, Self::Limit];
}

impl Contestant for Side {
    fn name(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Ottla => "ottla",
            Self::Limit => "limit",
        }
    }
}

/// When a record counts as stored. A topic's setting, so that one server shows both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Durability {
    /// When the kernel has it: Kafka's default.
    PageCache,
    /// When the disk has it: Ottla's default, Kafka's `flush.messages=1`.
    Synced,
}

impl Durability {
    pub(crate) const ALL: [Self; 2] = [Self::PageCache, Self::Synced];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PageCache => "page cache",
            Self::Synced => "synced",
        }
    }

    /// The value of `flush.messages`.
    pub(crate) const fn flush_messages(self) -> &'static str {
        match self {
            Self::PageCache => "9223372036854775807",
            Self::Synced => "1",
        }
    }
}

/// Which server exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// With a heap of so many GiB.
    Kafka(u32),
    Ottla,
    Limit(Limit),
}

impl Kind {
    pub(crate) const fn side(self) -> Side {
        match self {
            Self::Kafka(_) => Side::Kafka,
            Self::Ottla => Side::Ottla,
            Self::Limit(_) => Side::Limit,
        }
    }
}

/// Where a running server is; cheap to copy around while the server itself stays with its owner.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) side: Side,
    pub(crate) address: SocketAddr,
    pub(crate) tree: Tree,
    pub(crate) data: PathBuf,
}

impl Place {
    /// The log files of a partition.
    pub(crate) fn files(&self, topic: &str, partition: i32) -> Result<Vec<PathBuf>> {
        if self.side == Side::Limit {
            return Ok(vec![self.data.join(format!("{topic}-{partition}.log"))]);
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(self.data.join(format!("{topic}-{partition}")))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "log") {
                files.push(path);
            }
        }
        Ok(files)
    }
}

/// A prepared server, running or not.
#[derive(Debug)]
pub(crate) struct Server {
    kind: Kind,
    dir: PathBuf,
    address: SocketAddr,
    child: Option<Child>,
    /// Its files go with it.
    passing: bool,
}

const READY: Duration = Duration::from_secs(120);
const STOPPED: Duration = Duration::from_secs(120);

impl Server {
    /// Writes the settings, those of this server behind those of all, and formats the storage.
    pub(crate) fn prepare(kind: Kind, dir: PathBuf, own: &[Setting<'_>]) -> Result<Self> {
        fs::create_dir_all(&dir)?;
        let [port, controller] = ottla_testkit::free_ports();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        fs::write(dir.join("server.properties"), properties(&dir, port, controller, own))?;
        match kind {
            Kind::Kafka(_) => format(kafka::storage_tool(&dir)?, &dir)?,
            Kind::Ottla => format(ottla::storage_tool()?, &dir)?,
            Kind::Limit(_) => {}
        }
        Ok(Self { kind, dir, address, child: None, passing: false })
    }

    /// One whose files go when it does, and not at the end of all: the disk is not big enough for every row's own servers.
    pub(crate) fn passing(mut self) -> Self {
        self.passing = true;
        self
    }

    /// Prepares and starts one, and waits until it takes connections.
    pub(crate) fn start(kind: Kind, dir: PathBuf) -> Result<Self> {
        let mut server = Self::prepare(kind, dir, &[])?;
        server.spawn()?;
        server.wait_for_port()?;
        Ok(server)
    }

    /// Starts the process and returns at once.
    pub(crate) fn spawn(&mut self) -> Result<()> {
        let mut command = match self.kind {
            Kind::Kafka(heap_gib) => kafka::command(&self.dir, heap_gib),
            Kind::Ottla => ottla::command(&self.dir)?,
            Kind::Limit(limit) => limit.command(&self.dir, self.address.port())?,
        };
        let log = File::options().create(true).append(true).open(self.dir.join("said"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.child = Some(command.spawn().map_err(|error| format!("{command:?}: {error}"))?);
        Ok(())
    }

    /// Until the port is open; with what the server said if it ends instead.
    pub(crate) fn wait_for_port(&mut self) -> Result<()> {
        let began = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.child()?.try_wait()? {
                return Err(format!("{:?} ended with {status}: {}", self.kind, self.said()).into());
            }
            if began.elapsed() > READY {
                return Err(format!("{:?} does not listen after {READY:?}", self.kind).into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    pub(crate) fn place(&self) -> Result<Place> {
        let side = self.kind.side();
        let child = self.child.as_ref().ok_or("the server does not run")?;
        Ok(Place {
            side,
            address: self.address,
            tree: Tree { root: child.id() },
            data: self.dir.join("data"),
        })
    }

    /// Asks it to stop and waits; says how long that took.
    pub(crate) fn stop(&mut self) -> Result<Duration> {
        let began = Instant::now();
        let child = self.child()?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("a process has an id")?;
        kill_process(pid, Signal::TERM)?;
        while child.try_wait()?.is_none() {
            if began.elapsed() > STOPPED {
                return Err(format!("{:?} did not stop within {STOPPED:?}", self.kind).into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = None;
        Ok(began.elapsed())
    }

    /// The last lines it printed.
    pub(crate) fn said(&self) -> String {
        let text = fs::read(self.dir.join("said")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn child(&mut self) -> Result<&mut Child> {
        Ok(self.child.as_mut().ok_or("the server does not run")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        if self.passing {
            // The folder around it is removed at the end in any case.
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// A line of server.properties.
pub(crate) type Setting<'a> = (&'a str, &'a str);

/// The server.properties both brokers get: one node, everything else at its default.
fn properties(dir: &Path, port: u16, controller: u16, own: &[Setting<'_>]) -> String {
    let listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
    let settings = [
        ("process.roles", "broker,controller".to_owned()),
        ("node.id", "1".to_owned()),
        ("controller.quorum.bootstrap.servers", format!("127.0.0.1:{controller}")),
        ("listeners", listeners),
        ("advertised.listeners", format!("PLAINTEXT://127.0.0.1:{port}")),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned()),
        ("inter.broker.listener.name", "PLAINTEXT".to_owned()),
        ("log.dirs", dir.join("data").display().to_string()),
        ("offsets.topic.replication.factor", "1".to_owned()),
        ("transaction.state.log.replication.factor", "1".to_owned()),
        ("transaction.state.log.min.isr", "1".to_owned()),
        ("share.coordinator.state.topic.replication.factor", "1".to_owned()),
        ("share.coordinator.state.topic.min.isr", "1".to_owned()),
        ("group.initial.rebalance.delay.ms", "0".to_owned()),
    ];
    let all = settings.iter().map(|(key, value)| (*key, value.as_str())).chain(own.iter().copied());
    all.map(|(key, value)| format!("{key}={value}\n")).collect()
}

/// Formats the storage with the tool given, which ends in `storage` or its like.
fn format(mut tool: Command, dir: &Path) -> Result<()> {
    tool.args(["format", "-t", CLUSTER_ID, "--standalone", "-c"]).arg(dir.join("server.properties"));
    let done = tool.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{tool:?} failed: {}", String::from_utf8_lossy(&done.stderr)).into())
}

/// The same for every cluster: nothing hangs on it.
const CLUSTER_ID: &str = "b3R0bGEtYmVuY2gta2V5IQ";
