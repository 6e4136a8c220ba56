//! I20–I22, I26: connections in numbers, and the HTTP port.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use ottla_hostile::{
    Answered, Broker, MIB, Wire, allow_descriptors, figure, framed, header, scaled, sockets,
};
use ottla_testkit::until;

const GONE: Duration = Duration::from_secs(30);

fn is_alive(wire: &mut Wire) -> bool {
    wire.send(&framed(&header(18, 0))) && matches!(wire.receive(), Answered::Frame(_))
}

#[test]
fn i21_thousands_of_idle_connections_cost_little() {
    let broker = Broker::start();
    let wanted = scaled(5_000, 10_000).min(allow_descriptors().saturating_sub(200));
    let before = sockets(broker.node().pid());
    let mut idle: Vec<Wire> = (0..wanted).map(|_| broker.connect()).collect();
    // All of them are served, not only accepted by the system.
    for wire in idle.iter_mut().step_by(50) {
        assert!(is_alive(wire));
    }
    until("all connections", GONE, || (sockets(broker.node().pid()) >= before + wanted).then_some(()));
    broker.probe().is_served();
    figure("i21.connections", wanted, "");
    figure("i21.rss_per_connection", broker.growth() / wanted as u64, "bytes");
    drop(idle);
    until("the end of all", GONE, || (sockets(broker.node().pid()) <= before + 2).then_some(()));
    broker.finish("i21", wanted as u64 * (16 << 10));
}

#[test]
fn i20_connections_that_went_silent_are_freed_when_idle() {
    let broker = Broker::start_with(&[("connections.max.idle.ms", "3000")]);
    let silent: Vec<Wire> = (0..500).map(|_| broker.connect()).collect();
    until("the end of all", GONE, || silent.iter().all(Wire::is_closed).then_some(()));
    broker.finish("i20", 32 * MIB);
}

#[test]
fn i22_a_storm_of_connections_leaves_nothing_behind() {
    // With Kafka's 50 the system drops attempts, and who is dropped waits a second: that would be no storm.
    let broker = Broker::start_with(&[("socket.listen.backlog.size", "1024")]);
    let before = sockets(broker.node().pid());
    for n in 0..scaled(5_000, 200_000) {
        let mut wire = broker.connect();
        match n % 3 {
            0 => {}
            1 => drop(wire.send(&[0, 0])),
            _ => drop(wire.send(&framed(&header(18, 0)))),
        }
    }
    until("the end of all", GONE, || (sockets(broker.node().pid()) <= before + 2).then_some(()));
    broker.finish("i22", 48 * MIB);
}

#[test]
fn i22_one_address_has_no_more_than_its_connections() {
    let broker = Broker::start_with(&[("max.connections.per.ip", "50")]);
    let mut held: Vec<Wire> = (0..49).map(|_| broker.connect()).collect();
    assert!(held.iter_mut().all(is_alive), "the probe and 49 others have a place");
    for _ in 0..200 {
        let mut one_more = broker.connect();
        one_more.expect_closed("a connection too many");
    }
    assert!(held.iter_mut().all(is_alive), "those who have a place keep it");
    drop(held);
    until("a place", GONE, || is_alive(&mut broker.connect()).then_some(()));
    broker.finish("i22.per_ip", 32 * MIB);
}

#[test]
fn i26_the_http_port_takes_nothing_but_its_three_questions() {
    if ottla_testkit::Target::from_env() == ottla_testkit::Target::Kafka {
        return; // Kafka has none.
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound").to_string();
    drop(listener);
    let broker = Broker::start_with(&[("ottla.http.listener", &address)]);
    let ask = |request: &[u8]| {
        let mut stream = TcpStream::connect(&address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("above zero");
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.take(1 << 20).read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert!(ask(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
    let refused: [&[u8]; 6] = [
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        b"DELETE /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ];
    for request in refused {
        let answer = ask(request);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"),
            "{answer}"
        );
    }
    let large = [b"GET /health HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 8 << 20], b"\r\n\r\n".to_vec()].concat();
    assert!(!ask(&large).starts_with("HTTP/1.1 200"), "headers of 8 MiB are refused");
    let body = [
        b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n".to_vec(),
        vec![b'x'; 8 << 20],
    ]
    .concat();
    assert!(ask(&body).starts_with("HTTP/1.1 4"), "a body nobody asked for is not read");
    let slow: Vec<TcpStream> = (0..500)
        .filter_map(|_| {
            let mut stream = TcpStream::connect(&address).ok()?;
            stream.write_all(b"GET /health HTTP/1.1\r\nX").ok()?;
            Some(stream)
        })
        .collect();
    assert!(ask(b"GET /ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
    drop(slow);
    broker.finish("i26", 32 * MIB);
}
