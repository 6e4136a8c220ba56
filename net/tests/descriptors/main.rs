//! Running out of descriptors. A program of its own, since the limit is the process's; the clients are its child, so
//! that their descriptors do not count.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests: named after behaviour, and a failure is a failed test"
)]

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use ottla_net::Options;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{Broker, receive, send};

#[allow(dead_code, reason = "shared with the other test program, which uses all of it")]
#[path = "../net/support.rs"]
mod support;

const CLIENTS: usize = 1000;
const LIMIT: u64 = 256;

fn limit_descriptors(current: u64) {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum }).unwrap();
}

/// The child: opens many connections, tells how many it has, and holds them until its input ends.
#[test]
fn crowd() {
    let Ok(address) = std::env::var("OTTLA_TEST_CROWD") else { return };
    let address: SocketAddr = address.parse().unwrap();
    limit_descriptors(getrlimit(Resource::Nofile).maximum.unwrap_or(20_000));
    let clients: Vec<_> = (0..CLIENTS).filter_map(|_| TcpStream::connect(address).ok()).collect();
    println!("crowd of {}", clients.len());
    let _ = std::io::stdin().read(&mut [0]);
}

/// Seconds of processor time this process has used. The file is opened once, while there are descriptors.
struct ProcessorTime(File);

impl ProcessorTime {
    fn used(&mut self) -> f64 {
        let mut stat = String::new();
        self.0.rewind().unwrap();
        self.0.read_to_string(&mut stat).unwrap();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
    }
}

#[test]
fn without_descriptors_old_clients_are_served_and_new_ones_are_once_there_are_some() {
    if std::env::var("OTTLA_TEST_CROWD").is_ok() {
        return;
    }
    limit_descriptors(LIMIT);
    let mut processor = ProcessorTime(File::open("/proc/self/stat").unwrap());
    let broker = Broker::start(Options::default());
    let mut old = broker.connect();
    send(&mut old, b"e");
    receive(&mut old);

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crowd", "--nocapture"])
        .env("OTTLA_TEST_CROWD", broker.address.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.by_ref().map(Result::unwrap).find(|line| line.contains("crowd of")).unwrap();
    broker.wait_until("descriptors are gone", |broker| broker.running().stats().view().accept_errors > 0);

    let (start, before) = (Instant::now(), processor.used());
    while start.elapsed() < Duration::from_secs(1) {
        let asked = Instant::now();
        send(&mut old, b"e");
        receive(&mut old);
        assert!(asked.elapsed() < Duration::from_millis(500), "an old client waits {:?}", asked.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let used = processor.used() - before;
    assert!(used < 0.2, "{used} s of processor in a second: the accept loop spins");

    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    child.wait().unwrap();
    let start = Instant::now();
    let mut new = broker.connect();
    send(&mut new, b"e");
    assert_eq!(receive(&mut new), b"e");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}
