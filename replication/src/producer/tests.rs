use ottla_types::Millis;

use super::{BatchMeta, Marker, Outcome, ProducerTable, Refused, Verdict, advance, next};

mod model;

const NOW: Millis = Millis(1_000);

fn batch(epoch: i16, base_sequence: i32, records: i32) -> BatchMeta {
    BatchMeta {
        producer_id: 7,
        producer_epoch: epoch,
        base_sequence,
        last_offset_delta: records - 1,
        max_timestamp: 500,
        transactional: false,
    }
}

fn transactional(epoch: i16, base_sequence: i32, records: i32) -> BatchMeta {
    BatchMeta { transactional: true, ..batch(epoch, base_sequence, records) }
}

fn marker(epoch: i16, coordinator_epoch: i32, commit: bool) -> Marker {
    Marker { producer_id: 7, producer_epoch: epoch, coordinator_epoch, commit, timestamp: Millis(600) }
}

/// A table after batches of one record each at sequences and offsets 0..count.
fn after(count: i32) -> ProducerTable {
    let mut table = ProducerTable::new();
    for sequence in 0..count {
        table.on_appended(&batch(0, sequence, 1), i64::from(sequence), NOW);
    }
    table
}

#[test]
fn each_of_the_last_five_batches_is_answered_with_its_own_offsets() {
    let table = after(9);
    for sequence in 4..9 {
        let outcome = Outcome { base_offset: sequence.into(), last_offset: sequence.into(), timestamp: 500 };
        assert_eq!(table.check(&batch(0, sequence, 1)), Ok(Verdict::Duplicate(outcome)));
    }
    let refused = Refused::OutOfOrderSequence { producer_id: 7, sequence: 3, current_sequence: 8 };
    assert_eq!(table.check(&batch(0, 3, 1)), Err(refused), "older than what is remembered");
    assert_eq!(table.check(&batch(0, 9, 1)), Ok(Verdict::Append));
}

#[test]
fn a_gap_or_another_cut_of_the_batches_is_out_of_order() {
    let table = after(3);
    assert!(matches!(table.check(&batch(0, 4, 1)), Err(Refused::OutOfOrderSequence { .. })), "3 is missing");
    assert!(
        matches!(table.check(&batch(0, 2, 2)), Err(Refused::OutOfOrderSequence { .. })),
        "2 is there, 3 not"
    );
}

#[test]
fn an_old_epoch_is_refused_and_a_new_one_begins_at_zero() {
    let mut table = ProducerTable::new();
    table.on_appended(&batch(3, 0, 2), 0, NOW);
    let old = Refused::InvalidProducerEpoch { producer_id: 7, epoch: 2, current_epoch: 3 };
    assert_eq!(table.check(&batch(2, 2, 1)), Err(old));
    assert_eq!(table.check(&batch(2, 0, 2)), Err(old), "also when it looks like a resend");
    assert!(matches!(table.check(&batch(4, 2, 1)), Err(Refused::OutOfOrderSequence { .. })));
    assert_eq!(table.check(&batch(4, 0, 1)), Ok(Verdict::Append));
    table.on_appended(&batch(4, 0, 1), 2, NOW);
    assert!(
        matches!(table.check(&batch(4, 0, 2)), Err(Refused::OutOfOrderSequence { .. })),
        "batches of epoch 3 are gone"
    );
}

#[test]
fn an_unknown_producer_may_begin_anywhere() {
    assert_eq!(ProducerTable::new().check(&batch(5, 77, 3)), Ok(Verdict::Append));
}

#[test]
fn sequences_wrap_to_zero() {
    assert_eq!(next(i32::MAX), 0);
    assert_eq!(next(-1), 0);
    assert_eq!(advance(i32::MAX - 2, 6), 3);
    for size in 1..=7 {
        let mut table = ProducerTable::new();
        let (mut sequence, mut offset) = (i32::MAX - 2, 0);
        table.on_appended(&batch(0, sequence - 1, 1), offset, NOW);
        for _ in 0..5 {
            offset += 10;
            let meta = batch(0, sequence, size);
            assert_eq!(table.check(&meta), Ok(Verdict::Append), "{size} records from {sequence}");
            table.on_appended(&meta, offset, NOW);
            let Ok(Verdict::Duplicate(outcome)) = table.check(&meta) else {
                panic!("a resend of {sequence}")
            };
            assert_eq!((outcome.base_offset, outcome.last_offset), (offset, offset + i64::from(size) - 1));
            sequence = advance(sequence, size);
        }
    }
}

