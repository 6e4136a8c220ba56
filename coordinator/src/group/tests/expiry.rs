use super::*;

const RETENTION: i64 = 7 * 24 * 60 * MINUTE;
const SWEEP: i64 = 10 * MINUTE;

#[test]
fn simple_consumers_lose_offsets_by_commit_time() {
    let mut bench = bench();
    bench.commit("g", -1, "", 1);
    bench.pass(RETENTION / 2);
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("u", 5) });
    bench.pass(RETENTION / 2 + SWEEP);
    assert_eq!((bench.offset("g", "t"), bench.offset("g", "u")), (-1, 5));
    bench.pass(RETENTION / 2);
    assert_eq!((bench.offset("g", "u"), bench.state("g")), (-1, None));
    assert!(matches!(bench.rig.log.last(), Some(Record::Group { value: None, .. })));
}

#[test]
fn retention_starts_when_the_group_becomes_empty() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    let member = members[0].member_id.clone();
    assert_eq!(bench.commit("g", 1, &member, 3), ErrorCode::NONE);
    // Far longer than the retention, but with a member.
    let mut heartbeats = 0;
    while heartbeats * 9_000 < RETENTION + RETENTION / 4 {
        bench.now = bench.now.plus(9_000);
        bench.rig.run_until(bench.now);
        assert_eq!(
            bench.rig.ask(
                bench.now,
                Command::Heartbeat(Heartbeat {
                    group_id: text("g"),
                    generation: 1,
                    member_id: member.clone(),
                    instance_id: None,
                })
            ),
            Reply::Heartbeat(ErrorCode::NONE)
        );
        heartbeats += 1;
    }
    assert_eq!(bench.leave("g", &[(&member, None)]), [ErrorCode::NONE]);
    bench.pass(RETENTION - SWEEP);
    assert_eq!(bench.offset("g", "t"), 3);
    bench.restart();
    bench.pass(SWEEP - 1_000);
    assert_eq!(bench.offset("g", "t"), 3);
    bench.pass(SWEEP);
    assert_eq!((bench.offset("g", "t"), bench.state("g")), (-1, None));
}

#[test]
fn an_offset_set_by_hand_in_an_empty_group_counts_from_then() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    bench.leave("g", &[(&members[0].member_id, None)]);
    bench.commit("g", -1, "", 1);
    bench.pass(RETENTION - SWEEP);
    bench.commit("g", -1, "", 2);
    bench.pass(2 * SWEEP);
    assert_eq!(bench.offset("g", "t"), 2);
}

#[test]
fn a_stable_group_loses_topics_it_no_longer_reads() {
    let mut bench = bench();
    bench.commit("g", -1, "", 1);
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("gone", 5) });
    let session_timeout_ms = 1_800_000;
    let join = JoinGroup { session_timeout_ms, requires_known_member_id: false, ..request("g", &Str::new()) };
    let ticket = bench.send_join(join);
    bench.pass(3_000);
    let joins = bench.settle("g", vec![ticket]);
    for _ in 0..RETENTION / 1_700_000 + 1 {
        bench.pass(1_700_000);
        assert_eq!(bench.heartbeat("g", 1, &joins[0].member_id), ErrorCode::NONE);
    }
    assert_eq!((bench.offset("g", "t"), bench.offset("g", "gone")), (1, -1));
}

#[test]
fn clients_may_ask_for_their_own_retention() {
    let mut bench = bench();
    let commit = CommitOffsets { group_id: text("g"), retention_time_ms: 30 * MINUTE, ..commit_of("t", 1) };
    bench.commit_request(commit);
    bench.commit_request(CommitOffsets {
        group_id: text("h"),
        retention_time_ms: i64::MAX,
        ..commit_of("t", 1)
    });
    bench.pass(29 * MINUTE);
    assert_eq!(bench.offset("g", "t"), 1);
    bench.pass(11 * MINUTE);
    assert_eq!((bench.offset("g", "t"), bench.offset("h", "t")), (-1, 1));
}

#[test]
fn timestamps_at_the_ends_of_the_range_do_not_overflow() {
    for (commit_timestamp, survives) in [(i64::MAX, true), (i64::MIN, false), (-1, true), (0, true)] {
        let mut groups = Groups::default();
        let stored = StoredOffset {
            offset: 1,
            leader_epoch: -1,
            metadata: Str::new(),
            commit_timestamp,
            expire_timestamp: -1,
            topic_id: Uuid::ZERO,
        };
        let key = OffsetKey { group_id: text("g"), topic: text("t"), partition: 0 };
        groups.replay(&Record::Offset { key, value: Some(stored), producer_id: None });
        groups.loaded(Millis(0));
        let effects = groups.tick(Millis(SWEEP));
        assert_eq!(effects.records.is_empty(), survives, "{commit_timestamp}");
    }
}

#[test]
fn an_open_transaction_blocks_expiry() {
    let mut groups = Groups::default();
    let stored = StoredOffset {
        offset: 1,
        leader_epoch: -1,
        metadata: Str::new(),
        commit_timestamp: 0,
        expire_timestamp: -1,
        topic_id: Uuid::ZERO,
    };
    let key = OffsetKey { group_id: text("g"), topic: text("t"), partition: 0 };
    for producer_id in [None, Some(1)] {
        groups.replay(&Record::Offset { key: key.clone(), value: Some(stored.clone()), producer_id });
    }
    groups.loaded(Millis(0));
    assert!(groups.tick(Millis(2 * RETENTION)).records.is_empty());
    groups.replay(&Record::TransactionEnd { producer_id: 1, committed: false });
    assert_eq!(groups.tick(Millis(3 * RETENTION)).records.len(), 2);
}

#[test]
fn a_sweep_larger_than_a_batch_goes_on_at_once() {
    let mut bench = bench_with(Settings { max_batch_bytes: 1_000, ..Settings::default() });
    for group in 0..40 {
        bench.commit(&format!("g{group:02}"), -1, "", 1);
    }
    bench.pass(RETENTION + SWEEP);
    assert_eq!(bench.rig.live.group_count(), 0);
}

#[test]
fn an_empty_group_without_offsets_goes_with_the_next_sweep() {
    let mut bench = bench();
    bench.member_id("g");
    bench.pass(SWEEP);
    assert_eq!(bench.state("g"), None);
}

#[test]
fn a_group_somebody_is_about_to_join_is_not_swept_away() {
    let mut bench = bench();
    let reply = bench.ask_join(JoinGroup { session_timeout_ms: 1_800_000, ..request("g", &Str::new()) });
    bench.pass(2 * SWEEP);
    let ticket = bench.send_join(request("g", &reply.member_id));
    bench.pass(3_000);
    assert_eq!(bench.joined(ticket).error, ErrorCode::NONE);
}
