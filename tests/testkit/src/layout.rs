//! What a node is made of: its server.properties and how its directories are formatted.

use std::{
    fmt::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
};

use crate::{Target, kafka::kafka_class, ottla::ottla_binary, tools::checked};

/// The same id for every cluster: nothing hangs on it.
pub const CLUSTER_ID: &str = "b3R0bGEtdGVzdC1rZXkhIQ";

/// Where the quorum keeps its voters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Voters {
    /// In its log: formatted with `--standalone`, `kraft.version` 1.
    #[default]
    Dynamic,
    /// In the file: `controller.quorum.voters`, `kraft.version` 0.
    Static,
}

/// How a node is set up before its first start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout<'a> {
    /// Where the quorum keeps its voters.
    pub voters: Voters,
    /// The first data directory; one beside server.properties without it.
    pub data: Option<&'a Path>,
    /// Data directories beside the first.
    pub more_log_dirs: usize,
    /// How many descriptors the process may open; as many as the test itself without it.
    pub descriptors: Option<u64>,
    /// Further lines of server.properties.
    pub settings: &'a [(&'a str, &'a str)],
    /// Further arguments of `storage format`.
    pub format: &'a [&'a str],
}

/// The ports of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) kafka: u16,
    controller: u16,
}

impl Ports {
    pub(crate) fn free() -> Self {
        let [kafka, controller] = free_ports();
        Self { kafka, controller }
    }
}

/// Two ports nobody listens on, below those the kernel gives to outgoing connections: a client that dials a stopped node
/// would otherwise now and then be given the node's own port, and keep it from starting again.
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

impl Layout<'_> {
    pub(crate) fn log_dirs(&self, dir: &Path) -> Vec<PathBuf> {
        let more = (1..=self.more_log_dirs).map(|number| dir.join(format!("data{number}")));
        let first = self.data.map_or_else(|| dir.join("data"), Path::to_owned);
        std::iter::once(first).chain(more).collect()
    }

    pub(crate) fn properties(&self, dir: &Path, ports: Ports) -> String {
        let Ports { kafka, controller } = ports;
        let quorum = match self.voters {
            Voters::Dynamic => format!("bootstrap.servers=127.0.0.1:{controller}"),
            Voters::Static => format!("voters=1@127.0.0.1:{controller}"),
        };
        let log_dirs: Vec<String> = self.log_dirs(dir).iter().map(|dir| dir.display().to_string()).collect();
        let mut text = format!(
            "process.roles=broker,controller
node.id=1
controller.quorum.{quorum}
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
            log_dirs.join(",")
        );
        for (key, value) in self.settings {
            let _ = writeln!(text, "{key}={value}");
        }
        text
    }

    pub(crate) fn format(&self, target: Target, dir: &Path) {
        let mut command = match target {
            Target::Ottla => {
                let mut ottla = Command::new(ottla_binary());
                ottla.arg("storage");
                ottla
            }
            Target::Kafka => kafka_class("kafka.tools.StorageTool"),
        };
        command.args(["format", "-t", CLUSTER_ID, "-c"]).arg(dir.join("server.properties"));
        if self.voters == Voters::Dynamic {
            command.arg("--standalone");
        }
        command.args(self.format);
        checked("formatting the storage", &mut command);
    }
}