#[test]
fn a_transaction_holds_the_stable_offset_until_its_marker_is_committed() {
    let mut table = ProducerTable::new();
    table.on_appended(&transactional(0, 0, 2), 10, NOW);
    assert_eq!(table.first_unstable_offset(), Some(10));
    assert_eq!(table.check(&batch(0, 2, 1)), Err(Refused::TransactionOpen { producer_id: 7 }));
    table.on_appended(&transactional(0, 2, 2), 12, NOW);

    let completed = table.on_marker(&marker(0, 1, false), 14, NOW).unwrap();
    assert_eq!((completed.first_offset, completed.last_offset, completed.aborted), (10, 14, true));
    assert_eq!(completed.last_stable_offset, 15);
    assert_eq!(table.first_unstable_offset(), Some(10), "the marker itself is not committed yet");
    assert_eq!(table.first_open_offset(), None);
    table.on_high_watermark(14);
    assert_eq!(table.first_unstable_offset(), Some(10));
    table.on_high_watermark(15);
    assert_eq!(table.first_unstable_offset(), None);
    assert_eq!(table.check(&batch(0, 4, 1)), Ok(Verdict::Append), "sequences go on within the epoch");
}

#[test]
fn a_transaction_is_late_when_nothing_was_written_in_it_for_too_long() {
    let mut table = ProducerTable::new();
    table.on_appended(&batch(0, 0, 1), 0, NOW);
    assert!(!table.has_late_transaction(Millis(100_000), 1000), "nothing is open");
    // Its records say 500.
    table.on_appended(&transactional(0, 1, 1), 1, NOW);
    assert!(!table.has_late_transaction(Millis(1500), 1000));
    assert!(table.has_late_transaction(Millis(1501), 1000));
    table.on_marker(&marker(0, 1, false), 2, NOW);
    assert!(!table.has_late_transaction(Millis(100_000), 1000), "it has ended");
}

#[test]
fn a_marker_without_a_transaction_completes_nothing() {
    let mut table = ProducerTable::new();
    assert_eq!(table.on_marker(&marker(0, 1, true), 0, NOW), None);
    assert_eq!(table.first_unstable_offset(), None);
    assert_eq!(table.end_offset(), 1);
}

#[test]
fn a_marker_that_bumps_the_epoch_lets_sequences_begin_again() {
    let mut table = ProducerTable::new();
    table.on_appended(&transactional(4, 0, 2), 0, NOW);
    assert!(table.on_marker(&marker(5, 1, true), 2, NOW).is_some());
    assert!(
        matches!(table.check(&transactional(4, 2, 1)), Err(Refused::InvalidProducerEpoch { .. })),
        "a late produce"
    );
    assert!(matches!(table.check(&transactional(5, 2, 1)), Err(Refused::OutOfOrderSequence { .. })));
    assert_eq!(table.check(&transactional(5, 0, 1)), Ok(Verdict::Append));
}

#[test]
fn zombies_are_fenced() {
    let mut table = ProducerTable::new();
    table.on_appended(&transactional(4, 0, 2), 0, NOW);
    table.on_marker(&marker(4, 9, true), 2, NOW);
    assert!(matches!(table.check_marker(&marker(4, 8, true), 0), Err(Refused::CoordinatorFenced { .. })));
    assert!(matches!(table.check_marker(&marker(3, 9, true), 0), Err(Refused::InvalidProducerEpoch { .. })));
    assert_eq!(table.check_marker(&marker(4, 9, true), 0), Ok(()), "a marker may be sent again");
}

#[test]
fn silence_ends_a_producer_but_not_one_with_an_open_transaction() {
    let mut table = ProducerTable::new();
    table.on_appended(&batch(0, 0, 1), 0, Millis(0));
    let open = BatchMeta { producer_id: 8, ..transactional(0, 0, 1) };
    table.on_appended(&open, 1, Millis(0));
    assert_eq!(table.deadline(100), Some(Millis(100)));
    assert_eq!(table.expire(Millis(99), 100), 0);
    assert_eq!(table.expire(Millis(100), 100), 1);
    assert_eq!(table.describe().len(), 1);
    assert_eq!(table.describe()[0].producer_id, 8);
}

