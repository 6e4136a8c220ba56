use super::*;

#[test]
fn whose_commit_counts() {
    let mut bench = bench();
    // Nobody is in the group: anybody from outside may commit, nobody from inside.
    assert_eq!(bench.commit("g", -1, "", 1), ErrorCode::NONE);
    assert_eq!(bench.commit("g", 3, "ghost", 2), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(bench.commit("unknown", 3, "ghost", 2), ErrorCode::ILLEGAL_GENERATION);
    let modern = CommitOffsets {
        group_id: text("unknown"),
        generation: 3,
        member_id: text("x"),
        knows_group_id_not_found: true,
        ..commit_of("t", 1)
    };
    assert_eq!(bench.commit_request(modern), ErrorCode::GROUP_ID_NOT_FOUND);

    let members = bench.stable("g", 2);
    let member = members[1].member_id.clone();
    assert_eq!(bench.commit("g", 1, &member, 10), ErrorCode::NONE);
    assert_eq!(bench.commit("g", -1, "", 11), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(bench.commit("g", 0, &member, 12), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(bench.commit("g", -1, &member, 12), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(bench.commit("g", 1, "ghost", 13), ErrorCode::UNKNOWN_MEMBER_ID);
    assert_eq!(bench.offset("g", "t"), 10);

    // While others join, the old generation may still commit; once the next one begins it may not.
    let leader = bench.send_join(request("g", &members[0].member_id));
    assert_eq!(bench.commit("g", 1, &member, 20), ErrorCode::NONE);
    let follower = bench.send_join(request("g", &member));
    assert_eq!((bench.joined(leader).generation, bench.joined(follower).generation), (2, 2));
    assert_eq!(bench.commit("g", 1, &member, 30), ErrorCode::ILLEGAL_GENERATION);
    assert_eq!(bench.commit("g", 2, &member, 30), ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(bench.offset("g", "t"), 20);
}

#[test]
fn commits_keep_the_session_alive() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    for at in 0..5 {
        bench.pass(9_000);
        assert_eq!(bench.commit("g", 1, &members[0].member_id, at), ErrorCode::NONE);
    }
    assert_eq!(bench.state("g"), Some(State::Stable));
}

#[test]
fn metadata_and_epoch_come_back_unchanged() {
    let mut bench = bench();
    let mut commit = CommitOffsets { group_id: text("g"), ..commit_of("t", 7) };
    commit.topics[0].topic_id = Uuid::from_u128(500);
    commit.topics[0].partitions = vec![
        CommitPartition { partition: 0, offset: 7, leader_epoch: 3, metadata: Some(text("wörds")) },
        CommitPartition {
            partition: 1,
            offset: 8,
            leader_epoch: -1,
            metadata: Some(text(&"x".repeat(4_096))),
        },
        CommitPartition {
            partition: 2,
            offset: 9,
            leader_epoch: -1,
            metadata: Some(text(&"x".repeat(4_097))),
        },
        CommitPartition {
            partition: 3,
            offset: 9,
            leader_epoch: -1,
            metadata: Some(text(&"ö".repeat(4_096))),
        },
        CommitPartition { partition: 4, offset: 9, leader_epoch: -1, metadata: None },
    ];
    let Reply::Commit(Ok(codes)) = bench.ask(Command::CommitOffsets(commit)) else { panic!("refused") };
    let codes: Vec<ErrorCode> = codes[0].1.iter().map(|(_, code)| *code).collect();
    let (ok, large) = (ErrorCode::NONE, ErrorCode::OFFSET_METADATA_TOO_LARGE);
    assert_eq!(codes, [ok, ok, large, ok, ok]);
    bench.restart();
    let fetch = |topic_id| FetchOffsets {
        group_id: text("g"),
        topics: Some(vec![FetchTopic { name: text("t"), topic_id, partitions: vec![0, 2, 4] }]),
        require_stable: true,
        ..FetchOffsets::default()
    };
    let fetched = &bench.rig.live.fetch_offsets(&fetch(Uuid::from_u128(500))).unwrap().topics[0].partitions;
    assert_eq!((fetched[0].offset, fetched[0].leader_epoch, &*fetched[0].metadata), (7, 3, "wörds"));
    assert_eq!((fetched[1].offset, fetched[1].leader_epoch, &*fetched[1].metadata), (-1, -1, ""));
    assert_eq!((fetched[2].offset, &*fetched[2].metadata), (9, ""));
    // Committed for another topic of the same name.
    assert_eq!(
        bench.rig.live.fetch_offsets(&fetch(Uuid::from_u128(501))).unwrap().topics[0].partitions[0].offset,
        -1
    );
    assert_eq!(bench.rig.live.fetch_offsets(&fetch(Uuid::ZERO)).unwrap().topics[0].partitions[0].offset, 7);
    let all = bench.rig.live.fetch_offsets(&FetchOffsets { group_id: text("g"), ..FetchOffsets::default() });
    let all = all.unwrap();
    assert_eq!(all.topics[0].partitions.len(), 4);
    let none = bench.rig.live.fetch_offsets(&FetchOffsets { group_id: text("h"), ..FetchOffsets::default() });
    let none = none.unwrap();
    assert!(none.topics.is_empty());
}

#[test]
fn the_empty_group_id_may_commit_and_fetch() {
    let mut bench = bench();
    assert_eq!(bench.commit("", -1, "", 4), ErrorCode::NONE);
    assert_eq!(bench.offset("", "t"), 4);
}

#[test]
fn a_commit_too_large_for_one_batch_is_refused() {
    let mut bench = bench_with(Settings { max_batch_bytes: 1_000, ..Settings::default() });
    let mut commit = CommitOffsets { group_id: text("g"), ..commit_of("t", 1) };
    commit.topics[0].partitions[0].metadata = Some(text(&"x".repeat(2_000)));
    assert_eq!(bench.commit_request(commit), ErrorCode::INVALID_COMMIT_OFFSET_SIZE);
    assert_eq!(bench.state("g"), None);
}

#[test]
fn deleting_offsets() {
    let mut bench = bench();
    let delete = |group_id: &str, topics: &[&str]| {
        Command::DeleteOffsets(DeleteOffsets {
            group_id: text(group_id),
            topics: topics
                .iter()
                .map(|topic| DeleteTopic { name: text(topic), partitions: vec![0, 9] })
                .collect(),
        })
    };
    assert_eq!(bench.ask(delete("", &[])), Reply::DeleteOffsets(Err(ErrorCode::INVALID_GROUP_ID)));
    assert_eq!(bench.ask(delete("g", &[])), Reply::DeleteOffsets(Err(ErrorCode::GROUP_ID_NOT_FOUND)));
    bench.commit("g", -1, "", 1);
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("old", 5) });
    bench.stable("g", 1);
    let Reply::DeleteOffsets(Ok(codes)) = bench.ask(delete("g", &["t", "old"])) else { panic!("refused") };
    assert_eq!(codes[0].1[0], (0, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC));
    assert_eq!(codes[1].1, [(0, ErrorCode::NONE), (9, ErrorCode::NONE)]);
    assert_eq!((bench.offset("g", "t"), bench.offset("g", "old")), (1, -1));

    let connect = JoinGroup {
        protocol_type: text("connect"),
        requires_known_member_id: false,
        ..request("c", &Str::new())
    };
    bench.send_join(connect);
    assert_eq!(bench.ask(delete("c", &["t"])), Reply::DeleteOffsets(Err(ErrorCode::NON_EMPTY_GROUP)));
}

#[test]
fn deleting_groups() {
    let mut bench = bench();
    bench.stable("busy", 1);
    bench.commit("idle", -1, "", 1);
    let groups = ["busy", "idle", "none"].map(text).to_vec();
    let (busy, ok, none) = (ErrorCode::NON_EMPTY_GROUP, ErrorCode::NONE, ErrorCode::GROUP_ID_NOT_FOUND);
    let expected = vec![(text("busy"), busy), (text("idle"), ok), (text("none"), none)];
    assert_eq!(bench.ask(Command::DeleteGroups(groups)), Reply::DeleteGroups(expected));
    assert_eq!((bench.state("idle"), bench.offset("idle", "t")), (None, -1));
    bench.restart();
    assert_eq!(bench.state("idle"), None);
    assert_eq!(
        bench.ask(Command::DescribeGroups(vec![text("idle")])),
        Reply::Describe(bench.rig.live.describe_groups(&[text("idle")]))
    );
}

#[test]
fn deleted_topics_take_their_offsets_along() {
    let mut bench = bench();
    bench.commit("g", -1, "", 1);
    bench.commit_request(CommitOffsets { group_id: text("g"), ..commit_of("u", 5) });
    assert_eq!(bench.ask(Command::TopicsDeleted(vec![text("t")])), Reply::Done);
    assert_eq!((bench.offset("g", "t"), bench.offset("g", "u")), (-1, 5));
}

fn transactional(producer_id: i64, offset: i64) -> Record {
    let stored = StoredOffset {
        offset,
        leader_epoch: -1,
        metadata: Str::new(),
        commit_timestamp: 0,
        expire_timestamp: -1,
        topic_id: Uuid::ZERO,
    };
    Record::Offset {
        key: OffsetKey { group_id: text("g"), topic: text("t"), partition: 0 },
        value: Some(stored),
        producer_id: Some(producer_id),
    }
}

#[test]
fn what_is_later_in_the_log_wins_over_open_transactions() {
    let end = |producer_id, committed| Record::TransactionEnd { producer_id, committed };
    let plain = |offset| match transactional(0, offset) {
        Record::Offset { key, value, .. } => Record::Offset { key, value, producer_id: None },
        other => other,
    };
    let cases: [(&[Record], i64); 6] = [
        (&[transactional(1, 10)], -1),
        (&[transactional(1, 10), end(1, true)], 10),
        (&[plain(5), transactional(1, 10), end(1, false)], 5),
        (&[transactional(1, 10), plain(5), end(1, true)], 5),
        (&[transactional(1, 10), transactional(2, 20), end(2, true), end(1, true)], 20),
        (&[transactional(1, 10), transactional(2, 20), end(1, true), end(2, true)], 20),
    ];
    for (at, (log, expected)) in cases.into_iter().enumerate() {
        let mut groups = Groups::default();
        log.iter().for_each(|record| groups.replay(record));
        let stored = groups.durable().offset("g", "t", 0).map_or(-1, |stored| stored.offset);
        assert_eq!(stored, expected, "case {at}");
    }
    let mut groups = Groups::default();
    groups.replay(&transactional(1, 10));
    let fetch = |require_stable| FetchOffsets {
        group_id: text("g"),
        topics: Some(vec![FetchTopic { name: text("t"), topic_id: Uuid::ZERO, partitions: vec![0] }]),
        require_stable,
        ..FetchOffsets::default()
    };
    assert_eq!(
        groups.fetch_offsets(&fetch(true)).unwrap().topics[0].partitions[0].error,
        ErrorCode::UNSTABLE_OFFSET_COMMIT
    );
    assert_eq!(groups.fetch_offsets(&fetch(false)).unwrap().topics[0].partitions[0].error, ErrorCode::NONE);
}
