//! EndTxn by transaction version, markers, completion, and the same request again.

use super::*;

fn opened(version: i16) -> (Bench<impl Fn() -> Transactions>, Producer) {
    let mut bench = bench();
    let p = bench.init("a").unwrap();
    assert_eq!(bench.add("a", p, 0, version), ErrorCode::NONE);
    assert_eq!(bench.add("a", p, 1, version), ErrorCode::NONE);
    (bench, p)
}

#[test]
fn with_version_2_each_transaction_has_its_own_epoch() {
    for commit in [true, false] {
        let (mut bench, p) = opened(2);
        let next = bench.end("a", p, commit, 2).unwrap();
        assert_eq!(next, producer(p.id, 1));
        assert_eq!(bench.state("a"), State::prepare(commit));
        assert_eq!(bench.end("a", p, commit, 2), Err(ErrorCode::CONCURRENT_TRANSACTIONS), "again");
        assert_eq!(bench.end("a", p, !commit, 2), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
        assert_eq!(bench.end("a", next, false, 2), Err(ErrorCode::CONCURRENT_TRANSACTIONS), "the next one");
        assert_eq!(bench.add("a", next, 2, 2), ErrorCode::CONCURRENT_TRANSACTIONS);
        assert_eq!(bench.init("a"), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
        let markers = bench.write_markers();
        assert_eq!((markers[0].producer, markers[0].commit, markers[0].version), (next, commit, 2));
        assert_eq!(markers[0].partitions, partitions("t", &[0, 1]));
        let ended = if commit { State::CompleteCommit } else { State::CompleteAbort };
        assert_eq!((bench.state("a"), bench.stands("a").producer), (ended, next));
        assert_eq!(bench.end("a", p, commit, 2), Ok(next), "again");
        assert_eq!(bench.end("a", p, !commit, 2), Err(ErrorCode::INVALID_TXN_STATE));
        assert_eq!(bench.add("a", next, 2, 2), ErrorCode::NONE);
        // A late EndTxn does nothing to the next transaction (KAFKA-17754).
        assert_eq!(bench.end("a", p, commit, 2), Err(ErrorCode::PRODUCER_FENCED));
        assert_eq!(bench.state("a"), State::Ongoing);
    }
}

#[test]
fn before_version_2_the_epoch_stays() {
    let (mut bench, p) = opened(0);
    assert!(bench.end("a", p, true, 0).is_ok());
    assert_eq!(bench.end("a", p, true, 0), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    assert_eq!(bench.end("a", p, false, 0), Err(ErrorCode::CONCURRENT_TRANSACTIONS));
    assert_eq!(bench.end("a", producer(p.id, 1), true, 0), Err(ErrorCode::PRODUCER_FENCED));
    let markers = bench.write_markers();
    assert_eq!((markers[0].producer, markers[0].version), (p, 0));
    assert!(bench.end("a", p, true, 0).is_ok(), "again");
    assert_eq!(bench.end("a", p, false, 0), Err(ErrorCode::INVALID_TXN_STATE));
    assert_eq!(bench.end("a", producer(p.id, 1), true, 0), Err(ErrorCode::PRODUCER_FENCED));
    assert_eq!(bench.end("a", producer(p.id + 1, 0), true, 0), Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING));
    assert_eq!(bench.end("b", p, true, 0), Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING));
    assert_eq!(bench.end("", p, true, 0), Err(ErrorCode::INVALID_REQUEST));
}

#[test]
fn nothing_can_be_aborted_but_not_committed() {
    let mut bench = bench();
    let p = bench.init("a").unwrap();
    assert_eq!(bench.end("a", p, true, 2), Err(ErrorCode::INVALID_TXN_STATE));
    assert_eq!(bench.end("a", p, false, 0), Err(ErrorCode::INVALID_TXN_STATE));
    let next = bench.end("a", p, false, 2).unwrap();
    assert_eq!((next, bench.state("a")), (producer(p.id, 1), State::CompleteAbort));
    assert!(bench.write_markers().is_empty());
    let after = bench.end("a", next, false, 2).unwrap();
    assert_eq!(after.epoch, 2);
    assert_eq!(bench.end("a", next, false, 2), Ok(after), "again");
    assert_eq!(bench.end("a", after, true, 2), Err(ErrorCode::INVALID_TXN_STATE));
}

#[test]
fn the_last_epoch_ends_in_a_new_id() {
    let mut bench = bench();
    let first = bench.init("a").unwrap();
    bench.age("a", i16::MAX - 1);
    let last = producer(first.id, i16::MAX - 1);
    bench.add("a", last, 0, 2);
    let next = bench.end("a", last, true, 2).unwrap();
    assert_eq!(next.epoch, 0);
    assert_ne!(next.id, last.id);
    let markers = bench.work().unwrap().markers;
    assert_eq!(markers[0].producer, producer(last.id, i16::MAX), "the markers end the old id's transaction");
    bench.restart();
    let markers = bench.write_markers();
    assert_eq!(markers[0].producer, producer(last.id, i16::MAX));
    assert_eq!(bench.stands("a").producer, next);
    assert_eq!(bench.end("a", last, true, 2), Ok(next), "the answer got lost");
    assert_eq!(bench.add("a", last, 0, 2), ErrorCode::INVALID_PRODUCER_ID_MAPPING);
    assert_eq!(bench.add("a", next, 0, 2), ErrorCode::NONE);
}

#[test]
fn markers_that_could_not_be_written_are_tried_again() {
    let (mut bench, p) = opened(2);
    bench.end("a", p, true, 2).unwrap();
    let markers = bench.work().unwrap().markers.remove(0);
    bench.written(&markers, partitions("t", &[1]));
    assert_eq!(bench.work(), None, "not at once");
    bench.pass(100);
    let again = bench.work().unwrap().markers.remove(0);
    assert_eq!(again.partitions, partitions("t", &[0]));
    assert_eq!(bench.state("a"), State::PrepareCommit);
    bench.written(&again, partitions("t", &[0]));
    assert_eq!(bench.state("a"), State::CompleteCommit);
    let records = bench.rig.log.len();
    bench.written(&again, partitions("t", &[0]));
    assert_eq!(bench.rig.log.len(), records, "completed once");
}

#[test]
fn a_loaded_coordinator_writes_the_markers_and_late_answers_do_not_count() {
    let (mut bench, p) = opened(0);
    bench.end("a", p, true, 0).unwrap();
    let lost = bench.work().unwrap().markers.remove(0);
    bench.pass(1);
    bench.restart();
    let markers = bench.work().unwrap().markers.remove(0);
    assert_eq!(markers.partitions, lost.partitions);
    bench.written(&markers, markers.partitions.clone());
    assert_eq!(bench.state("a"), State::CompleteCommit);
    // The next transaction has the same producer and epoch.
    bench.add("a", p, 0, 0);
    bench.add("a", p, 1, 0);
    bench.end("a", p, true, 0).unwrap();
    for late in [&lost, &markers] {
        bench.written(late, late.partitions.clone());
        assert_eq!(bench.state("a"), State::PrepareCommit, "an answer to other markers");
    }
    bench.write_markers();
    assert_eq!(bench.state("a"), State::CompleteCommit);
}

#[test]
fn a_coordinator_whose_markers_are_fenced_gives_up() {
    let (mut bench, p) = opened(2);
    bench.end("a", p, true, 2).unwrap();
    let markers = bench.work().unwrap().markers.remove(0);
    let (transactional_id, job) = (markers.transactional_id.clone(), markers.job);
    let fenced = MarkersWritten { transactional_id, job, written: Partitions::new(), fenced: true };
    bench.ask(Command::MarkersWritten(fenced));
    bench.pass(60 * SECOND);
    assert_eq!(bench.work(), None);
    bench.written(&markers, markers.partitions.clone());
    assert_eq!(bench.state("a"), State::PrepareCommit);
}