#[test]
fn batch_timestamps_of_the_client_do_not_rule_expiry() {
    for timestamp in [-1, 0, i64::MAX, i64::MIN] {
        let mut table = ProducerTable::new();
        table.on_appended(&BatchMeta { max_timestamp: timestamp, ..batch(0, 0, 1) }, 0, Millis(50));
        assert_eq!(table.expire(Millis(149), 100), 0, "timestamp {timestamp}");
        assert_eq!(table.expire(Millis(150), 100), 1, "timestamp {timestamp}");
    }
}

#[test]
fn markers_keep_a_producer_alive() {
    let mut table = ProducerTable::new();
    table.on_appended(&transactional(0, 0, 1), 0, Millis(0));
    table.on_marker(&marker(0, 0, true), 1, Millis(80));
    assert_eq!(table.expire(Millis(100), 100), 0);
}

#[test]
fn deleting_records_forgets_no_producer() {
    let mut table = after(4);
    table.on_log_start(50);
    assert_eq!(table.end_offset(), 50);
    assert!(matches!(table.check(&batch(0, 3, 1)), Ok(Verdict::Duplicate(_))));
    assert!(matches!(table.check(&batch(0, 9, 1)), Err(Refused::OutOfOrderSequence { .. })));
}

#[test]
fn a_snapshot_remembers_all_five_batches() {
    let table = after(8);
    let lines = table.snapshot_entries();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[4].last_sequence, 7, "Kafka's reader keeps the last line of a producer");
    let mut loaded = ProducerTable::new();
    loaded.load(&lines, table.end_offset(), NOW);
    assert_eq!(loaded.end_offset(), 8);
    for sequence in 3..8 {
        assert_eq!(loaded.check(&batch(0, sequence, 1)), table.check(&batch(0, sequence, 1)));
    }
    assert!(loaded.check(&batch(0, 2, 1)).is_err());
}

#[test]
fn a_snapshot_of_kafka_with_one_line_per_producer_loads() {
    let lines = after(8).snapshot_entries();
    let mut loaded = ProducerTable::new();
    loaded.load(&lines[4..], 8, NOW);
    assert!(matches!(loaded.check(&batch(0, 7, 1)), Ok(Verdict::Duplicate(_))));
    assert_eq!(loaded.check(&batch(0, 8, 1)), Ok(Verdict::Append));
}

#[test]
fn with_version_2_a_marker_sent_again_ends_nothing_that_began_since() {
    let mut table = ProducerTable::new();
    table.on_appended(&transactional(0, 0, 1), 0, NOW);
    assert_eq!(table.check_marker(&marker(1, 0, true), 2), Ok(()));
    assert!(table.check_marker(&marker(0, 0, true), 2).is_err(), "the transaction's own epoch");
    assert_eq!(table.check_marker(&marker(0, 0, true), 1), Ok(()), "as it was before version 2");
    table.on_marker(&marker(1, 0, true), 1, NOW);
    assert_eq!(table.check_marker(&marker(1, 0, true), 2), Ok(()), "sent again");
    table.on_appended(&transactional(1, 0, 1), 2, NOW);
    let late = Refused::InvalidProducerEpoch { producer_id: 7, epoch: 1, current_epoch: 1 };
    assert_eq!(table.check_marker(&marker(1, 0, true), 2), Err(late));
    assert!(table.has_open_transaction(7, 1) && !table.has_open_transaction(7, 0));
}

#[test]
fn a_coordinators_batches_have_no_sequence_but_an_epoch() {
    let mut table = ProducerTable::new();
    let commit = |epoch| BatchMeta { base_sequence: -1, ..transactional(epoch, 0, 2) };
    for offset in [0, 2] {
        assert_eq!(table.check(&commit(3)), Ok(Verdict::Append));
        table.on_appended(&commit(3), offset, NOW);
    }
    assert_eq!(table.check(&commit(4)), Ok(Verdict::Append));
    assert!(matches!(table.check(&commit(2)), Err(Refused::InvalidProducerEpoch { .. })));
    assert_eq!(table.first_open_offset(), Some(0));
}
