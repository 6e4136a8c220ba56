//! I2, I19, I24, bugs 62, 66 and 72: peers that send next to nothing, promise much, or never read.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use ottla_hostile::{
    Answered, Broker, MIB, Wire, allow_descriptors, create_topic, figure, framed, header, produce, scaled,
    sockets,
};
use ottla_testkit::until;
use ottla_types::ErrorCode;

/// The read timeout of a frame and the write timeout of an answer are 30 s; a busy machine gets as much again.
const CLOSED: Duration = Duration::from_secs(75);

/// A frame of 100 MB.
const PROMISE: i32 = 100_000_000;

/// Those who send a byte a second into a frame of 100 MB, and those who send requests and never read: all are closed,
/// and cost next to nothing until then.
#[test]
fn i02_i19_b62_b66_slow_senders_and_silent_readers_are_closed() {
    let broker = Broker::start();
    let mut admin = broker.connect();
    for n in 0..20 {
        create_topic(&mut admin, &format!("many-{n}"), 50, &[]);
    }
    let before = sockets(broker.node().pid());
    let senders = scaled(300, 1000);
    let mut slow: Vec<Wire> = (0..senders).map(|_| broker.connect()).collect();
    for wire in &mut slow {
        wire.send(&PROMISE.to_be_bytes());
    }
    let requests = pipelined(2_000);
    let mut silent: Vec<Wire> = (0..50)
        .map(|_| {
            let mut wire = broker.connect();
            assert!(wire.send(&requests), "taken by the system at least");
            wire
        })
        .collect();
    let began = Instant::now();
    let mut next_byte = began;
    until("the end of all slow connections", CLOSED, || {
        if Instant::now() >= next_byte {
            next_byte += Duration::from_secs(1);
            for wire in &mut slow {
                wire.send(&[0]);
            }
        }
        let gone = sockets(broker.node().pid()) <= before && slow.iter().all(Wire::is_closed);
        gone.then_some(())
    });
    figure("i02.slow_closed_after", began.elapsed().as_secs(), "s");
    for wire in &mut silent {
        let answers = std::iter::from_fn(|| (wire.receive() != Answered::Closed).then_some(())).count();
        assert!(answers < 2_000, "who does not read is not waited for, but got {answers} answers");
    }
    broker.finish("i02", 96 * MIB);
}

/// Requests with large answers, one behind the other.
fn pipelined(count: usize) -> Vec<u8> {
    // Version 1 of Metadata, null for all topics.
    framed(&[&header(3, 1)[..], &(-1_i32).to_be_bytes()].concat()).repeat(count)
}

/// Everybody announces 100 MB and sends what is taken of it. Together that is more than the memory of requests; a
/// producer with a large batch gets through all the same, because those who stall must go.
#[test]
fn i02_b72_a_thousand_promises_of_100_mb_stay_within_the_budget() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    create_topic(&mut wire, "t", 1, &[]);
    let connections = scaled(1000, 1000).min(allow_descriptors().saturating_sub(100));
    let part = vec![0_u8; 700 << 10];
    let mut held = Vec::new();
    for _ in 0..connections {
        let mut hostile = broker.connect();
        hostile.send(&PROMISE.to_be_bytes());
        hostile.stream().set_nonblocking(true).expect("an open socket");
        // What the broker and the system do not take at once stays unsent.
        let mut stream = hostile.stream();
        let _ = stream.write(&part);
        held.push(hostile);
    }
    broker.probe().is_served();
    figure("i02.promises_rss", broker.growth() / MIB, "MiB");
    let began = Instant::now();
    let large = super::batches::value(&vec![b'x'; 900_000]);
    for _ in 0..3 {
        assert_eq!(produce(&mut wire, 9, "t", 0, large.clone()).error_code, ErrorCode::NONE);
    }
    figure("i02.large_produce_beside_promises", began.elapsed().as_millis(), "ms");
    assert!(broker.peak() <= 512 * MIB || !broker.is_ottla(), "{} MiB resident", broker.peak() / MIB);
    broker.finish("i02.promises", 490 * MIB);
    drop(held);
}
