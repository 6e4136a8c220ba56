use super::*;

/// Two members that have joined and not synced: the leader first.
fn completing<F: Fn() -> Groups>(bench: &mut Bench<F>) -> Vec<JoinReply> {
    let ids = [bench.member_id("g"), bench.member_id("g")];
    let tickets = ids.map(|id| bench.send_join(request("g", &id)));
    bench.pass(6_000);
    let mut joins = tickets.map(|ticket| bench.joined(ticket)).to_vec();
    joins.sort_by_key(|join| join.member_id != join.leader);
    assert_eq!(bench.state("g"), Some(State::CompletingRebalance));
    joins
}

#[test]
fn followers_wait_for_the_leaders_assignment() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let follower = bench.send_sync("g", &joins[1], &[]);
    assert!(!bench.rig.replies.contains_key(&follower));
    let leader =
        bench.send_sync("g", &joins[0], &[(&joins[0].member_id, "one"), (&joins[1].member_id, "two")]);
    assert_eq!(bench.synced(leader).assignment, "one");
    let follower = bench.synced(follower);
    assert_eq!((follower.assignment, follower.protocol_name), (Bytes::from("two"), Some(text("range"))));
    assert_eq!(bench.state("g"), Some(State::Stable));
}

#[test]
fn syncs_are_checked() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let good = SyncGroup {
        group_id: text("g"),
        generation: 1,
        member_id: joins[0].member_id.clone(),
        ..SyncGroup::default()
    };
    let cases = [
        (SyncGroup { group_id: Str::new(), ..good.clone() }, ErrorCode::INVALID_GROUP_ID),
        (SyncGroup { group_id: text("h"), ..good.clone() }, ErrorCode::UNKNOWN_MEMBER_ID),
        (SyncGroup { member_id: text("x"), ..good.clone() }, ErrorCode::UNKNOWN_MEMBER_ID),
        (SyncGroup { generation: 0, ..good.clone() }, ErrorCode::ILLEGAL_GENERATION),
        (
            SyncGroup { protocol_type: Some(text("connect")), ..good.clone() },
            ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        ),
        (SyncGroup { protocol_name: Some(text("sticky")), ..good }, ErrorCode::INCONSISTENT_GROUP_PROTOCOL),
    ];
    for (sync, expected) in cases {
        let ticket = bench.submit(Command::Sync(sync));
        assert_eq!(bench.synced(ticket).error, expected);
    }
}

#[test]
fn a_rebalance_sends_waiting_syncs_back_to_join() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let waiting = bench.send_sync("g", &joins[1], &[]);
    let id = bench.member_id("g");
    bench.send_join(request("g", &id));
    assert_eq!(bench.synced(waiting).error, ErrorCode::REBALANCE_IN_PROGRESS);
    let ticket = bench.send_sync("g", &joins[0], &[]);
    assert_eq!(bench.synced(ticket).error, ErrorCode::REBALANCE_IN_PROGRESS);
}

#[test]
fn a_member_that_never_syncs_is_removed_after_the_rebalance_timeout() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let leader = bench.send_sync("g", &joins[0], &[(&joins[0].member_id, "a"), (&joins[1].member_id, "b")]);
    assert_eq!(bench.synced(leader).error, ErrorCode::NONE);
    for _ in 0..11 {
        bench.pass(5_000);
        for join in &joins {
            assert_eq!(bench.heartbeat("g", 1, &join.member_id), ErrorCode::NONE);
        }
    }
    bench.pass(5_000);
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
    assert_eq!(bench.heartbeat("g", 1, &joins[1].member_id), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn whoever_waits_for_an_assignment_needs_no_heartbeat() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let follower = bench.send_sync("g", &joins[1], &[]);
    // The leader stays alive and takes its time.
    for _ in 0..4 {
        bench.pass(9_000);
        assert_eq!(bench.heartbeat("g", 1, &joins[0].member_id), ErrorCode::NONE);
    }
    let leader = bench.send_sync("g", &joins[0], &[(&joins[1].member_id, "b")]);
    assert_eq!(bench.synced(follower).assignment, "b");
    assert_eq!(bench.synced(leader).assignment, "");
}

#[test]
fn an_assignment_too_large_for_the_log_is_refused() {
    let mut bench = bench_with(Settings { max_batch_bytes: 1_000, ..Settings::default() });
    let joins = completing(&mut bench);
    let waiting = bench.send_sync("g", &joins[1], &[]);
    let ticket = bench.submit(Command::Sync(SyncGroup {
        group_id: text("g"),
        generation: 1,
        member_id: joins[0].member_id.clone(),
        assignments: vec![(joins[0].member_id.clone(), Bytes::from(vec![0; 2_000]))],
        ..SyncGroup::default()
    }));
    assert_eq!(bench.synced(ticket).error, ErrorCode::UNKNOWN_SERVER_ERROR);
    assert_eq!(bench.synced(waiting).error, ErrorCode::UNKNOWN_SERVER_ERROR);
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn describe_shows_metadata_only_while_stable() {
    let mut bench = bench();
    let joins = completing(&mut bench);
    let group = &bench.rig.live.describe_groups(&[text("g")])[0];
    assert_eq!((&*group.protocol_type, &*group.protocol, group.members.len()), ("consumer", "", 2));
    assert!(group.members.iter().all(|member| member.metadata.is_empty()));
    bench.send_sync("g", &joins[0], &[(&joins[0].member_id, "a")]);
    let group = &bench.rig.live.describe_groups(&[text("g")])[0];
    assert_eq!(&*group.protocol, "range");
    assert_eq!(group.members.iter().filter(|member| member.assignment == "a").count(), 1);
    assert!(group.members.iter().all(|member| member.metadata == subscription(&["t"])));
    assert_eq!(bench.rig.live.describe_groups(&[text("h")])[0].state, None);
}

#[test]
fn list_filters_by_state() {
    let mut bench = bench();
    bench.stable("g", 1);
    bench.commit("simple", -1, "", 1);
    let list = |states: Option<&[&str]>| {
        let states = states.map(|names| names.iter().map(|name| text(name)).collect());
        bench
            .rig
            .live
            .list_groups(&ListGroups { states, types: None })
            .into_iter()
            .map(|group| group.group_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None), [text("g"), text("simple")]);
    assert_eq!(list(Some(&["stable"])), [text("g")]);
    assert_eq!(list(Some(&["Empty", "Stable"])), [text("g"), text("simple")]);
    assert_eq!(list(Some(&[])), [] as [Str; 0]);
}
