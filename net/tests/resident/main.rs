//! What connections cost in resident memory. A program of its own, since other tests would be counted too.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "tests: named after behaviour, and a failure is a failed test"
)]

use std::{
    io::Write,
    sync::{Mutex, MutexGuard},
};

use ottla_net::Options;
use support::{Broker, receive, send};

#[allow(dead_code, reason = "shared with the other test program, which uses all of it")]
#[path = "../net/support.rs"]
mod support;

/// Resident memory of this process in bytes.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// One test at a time, with as many descriptors as the system allows.
fn alone() -> MutexGuard<'static, ()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    static ONE: Mutex<()> = Mutex::new(());
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, most).expect("the soft limit may be raised to the hard one");
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[test]
fn announcing_100_mb_a_thousand_times_costs_next_to_nothing() {
    let _alone = alone();
    let broker = Broker::start(Options::default());
    let before = resident();
    let clients: Vec<_> = (0..1000)
        .map(|_| {
            let mut client = broker.connect();
            client.write_all(&100_000_000i32.to_be_bytes()).unwrap();
            client.write_all(b"e").unwrap();
            client
        })
        .collect();
    broker.wait_until("all are connected", |broker| broker.running().stats().view().open == 1000);
    let mut probe = broker.connect();
    send(&mut probe, b"e");
    receive(&mut probe);
    let grown = resident().saturating_sub(before);
    assert!(grown < 100 << 20, "{} MiB", grown >> 20);
    drop(clients);
}

#[test]
fn an_idle_connection_holds_a_few_kilobytes() {
    let _alone = alone();
    let broker = Broker::start(Options::default());
    let open = |count: usize| -> Vec<_> {
        (0..count)
            .map(|_| {
                let mut client = broker.connect();
                send(&mut client, &[b'e'; 1000]);
                receive(&mut client);
                client
            })
            .collect()
    };
    let warm = open(50);
    let before = resident();
    let clients = open(1000);
    let each = resident().saturating_sub(before) / 1000;
    println!("{each} bytes of resident memory per idle connection");
    assert!(each <= 12 * 1024, "{each} bytes");
    drop((warm, clients));
}
