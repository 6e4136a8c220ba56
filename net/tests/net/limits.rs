use std::{
    io::Write,
    time::{Duration, Instant},
};

use ottla_net::{ConnectionLimits, Listener, Options};

use crate::support::{Broker, is_closed, receive, send};

const SHORT: Duration = Duration::from_millis(200);

#[test]
fn idle_connections_are_closed_and_busy_ones_are_not() {
    let broker = Broker::start(Options { max_idle: SHORT, ..Options::default() });
    let (mut idle, mut busy) = (broker.connect(), broker.connect());
    let start = Instant::now();
    while start.elapsed() < SHORT * 3 {
        send(&mut busy, b"e");
        receive(&mut busy);
        std::thread::sleep(SHORT / 10);
    }
    assert!(is_closed(&mut idle));
    send(&mut busy, b"s400:");
    assert_eq!(receive(&mut busy), b"s400:", "waiting for an answer is not idling");
    assert_eq!(broker.running().stats().view().timeouts, 1);
}

#[test]
fn a_frame_that_does_not_get_on_ends_its_connection() {
    let broker = Broker::start(Options { read_timeout: SHORT, ..Options::default() });
    let mut stuck = broker.connect();
    stuck.write_all(&100i32.to_be_bytes()).unwrap();
    let mut dripping = broker.connect();
    dripping.write_all(&100_000_000i32.to_be_bytes()).unwrap();
    let start = Instant::now();
    while dripping.write_all(b"x").is_ok() {
        std::thread::sleep(SHORT / 10);
        assert!(start.elapsed() < Duration::from_secs(10), "a byte now and then keeps it open");
    }
    assert!(is_closed(&mut stuck));
    broker.wait_until("both are gone", |broker| broker.running().stats().view().open == 0);
}

#[test]
fn strangers_have_little_time() {
    let listener =
        Listener { authenticates: true, ..Listener::plaintext("SASL", "127.0.0.1:0".parse().unwrap()) };
    let options = Options { listeners: vec![listener], authentication_timeout: SHORT, ..Options::default() };
    let broker = Broker::start(options);
    let mut client = broker.connect();
    let start = Instant::now();
    while client.write_all(&[0, 0, 0, 1, b'e']).is_ok() {
        std::thread::sleep(SHORT / 10);
        assert!(start.elapsed() < Duration::from_secs(10), "requests do not extend it");
    }
}

#[test]
fn who_does_not_read_is_dropped() {
    let options = Options { write_timeout: SHORT, send_buffer: Some(16_384), ..Options::default() };
    let broker = Broker::start(options);
    let mut client = broker.connect();
    send(&mut client, b"b50000000");
    broker.wait_until("the slow reader is gone", |broker| broker.running().stats().view().timeouts == 1);
    broker.wait_until("and closed", |broker| broker.running().stats().view().open == 0);
}

fn limited(connections: ConnectionLimits) -> Broker {
    Broker::start(Options { connections, ..Options::default() })
}

#[test]
fn one_address_gets_its_share() {
    let broker = limited(ConnectionLimits { per_ip: 3, ..ConnectionLimits::default() });
    let mut clients: Vec<_> = (0..3).map(|_| broker.connect()).collect();
    for client in &mut clients {
        send(client, b"e");
        receive(client);
    }
    assert!(is_closed(&mut broker.connect()));
    clients.pop();
    broker.wait_until("there is room", |broker| broker.running().stats().view().open == 2);
    let mut client = broker.connect();
    send(&mut client, b"e");
    assert_eq!(receive(&mut client), b"e");
    assert_eq!(broker.running().stats().view().refused, 1);
}

#[test]
fn an_override_rules_its_address() {
    let overrides = [("127.0.0.1".parse().unwrap(), 0)].into();
    let broker = limited(ConnectionLimits { per_ip_overrides: overrides, ..ConnectionLimits::default() });
    assert!(is_closed(&mut broker.connect()));
}

#[test]
fn at_the_limit_new_connections_wait_for_one_to_leave() {
    let broker = limited(ConnectionLimits { max: 1, ..ConnectionLimits::default() });
    let mut first = broker.connect();
    send(&mut first, b"e");
    receive(&mut first);
    let mut second = broker.connect();
    send(&mut second, b"e");
    drop(first);
    assert_eq!(receive(&mut second), b"e");
    assert_eq!(broker.running().stats().view().refused, 0);
}
