use std::{io::Write, time::Duration};

use ottla_net::{Listener, Options};

use crate::support::{Broker, framed, is_closed, receive, send};

#[test]
fn a_frame_may_come_in_any_pieces() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    for piece in framed(b"ehello").chunks(1) {
        client.write_all(piece).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(receive(&mut client), b"ehello");
    // The end of one frame together with the beginning of the next.
    let mut two = framed(b"efirst");
    two.extend(framed(b"esecond"));
    for cut in 1..two.len() {
        client.write_all(&two[..cut]).unwrap();
        std::thread::sleep(Duration::from_micros(200));
        client.write_all(&two[cut..]).unwrap();
        assert_eq!(receive(&mut client), b"efirst");
        assert_eq!(receive(&mut client), b"esecond");
    }
}

#[test]
fn frames_of_every_size_arrive_whole() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    for size in [1, 2, 16_379, 16_380, 16_381, 16_384, 16_385, 65_536, 262_143, 262_145, 1 << 20, 9_000_001] {
        let mut body: Vec<u8> = (0..size).map(|at| (at * 31 % 253) as u8).collect();
        body[0] = b'e';
        let mut writer = client.try_clone().unwrap();
        let sent = framed(&body);
        let thread = std::thread::spawn(move || writer.write_all(&sent).unwrap());
        assert_eq!(receive(&mut client), body, "{size} bytes");
        thread.join().unwrap();
    }
}

#[test]
fn sizes_that_are_not_allowed_close_the_connection() {
    let broker = Broker::start(Options { max_frame: 1000, ..Options::default() });
    for size in [0, -1, i32::MIN, i32::MAX, 1001, 0x1603_0100] {
        let mut client = broker.connect();
        client.write_all(&size.to_be_bytes()).unwrap();
        assert!(is_closed(&mut client), "{size}");
    }
    let mut client = broker.connect();
    send(&mut client, &vec![b'e'; 1000]);
    assert_eq!(receive(&mut client).len(), 1000, "the limit itself is allowed");
    assert_eq!(broker.running().stats().view().bad_frames, 6);
}

#[test]
fn strangers_may_send_less() {
    let listener =
        Listener { authenticates: true, ..Listener::plaintext("SASL", "127.0.0.1:0".parse().unwrap()) };
    let broker = Broker::start(Options { listeners: vec![listener], ..Options::default() });
    let mut client = broker.connect();
    client.write_all(&(65_537i32).to_be_bytes()).unwrap();
    assert!(is_closed(&mut client));
}

#[test]
fn who_closes_half_way_is_forgotten() {
    let broker = Broker::start(Options::default());
    let mut client = broker.connect();
    client.write_all(&[0, 0, 0, 9, 1]).unwrap();
    broker.wait_until("the connection is there", |broker| broker.running().stats().view().open == 1);
    drop(client);
    broker.wait_until("the connection is gone", |broker| broker.running().stats().view().open == 0);
    assert_eq!(broker.handler.handled.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[test]
fn responses_in_many_segments_arrive_whole_also_at_a_slow_reader() {
    let broker = Broker::start(Options { send_buffer: Some(16_384), ..Options::default() });
    let mut client = broker.connect();
    send(&mut client, b"b5000000");
    std::thread::sleep(Duration::from_millis(100));
    let body = receive(&mut client);
    assert_eq!(body.len(), 5_000_000);
    assert!(body.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
}
