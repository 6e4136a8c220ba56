use std::{
    io::Write,
    time::{Duration, Instant},
};

use ottla_net::Options;

use crate::support::{Broker, framed, is_closed, receive, send};

#[test]
fn a_thousand_pipelined_requests_are_answered_in_order() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    let all: Vec<u8> = (0..1000).flat_map(|at| framed(format!("e{at}").as_bytes())).collect();
    client.write_all(&all).unwrap();
    for at in 0..1000 {
        assert_eq!(receive(&mut client), format!("e{at}").as_bytes());
    }
}

#[test]
fn slow_and_later_answers_keep_their_place() {
    let broker = Broker::start(Options { max_in_flight: 3, ..Options::default() });
    let mut client = broker.connect();
    let requests = ["l80:a", "e-b", "l10:c", "s20:d", "n", "l0:e", "l5:f", "l1:g", "l1:h", "e-i"];
    let all: Vec<u8> = requests.iter().flat_map(|body| framed(body.as_bytes())).collect();
    client.write_all(&all).unwrap();
    for due in requests.iter().filter(|body| **body != "n") {
        assert_eq!(receive(&mut client), due.as_bytes());
    }
}

#[test]
fn later_answers_do_not_hold_up_the_requests_behind_them() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    let start = Instant::now();
    for _ in 0..20 {
        send(&mut client, b"l200:");
    }
    for _ in 0..20 {
        receive(&mut client);
    }
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "one after the other would be 4 s: {:?}",
        start.elapsed()
    );
}

#[test]
fn closing_sends_the_answers_that_are_due_first() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    client.write_all(&[framed(b"l50:a"), framed(b"eb"), framed(b"c"), framed(b"enever")].concat()).unwrap();
    assert_eq!(receive(&mut client), b"l50:a");
    assert_eq!(receive(&mut client), b"eb");
    assert!(is_closed(&mut client));
}

#[test]
fn a_throttled_answer_is_sent_at_once_and_then_nothing_is_read() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    let start = Instant::now();
    client.write_all(&[framed(b"t300:"), framed(b"e")].concat()).unwrap();
    receive(&mut client);
    assert!(start.elapsed() < Duration::from_millis(250));
    receive(&mut client);
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn half_closing_still_gets_every_answer() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    client.write_all(&[framed(b"l30:a"), framed(b"s30:b")].concat()).unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(receive(&mut client), b"l30:a");
    assert_eq!(receive(&mut client), b"s30:b");
    assert!(is_closed(&mut client));
}

#[test]
fn a_handler_finishes_although_its_client_has_gone() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    send(&mut client, b"s50:");
    drop(client);
    broker.wait_until("the connection is gone", |broker| {
        let stats = broker.running().stats().view();
        stats.accepted == 1 && stats.open == 0
    });
    assert_eq!(broker.handler.handled.load(std::sync::atomic::Ordering::SeqCst), 1);
}
