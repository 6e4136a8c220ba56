//! I15, I16, I24 and bug 66: what a fetch may ask for and hold.

use ottla_hostile::{Broker, MIB, Wire, create_topic, fetch, fetch_request, produce, scaled};
use ottla_types::ErrorCode;
use ottla_wire::messages::fetch_request::FetchRequest;

#[test]
fn i15_i16_offsets_epochs_sessions_and_replicas_that_lie() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    create_topic(&mut wire, "t", 1, &[]);
    produce(&mut wire, 9, "t", 0, super::batches::value(b"v"));
    for offset in [-1, i64::MIN, 2, i64::MAX] {
        let answer = fetch(&mut wire, "t", 0, offset, 1000);
        assert_eq!(answer.error_code, ErrorCode::OFFSET_OUT_OF_RANGE, "offset {offset}");
    }
    let with = |change: &dyn Fn(&mut FetchRequest)| {
        let mut request = fetch_request("t", 0, 0, 1000);
        change(&mut request);
        request
    };
    let mut partition = |change: &dyn Fn(&mut FetchRequest)| {
        let answer = wire.ask(11, &with(change));
        assert_eq!(answer.error_code, ErrorCode::NONE);
        answer.responses[0].partitions[0].clone()
    };
    let epoch =
        |epoch| partition(&|request| request.topics[0].partitions[0].current_leader_epoch = epoch).error_code;
    let (newer, older) = {
        let mut epoch = epoch;
        (epoch(1000), epoch(-2))
    };
    assert_eq!((newer, older), (ErrorCode::UNKNOWN_LEADER_EPOCH, ErrorCode::NONE));
    // One replica is nobody but the broker itself.
    let replica = wire.ask(11, &with(&|request| request.replica_id = 7)).responses[0].partitions[0].clone();
    assert_ne!(replica.error_code, ErrorCode::NONE, "a replica that is none");
    for (id, epoch) in [(0, 5), (1, 1), (-1, 3), (i32::MAX, i32::MAX)] {
        let answer =
            wire.ask(11, &with(&|request| (request.session_id, request.session_epoch) = (id, epoch)));
        assert!(!answer.error_code.is_ok(), "session {id} epoch {epoch}: {:?}", answer.error_code);
    }
    broker.finish("i15", 32 * MIB);
}

/// Fills a partition with batches of about a megabyte, all of them shared zeros to us and bytes to the broker.
fn fill(wire: &mut Wire, topic: &str, megabytes: usize) {
    create_topic(wire, topic, 1, &[]);
    let batch = super::batches::value(&vec![b'x'; 1_000_000]);
    for _ in 0..megabytes {
        assert_eq!(produce(wire, 9, topic, 0, batch.clone()).error_code, ErrorCode::NONE);
    }
}

/// Two hundred clients ask for fifty megabytes each and read nothing.
#[test]
fn i24_b66_answers_nobody_reads_are_bounded() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    fill(&mut wire, "t", 55);
    let clients = 200;
    let mut held = Vec::new();
    for _ in 0..clients {
        let mut wire = broker.connect();
        wire.post(11, &fetch_request("t", 0, 0, 50 << 20));
        held.push(wire);
    }
    broker.probe().is_served();
    // The clients hold on while others read the same data.
    for _ in 0..scaled(5, 50) {
        let read = fetch(&mut wire, "t", 0, 0, 50 << 20);
        assert!(read.records.is_some_and(|records| records.len() >= 1_000_000), "at least one batch comes");
    }
    broker.finish("i24", 128 * MIB + clients * 3 * MIB / 2);
    drop(held);
}

/// A fetch that waits for more than there is must hold nothing meanwhile.
#[test]
fn b66_fetches_that_wait_hold_no_records() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    fill(&mut wire, "t", 20);
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut wire = broker.connect();
        let request =
            FetchRequest { max_wait_ms: i32::MAX, min_bytes: 40 << 20, ..fetch_request("t", 0, 0, 50 << 20) };
        wire.post(11, &request);
        held.push(wire);
    }
    broker.probe().is_served();
    broker.finish("b66.waiting", 160 * MIB);
    drop(held);
}
