//! What time does: timeouts and forgotten ids.

use super::*;

const DAY: i64 = 86_400_000;

#[test]
fn a_transaction_open_for_too_long_is_aborted_and_its_producer_fenced() {
    for version in [2, 0] {
        let mut bench = bench_with(Settings { transaction_version: version, ..Settings::default() });
        let p = bench.init("a").unwrap();
        bench.add("a", p, 0, version);
        bench.pass(i64::from(TIMEOUT) - SECOND);
        assert_eq!(bench.state("a"), State::Ongoing);
        bench.pass(12 * SECOND);
        assert_eq!(bench.state("a"), State::PrepareAbort);
        let markers = bench.write_markers();
        assert_eq!((markers[0].producer, markers[0].commit), (producer(p.id, 1), false));
        assert_eq!(bench.state("a"), State::CompleteAbort);
        // With version 2 a commit of the epoch before is taken for a late one of the aborted transaction.
        let error = if version == 2 { ErrorCode::INVALID_TXN_STATE } else { ErrorCode::PRODUCER_FENCED };
        assert_eq!(bench.end("a", p, true, version), Err(error));
        assert_eq!(bench.add("a", p, 0, version), ErrorCode::PRODUCER_FENCED);
        assert_eq!(bench.init("a"), Ok(producer(p.id, 2)));
    }
}

#[test]
fn a_restart_does_not_forget_the_timeout() {
    let mut bench = bench();
    let p = bench.init("a").unwrap();
    bench.add("a", p, 0, 2);
    bench.pass(i64::from(TIMEOUT) + 1);
    bench.restart();
    bench.pass(10 * SECOND);
    assert_ne!(bench.state("a"), State::Ongoing);
}

#[test]
fn a_timeout_at_the_last_epoch_asks_for_an_id() {
    let mut bench = bench();
    let first = bench.init("a").unwrap();
    bench.age("a", i16::MAX - 1);
    let last = producer(first.id, i16::MAX - 1);
    bench.add("a", last, 0, 2);
    bench.pass(i64::from(TIMEOUT) + 11 * SECOND);
    assert_eq!(bench.state("a"), State::Ongoing, "there is no id to go on with");
    assert!(bench.work().unwrap().needs_producer_id);
    assert_eq!(bench.work(), None, "asked once");
    bench.ask(Command::SupplyProducerId(77));
    assert_eq!(bench.state("a"), State::PrepareAbort);
    assert_eq!(bench.write_markers()[0].producer, producer(last.id, i16::MAX));
    assert_eq!(bench.stands("a").producer, producer(77, 0));
}

#[test]
fn many_timeouts_fit_in_batches() {
    let mut bench = bench_with(Settings { max_batch_bytes: 2_000, ..Settings::default() });
    for id in 0..20 {
        let id = format!("id{id}");
        let p = bench.init(&id).unwrap();
        bench.add(&id, p, 0, 2);
    }
    let before = bench.rig.log.len();
    bench.now = bench.now.plus(i64::from(TIMEOUT) + 11 * SECOND);
    let due = bench.now;
    let first = crate::Machine::tick(&mut bench.rig.live, due).records.len();
    assert!((1..20).contains(&first), "{first} in one batch");
    bench.restart();
    bench.pass(11 * SECOND);
    assert_eq!(bench.rig.log.len(), before + 20);
    assert!((0..20).all(|id| bench.state(&format!("id{id}")) == State::PrepareAbort));
}

#[test]
fn ids_nobody_uses_are_forgotten_but_not_with_an_open_transaction() {
    let settings = Settings { id_expiration_ms: DAY, ..Settings::default() };
    let mut bench = bench_with(Settings { max_timeout_ms: i32::MAX - 1, ..settings });
    bench.init("idle").unwrap();
    let request =
        InitProducer { transactional_id: text("open"), timeout_ms: i32::MAX - 1, ..InitProducer::default() };
    let open = bench.init_with(request).unwrap();
    bench.add("open", open, 0, 2);
    bench.pass(DAY / 2);
    bench.init("idle").unwrap();
    bench.pass(DAY / 2 + 2 * 3_600_000);
    assert!(bench.rig.live.durable().get("idle").is_some(), "used since");
    bench.pass(DAY);
    assert!(bench.rig.live.durable().get("idle").is_none());
    assert_eq!(bench.state("open"), State::Ongoing);
    assert_eq!(bench.init("idle").map(|producer| producer.epoch), Ok(0));
}
