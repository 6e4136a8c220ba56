//! AddPartitionsToTxn, of producers and of brokers that verify.

use super::*;

#[test]
fn partitions_open_a_transaction_and_pile_up() {
    let mut bench = bench();
    let p = bench.init("a").unwrap();
    assert_eq!(bench.add("a", p, 0, 2), ErrorCode::NONE);
    let began = bench.stands("a").start_ms;
    assert_eq!(began, bench.now.0);
    bench.pass(SECOND);
    assert_eq!(bench.add("a", p, 1, 2), ErrorCode::NONE);
    let stands = bench.stands("a");
    assert_eq!((stands.state, stands.start_ms, stands.updated_ms), (State::Ongoing, began, began + SECOND));
    assert_eq!(stands.partitions, partitions("t", &[0, 1]));
    let records = bench.rig.log.len();
    assert_eq!(bench.add("a", p, 1, 2), ErrorCode::NONE);
    assert_eq!(bench.rig.log.len(), records, "what is known is not written again");
}

#[test]
fn only_the_producer_of_the_moment_adds() {
    let mut bench = bench();
    assert_eq!(bench.add("", producer(1, 0), 0, 2), ErrorCode::INVALID_REQUEST);
    assert_eq!(bench.add("a", producer(1, 0), 0, 2), ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    let p = bench.init("a").unwrap();
    assert_eq!(bench.add("a", producer(p.id + 1, 0), 0, 2), ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    for epoch in [-1, 1] {
        assert_eq!(bench.add("a", producer(p.id, epoch), 0, 2), ErrorCode::PRODUCER_FENCED);
    }
    assert_eq!(bench.state("a"), State::Empty);
}

#[test]
fn verification_tells_what_is_in_the_transaction() {
    let mut bench = bench();
    assert_eq!(bench.verify("", producer(1, 0), 0), ErrorCode::INVALID_REQUEST);
    assert_eq!(bench.verify("a", producer(1, 0), 0), ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    let p = bench.init("a").unwrap();
    assert_eq!(bench.verify("a", p, 0), ErrorCode::TRANSACTION_ABORTABLE);
    bench.add("a", p, 0, 0);
    assert_eq!(bench.verify("a", p, 0), ErrorCode::NONE);
    assert_eq!(bench.verify("a", p, 1), ErrorCode::TRANSACTION_ABORTABLE);
    assert_eq!(bench.verify("a", producer(p.id, 1), 0), ErrorCode::PRODUCER_FENCED);
    bench.end("a", p, true, 0).unwrap();
    assert_eq!(bench.verify("a", p, 0), ErrorCode::CONCURRENT_TRANSACTIONS);
    bench.write_markers();
    assert_eq!(bench.verify("a", p, 0), ErrorCode::TRANSACTION_ABORTABLE);
}
