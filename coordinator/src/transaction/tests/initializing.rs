//! InitProducerId: new ids, bumps, fencing, recovery (KIP-360), the last epoch.

use super::*;

#[test]
fn a_new_id_begins_at_epoch_0_and_each_start_moves_it() {
    let mut bench = bench();
    let first = bench.init("a").unwrap();
    assert_eq!((first.epoch, bench.state("a")), (0, State::Empty));
    assert_eq!(bench.init("a"), Ok(producer(first.id, 1)));
    let other = bench.init("b").unwrap();
    assert_ne!(other.id, first.id);
    bench.restart();
    assert_eq!(bench.init("a"), Ok(producer(first.id, 2)));
}

#[test]
fn requests_that_make_no_sense() {
    let mut bench = bench();
    assert_eq!(bench.init(""), Err(ErrorCode::INVALID_REQUEST));
    for timeout_ms in [0, -1, 900_001] {
        let request = InitProducer { transactional_id: text("a"), timeout_ms, ..InitProducer::default() };
        assert_eq!(bench.init_with(request), Err(ErrorCode::INVALID_TRANSACTION_TIMEOUT));
    }
    assert!(bench.rig.log.is_empty());
}

#[test]
fn an_open_transaction_is_aborted_before_its_successor_begins() {
    for (version, aborted_epoch) in [(2, 1), (0, 1)] {
        let settings = Settings { transaction_version: version, ..Settings::default() };
        let mut bench = bench_with(settings);
        let old = bench.init("a").unwrap();
        assert_eq!(bench.add("a", old, 0, version), ErrorCode::NONE);
        assert_eq!(bench.init("a"), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
        assert_eq!(bench.state("a"), State::PrepareAbort);
        assert_eq!(bench.init("a"), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
        assert_eq!(bench.add("a", old, 1, version), ErrorCode::CONCURRENT_TRANSACTIONS);
        let markers = bench.write_markers();
        assert_eq!(bench.add("a", old, 1, version), ErrorCode::PRODUCER_FENCED);
        assert_eq!(markers.len(), 1);
        assert_eq!((markers[0].producer, markers[0].commit), (producer(old.id, aborted_epoch), false));
        assert_eq!(bench.init("a"), Ok(producer(old.id, aborted_epoch + 1)));
        assert_eq!(bench.end("a", old, true, version), Err(ErrorCode::PRODUCER_FENCED));
    }
}

#[test]
fn a_producer_that_recovers_keeps_its_id_and_a_repeated_request_bumps_once() {
    let mut bench = bench();
    let first = bench.init("a").unwrap();
    let second = bench.recover("a", first).unwrap();
    assert_eq!(second, producer(first.id, 1));
    assert_eq!(bench.recover("a", first), Ok(second), "the answer got lost");
    let third = bench.recover("a", second).unwrap();
    assert_eq!(third.epoch, 2);
    assert_eq!(bench.recover("a", first), Err(ErrorCode::PRODUCER_FENCED), "two epochs behind");
    assert_eq!(bench.recover("a", producer(first.id + 1, 2)), Err(ErrorCode::PRODUCER_FENCED));
    // Another producer starts: the one before is fenced for good.
    let other = bench.init("a").unwrap();
    assert_eq!(bench.recover("a", third), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(bench.recover("a", other).map(|producer| producer.epoch), Ok(4));
}

#[test]
fn the_last_epoch_is_followed_by_another_id() {
    let mut bench = bench();
    let first = bench.init("a").unwrap();
    bench.age("a", i16::MAX - 1);
    let last = producer(first.id, i16::MAX - 1);
    let next = bench.recover("a", last).unwrap();
    assert_eq!(next.epoch, 0);
    assert_ne!(next.id, first.id);
    assert_eq!(bench.recover("a", last), Ok(next), "the answer got lost");
    bench.age("a", i16::MAX - 1);
    let after = bench.init("a").unwrap();
    assert!(after.epoch == 0 && after.id != next.id && after.id != first.id);
    assert_eq!(bench.recover("a", last), Err(ErrorCode::PRODUCER_FENCED));
}

#[test]
fn an_unknown_id_with_an_expected_producer_begins_anew() {
    let mut bench = bench();
    let answer = bench.recover("a", producer(7, 3)).unwrap();
    assert_eq!(answer.epoch, 0);
    assert_ne!(answer.id, 7);
}
