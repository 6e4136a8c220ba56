use std::{
    io::Write,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use ottla_net::Options;

use crate::support::{Broker, framed, receive, send};

#[test]
fn the_budget_stops_reading_until_somebody_is_done() {
    const FRAME: usize = 1 << 20;
    let broker = Broker::start(Options { memory: 3 << 20, ..Options::default() });
    // Ten frames of 1 MiB whose handlers take a while; the budget holds three, and one more as overdraft.
    let threads: Vec<_> = (0..10)
        .map(|_| {
            let mut client = broker.connect();
            std::thread::spawn(move || {
                let mut body = b"s300:".to_vec();
                body.resize(FRAME, b'x');
                client.write_all(&framed(&body)).unwrap();
                assert_eq!(receive(&mut client).len(), FRAME);
            })
        })
        .collect();
    let start = Instant::now();
    let mut most = 0;
    while threads.iter().any(|thread| !thread.is_finished()) {
        most = most.max(broker.handler.handled.load(Ordering::SeqCst));
        assert!(start.elapsed() < Duration::from_secs(20), "somebody waits for ever");
        std::thread::sleep(Duration::from_millis(5));
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(most, 10);
    broker.wait_until("all memory is free", |broker| broker.running().free_memory() == 3 << 20);
}

#[test]
fn half_read_frames_that_hold_all_memory_do_not_block_each_other_for_ever() {
    const FRAME: usize = 2 << 20;
    let broker = Broker::start(Options { memory: 1 << 20, ..Options::default() });
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let mut client = broker.connect();
            std::thread::spawn(move || {
                client.write_all(&framed(&vec![b'e'; FRAME])).unwrap();
                assert_eq!(receive(&mut client).len(), FRAME);
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

#[test]
fn who_waits_for_memory_is_not_taken_for_somebody_who_does_not_send() {
    const FRAME: usize = 20 * 1024;
    let options = Options { memory: 0, read_timeout: Duration::from_secs(1), ..Options::default() };
    let broker = Broker::start(options);
    let frame = |text: &str| {
        let mut body = text.as_bytes().to_vec();
        body.resize(FRAME, b'x');
        framed(&body)
    };
    // One holds the overdraft longer than the other may take to send its frame.
    let mut holder = broker.connect();
    holder.write_all(&frame("s3000:")).unwrap();
    broker.wait_until("it is held", |broker| broker.handler.handled.load(Ordering::SeqCst) == 1);
    let mut waiting = broker.connect();
    let whole = frame("e");
    let (first, rest) = whole.split_at(100);
    waiting.write_all(first).unwrap();
    // The smaller the first piece the broker sees, the less time it buys; it may see more, and then proves less.
    std::thread::sleep(Duration::from_millis(100));
    waiting.write_all(rest).unwrap();
    assert_eq!(receive(&mut waiting).len(), FRAME);
}

#[test]
fn small_requests_need_nothing_from_the_budget() {
    let broker = Broker::start(Options { memory: 0, ..Options::default() });
    let mut client = broker.connect();
    send(&mut client, &[b'e'; 16_000]);
    assert_eq!(receive(&mut client).len(), 16_000);
}
