use std::{
    io::Write,
    net::TcpStream,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use ottla_net::Options;

use crate::support::{Broker, framed, is_closed, receive, send};

const DEADLINE: Duration = Duration::from_secs(2);

#[test]
fn stopping_answers_what_was_read_and_closes() {
    let mut broker = Broker::start(Options::default());
    let (mut slow, mut later, idle) = (broker.connect(), broker.connect(), broker.connect());
    send(&mut slow, b"s300:");
    send(&mut later, b"l300:");
    broker.wait_until("both are handled", |broker| broker.handler.handled.load(Ordering::SeqCst) == 2);
    let reader = std::thread::spawn(move || {
        for (client, due) in [(&mut slow, b"s300:"), (&mut later, b"l300:")] {
            assert_eq!(receive(client), due);
            assert!(is_closed(client));
        }
        drop(idle);
    });
    assert_eq!(broker.shutdown(DEADLINE), 0, "nobody is cut off");
    reader.join().unwrap();
    assert!(TcpStream::connect(broker.address).is_err(), "nobody listens any more");
}

#[test]
fn stopping_under_load_loses_no_answer() {
    let mut broker = Broker::start(Options::default());
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let mut client = broker.connect();
            std::thread::spawn(move || {
                let mut answered = 0;
                // Five in flight; whatever the server has handled it must have answered.
                let five: Vec<u8> = (0..5).flat_map(|_| framed(b"l1:")).collect();
                while client.write_all(&five).is_ok() {
                    for _ in 0..5 {
                        let mut size = [0; 4];
                        if std::io::Read::read_exact(&mut client, &mut size).is_err() {
                            return answered;
                        }
                        std::io::Read::read_exact(&mut client, &mut [0; 3]).unwrap();
                        answered += 1;
                    }
                }
                answered
            })
        })
        .collect();
    broker.wait_until("there is load", |broker| broker.handler.handled.load(Ordering::SeqCst) > 500);
    assert_eq!(broker.shutdown(DEADLINE), 0);
    let answered: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(answered, broker.handler.handled.load(Ordering::SeqCst));
}

#[test]
fn stopping_takes_no_longer_than_its_deadline() {
    let mut broker = Broker::start(Options::default());
    let mut client = broker.connect();
    send(&mut client, b"s60000:");
    broker.wait_until("it is handled", |broker| broker.handler.handled.load(Ordering::SeqCst) == 1);
    let start = Instant::now();
    assert_eq!(broker.shutdown(Duration::from_millis(200)), 1);
    assert!(start.elapsed() < Duration::from_secs(1));
    assert!(is_closed(&mut client));
}

#[test]
fn stopping_an_idle_server_takes_no_time() {
    let mut broker = Broker::start(Options::default());
    let clients: Vec<_> = (0..50).map(|_| broker.connect()).collect();
    broker.wait_until("all are there", |broker| broker.running().stats().view().open == 50);
    let start = Instant::now();
    let closer = std::thread::spawn(move || {
        clients.into_iter().for_each(|mut client| assert!(is_closed(&mut client)))
    });
    assert_eq!(broker.shutdown(DEADLINE), 0);
    assert!(start.elapsed() < Duration::from_millis(400), "{:?}", start.elapsed());
    closer.join().unwrap();
}
