//! Starting the two sides with the same settings, in a temporary directory, on free ports.

use std::{
    env, fs,
    io::{self, BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    find_coordinator_request::FindCoordinatorRequest,
    init_producer_id_request::InitProducerIdRequest,
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup},
};
use tempfile::TempDir;

use crate::{Run, Stop};

const SETTINGS: &str = include_str!("../kafka/server.properties");
/// Enough groups that each partition of `__consumer_offsets` has one.
const GROUPS: usize = 32;

/// A running broker; it and its data are gone when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    _dir: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The `ottla` binary beside the running executable, built first.
    ///
    /// # Errors
    /// It cannot be built, or does not start.
    pub fn ottla() -> Result<Self, Stop> {
        let binary = ottla_binary()?;
        let prepared = Prepared::new()?;
        let config = prepared.config.display().to_string();
        let id = output(Command::new(&binary).args(["storage", "random-uuid"]))?;
        output(Command::new(&binary).args(["storage", "format", "-t", id.trim(), "-c", &config]))?;
        let mut command = Command::new(&binary);
        command.args(["start", "-c", &config, "--override", "ottla.http.listener=127.0.0.1:0"]);
        prepared.start(command)
    }

    /// Apache Kafka 4.3.1 from the jars of `kafka/pom.xml`, which Maven fetches into `.cache/kafka` the first time.
    ///
    /// # Errors
    /// There is no Java, no Maven where it is needed, or Kafka does not start.
    pub fn kafka() -> Result<Self, Stop> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka");
        let libs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cache/kafka");
        if !libs.is_dir() {
            let target = format!("-DoutputDirectory={}", libs.display());
            let pom = here.join("pom.xml").display().to_string();
            output(Command::new("mvn").args(["-q", "-f", &pom, "dependency:copy-dependencies", &target]))?;
        }
        let prepared = Prepared::new()?;
        let config = prepared.config.display().to_string();
        let java = || {
            let mut command = Command::new("java");
            command.args(["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
            command.arg(format!("-Dlog4j2.configurationFile={}", here.join("log4j2.properties").display()));
            command.arg("-cp").arg(format!("{}/*", libs.display()));
            command
        };
        let id = output(java().args(["kafka.tools.StorageTool", "random-uuid"]))?;
        let format = ["kafka.tools.StorageTool", "format", "-t", id.trim(), "-c", &config, "--standalone"];
        output(java().args(format))?;
        let mut command = java();
        command.args(["kafka.Kafka", &config]);
        prepared.start(command)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the broker ends by itself.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub fn wait(&mut self) -> Result<(), Stop> {
        self.child.wait()?;
        Ok(())
    }
}

/// A directory with the settings of a broker that is to be started.
struct Prepared {
    dir: TempDir,
    config: PathBuf,
    address: SocketAddr,
}

impl Prepared {
    fn new() -> Result<Self, Stop> {
        let dir = TempDir::new()?;
        let (port, controller) = free_ports()?;
        let settings = SETTINGS
            .replace("@PORT@", &port.to_string())
            .replace("@CONTROLLER@", &controller.to_string())
            .replace("@DATA@", &dir.path().join("data").display().to_string());
        let config = dir.path().join("server.properties");
        fs::write(&config, settings)?;
        Ok(Self { dir, config, address: (Ipv4Addr::LOCALHOST, port).into() })
    }

    fn start(self, mut command: Command) -> Result<Server, Stop> {
        let log = fs::File::create(self.dir.path().join("log"))?;
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let server = Server { child, address: self.address, _dir: self.dir };
        if let Err(error) = wait_until_ready(server.address) {
            let log = fs::File::open(server._dir.path().join("log"))?;
            let last: Vec<String> = BufReader::new(log).lines().map_while(Result::ok).collect();
            return Err(Stop::Broken(format!("the broker did not come up: {error}\n{}", last.join("\n"))));
        }
        Ok(server)
    }
}

/// The preamble of every run: coordinators are loaded, producer ids are there.
///
/// # Errors
/// The broker does not come up.
pub fn wait_until_ready(address: SocketAddr) -> Result<(), Stop> {
    let mut run = connect(address)?;
    let coordinator =
        FindCoordinatorRequest { coordinator_keys: vec!["preamble".into()], ..Default::default() };
    run.wait_until(4, &coordinator, |response| {
        response.coordinators.iter().all(|found| found.error_code == ErrorCode::NONE)
    })?;
    let group =
        |n: usize| OffsetFetchRequestGroup { group_id: format!("preamble-{n}").into(), ..Default::default() };
    let offsets = OffsetFetchRequest { groups: (0..GROUPS).map(group).collect(), ..Default::default() };
    run.wait_until(8, &offsets, |response| {
        response.groups.iter().all(|group| group.error_code == ErrorCode::NONE)
    })?;
    let producer = InitProducerIdRequest { transaction_timeout_ms: 60_000, ..Default::default() };
    run.wait_until(4, &producer, |response| response.error_code == ErrorCode::NONE)?;
    Ok(())
}

/// A run with an open connection.
fn connect(address: SocketAddr) -> Result<Run, Stop> {
    use ottla_wire::messages::api_versions_request::ApiVersionsRequest;
    let began = std::time::Instant::now();
    loop {
        let mut run = Run::new(address, "preamble");
        match run.ask_quietly(0, &ApiVersionsRequest::default()) {
            Ok(_) => return Ok(run),
            Err(error) if began.elapsed().as_secs() > 60 => return Err(error),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(50)),
        }
    }
}

/// Two ports nobody listens on.
fn free_ports() -> io::Result<(u16, u16)> {
    let one = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok((one.local_addr()?.port(), other.local_addr()?.port()))
}

/// `ottla` in the profile this executable was built with, up to date; `OTTLA_BIN` names another one.
fn ottla_binary() -> Result<PathBuf, Stop> {
    if let Some(binary) = env::var_os("OTTLA_BIN") {
        return Ok(binary.into());
    }
    let this = env::current_exe()?;
    let profile = this
        .ancestors()
        .find(|dir| dir.file_name().is_some_and(|name| name == "debug" || name == "release"))
        .ok_or_else(|| Stop::Broken("this executable lies in no target directory".into()))?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "-q", "-p", "ottla-cli"]);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    output(&mut build)?;
    Ok(profile.join("ottla"))
}

/// What a command prints; its failure is ours.
fn output(command: &mut Command) -> Result<String, Stop> {
    let done = command.stdin(Stdio::null()).output()?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(Stop::Broken(format!("{command:?} failed: {}", String::from_utf8_lossy(&done.stderr))))
}
