use super::*;

#[test]
fn a_new_dynamic_member_is_sent_away_with_an_id_and_the_group_survives_a_restart() {
    let mut bench = bench();
    let id = bench.member_id("g");
    assert!(id.starts_with("c-00000000-0000-0000-0000-0000000000"), "{id}");
    assert_eq!(bench.state("g"), Some(State::Empty));
    assert_eq!(bench.rig.log.len(), 1);
    bench.restart();
    assert_eq!(bench.state("g"), Some(State::Empty));
    // The id itself is forgotten.
    assert_eq!(bench.ask_join(request("g", &id)).error, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn old_clients_join_without_an_id() {
    let mut bench = bench();
    let ticket = bench.send_join(JoinGroup { requires_known_member_id: false, ..request("g", &Str::new()) });
    bench.pass(3_000);
    let reply = bench.joined(ticket);
    assert_eq!((reply.error, reply.generation), (ErrorCode::NONE, 1));
    assert_eq!(reply.leader, reply.member_id);
    assert_eq!(reply.members.len(), 1);
}

#[test]
fn bad_joins_are_refused() {
    let mut bench = bench();
    let id = Str::new();
    let cases = [
        (JoinGroup { group_id: Str::new(), ..request("g", &id) }, ErrorCode::INVALID_GROUP_ID),
        (JoinGroup { session_timeout_ms: 5_999, ..request("g", &id) }, ErrorCode::INVALID_SESSION_TIMEOUT),
        (
            JoinGroup { session_timeout_ms: 1_800_001, ..request("g", &id) },
            ErrorCode::INVALID_SESSION_TIMEOUT,
        ),
        (request("g", &text("never-heard-of")), ErrorCode::UNKNOWN_MEMBER_ID),
        (
            JoinGroup { protocol_type: Str::new(), ..request("g", &id) },
            ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        ),
        (JoinGroup { protocols: Vec::new(), ..request("g", &id) }, ErrorCode::INCONSISTENT_GROUP_PROTOCOL),
    ];
    for (join, expected) in cases {
        let asked = join.member_id.clone();
        let reply = bench.ask_join(join);
        assert_eq!((reply.error, reply.generation, reply.member_id), (expected, -1, asked));
    }
}

#[test]
fn protocols_must_have_something_in_common() {
    let mut bench = bench();
    bench.stable("g", 2);
    for join in [
        JoinGroup { protocols: protocols(&["sticky"]), ..request("g", &Str::new()) },
        JoinGroup { protocol_type: text("connect"), ..request("g", &Str::new()) },
    ] {
        assert_eq!(bench.ask_join(join).error, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    }
    assert_eq!(
        bench
            .ask_join(JoinGroup { protocols: protocols(&["sticky", "range"]), ..request("g", &Str::new()) })
            .error,
        ErrorCode::MEMBER_ID_REQUIRED
    );
}

#[test]
fn members_vote_for_the_protocol() {
    let mut bench = bench();
    let wishes: [&[&str]; 3] = [&["range", "sticky"], &["sticky", "range"], &["other", "sticky", "range"]];
    let tickets: Vec<Ticket> = wishes
        .iter()
        .map(|wish| {
            bench.send_join(JoinGroup {
                protocols: protocols(wish),
                requires_known_member_id: false,
                ..request("g", &Str::new())
            })
        })
        .collect();
    bench.pass(10_000);
    for ticket in tickets {
        let reply = bench.joined(ticket);
        assert_eq!(reply.protocol_name, Some(text("sticky")));
        assert_eq!(reply.protocol_type, Some(text("consumer")));
        assert_eq!(reply.members.len(), if reply.leader == reply.member_id { 3 } else { 0 });
    }
}

#[test]
fn the_initial_delay_is_extended_by_joins_up_to_the_rebalance_timeout() {
    let mut bench = bench();
    let first = bench.member_id("g");
    let first = bench.send_join(JoinGroup { rebalance_timeout_ms: 8_000, ..request("g", &first) });
    // 3 s, and again 3 s after each of which somebody joined, 8 s in all.
    let mut tickets = vec![first];
    for _ in 0..3 {
        bench.pass(2_000);
        assert!(!bench.rig.replies.contains_key(&first));
        let id = bench.member_id("g");
        tickets.push(bench.send_join(JoinGroup { rebalance_timeout_ms: 8_000, ..request("g", &id) }));
    }
    bench.pass(1_999);
    assert!(!bench.rig.replies.contains_key(&first));
    bench.pass(1);
    let generations: Vec<i32> = tickets.into_iter().map(|ticket| bench.joined(ticket).generation).collect();
    assert_eq!(generations, [1, 1, 1, 1]);
}

#[test]
fn without_initial_delay_the_first_member_is_answered_by_the_next_tick() {
    let mut bench = bench_with(Settings { initial_rebalance_delay_ms: 0, ..Settings::default() });
    let id = bench.member_id("g");
    let ticket = bench.send_join(request("g", &id));
    assert_eq!(bench.rig.live.deadline(), Some(bench.now));
    bench.pass(0);
    assert_eq!(bench.joined(ticket).generation, 1);
}

#[test]
fn a_third_member_makes_the_others_rejoin_and_latecomers_are_dropped() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    let id = bench.member_id("g");
    assert_eq!(bench.heartbeat("g", 1, &members[0].member_id), ErrorCode::NONE);
    let third = bench.send_join(request("g", &id));
    for member in &members {
        assert_eq!(bench.heartbeat("g", 1, &member.member_id), ErrorCode::REBALANCE_IN_PROGRESS);
    }
    // Only the leader rejoins; the other keeps its heartbeat going and is dropped after the rebalance timeout.
    let leader = bench.send_join(request("g", &members[0].member_id));
    for _ in 0..11 {
        bench.pass(5_000);
        assert_eq!(bench.heartbeat("g", 1, &members[1].member_id), ErrorCode::REBALANCE_IN_PROGRESS);
    }
    bench.pass(5_000);
    let leader = bench.joined(leader);
    assert_eq!((leader.generation, leader.members.len()), (2, 2));
    assert_eq!(bench.joined(third).generation, 2);
    assert_eq!(bench.heartbeat("g", 1, &members[1].member_id), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_leader_that_does_not_rejoin_is_replaced() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    let id = bench.member_id("g");
    let third = bench.send_join(request("g", &id));
    let follower = bench.send_join(request("g", &members[1].member_id));
    bench.pass(i64::from(SESSION));
    let (third, follower) = (bench.joined(third), bench.joined(follower));
    assert_eq!(third.leader, follower.leader);
    assert_ne!(third.leader, members[0].member_id);
}

#[test]
fn a_silent_member_is_dropped_after_its_session() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    bench.pass(6_000);
    assert_eq!(bench.heartbeat("g", 1, &members[0].member_id), ErrorCode::NONE);
    bench.pass(4_000);
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
    assert_eq!(bench.heartbeat("g", 1, &members[1].member_id), ErrorCode::UNKNOWN_MEMBER_ID);
    // The last one goes too: the group is empty, with a new generation in the log.
    bench.pass(100_000);
    assert_eq!(bench.state("g"), Some(State::Empty));
    assert_eq!(bench.rig.live.durable().group("g").unwrap().generation, 2);
}

#[test]
fn a_restart_does_not_keep_dead_members_for_ever() {
    let mut bench = bench();
    bench.stable("g", 1);
    bench.restart();
    bench.pass(i64::from(SESSION) - 1);
    assert_eq!(bench.state("g"), Some(State::Stable));
    bench.pass(1);
    assert_eq!(bench.state("g"), Some(State::Empty));
}

#[test]
fn a_new_member_does_not_wait_for_ever() {
    let mut bench = bench_with(Settings { new_member_join_timeout_ms: 20_000, ..Settings::default() });
    let members = bench.stable("g", 1);
    let id = bench.member_id("g");
    let ticket = bench.send_join(request("g", &id));
    for _ in 0..4 {
        bench.pass(5_000);
        assert_eq!(bench.heartbeat("g", 1, &members[0].member_id), ErrorCode::REBALANCE_IN_PROGRESS);
    }
    let reply = bench.joined(ticket);
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::UNKNOWN_MEMBER_ID, ""));
}

#[test]
fn heartbeats_of_another_generation_are_refused() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    for generation in [-1, 0, 2] {
        assert_eq!(bench.heartbeat("g", generation, &members[0].member_id), ErrorCode::ILLEGAL_GENERATION);
    }
    assert_eq!(bench.heartbeat("", 1, &members[0].member_id), ErrorCode::INVALID_GROUP_ID);
    assert_eq!(bench.heartbeat("h", 1, &members[0].member_id), ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn members_ask_again_for_a_lost_answer() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    // A follower with unchanged protocols gets the running generation, the leader a rebalance.
    let again = bench.ask_join(request("g", &members[1].member_id));
    assert_eq!((again.error, again.generation, again.members.len()), (ErrorCode::NONE, 1, 0));
    assert_eq!(bench.state("g"), Some(State::Stable));
    bench.send_join(request("g", &members[0].member_id));
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn a_changed_subscription_rebalances() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    let changed = Protocol { name: text("range"), metadata: subscription(&["t", "u"]) };
    bench.send_join(JoinGroup { protocols: vec![changed], ..request("g", &members[1].member_id) });
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn a_full_group_takes_nobody() {
    let mut bench = bench_with(Settings { max_group_size: 2, ..Settings::default() });
    let members = bench.stable("g", 2);
    let reply = bench.ask_join(request("g", &Str::new()));
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::GROUP_MAX_SIZE_REACHED, ""));
    assert_eq!(bench.ask_join(request("g", &members[1].member_id)).error, ErrorCode::NONE);
}

#[test]
fn what_one_client_can_make_the_coordinator_keep_is_bounded() {
    let mut bench = bench();
    let names: Vec<String> = (0..101).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let join = |names: &[&str]| JoinGroup { protocols: protocols(names), ..request("g", &Str::new()) };
    assert_eq!(bench.ask_join(join(&names)).error, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
    assert_eq!(bench.ask_join(join(&names[1..])).error, ErrorCode::MEMBER_ID_REQUIRED);
    let mut groups = Groups::default();
    let mut last = ErrorCode::NONE;
    for n in 0..10_001 {
        let join = JoinGroup { fresh_id: Uuid::from_u128(n), ..request("g", &Str::new()) };
        let effects = groups.step(Millis(0), Ticket(1), Command::Join(join));
        let Some((_, Reply::Join(reply))) = effects.replies.into_iter().next() else {
            panic!("kept waiting")
        };
        last = reply.error;
    }
    assert_eq!(last, ErrorCode::GROUP_MAX_SIZE_REACHED);
}

#[test]
fn an_id_never_used_is_forgotten_after_the_session() {
    let mut bench = bench();
    bench.stable("g", 1);
    let id = bench.member_id("g");
    // Heartbeats of the member keep the group alive meanwhile.
    let member = bench.rig.live.describe_groups(&[text("g")])[0].members[0].member_id.clone();
    bench.pass(6_000);
    assert_eq!(bench.heartbeat("g", 1, &member), ErrorCode::NONE);
    bench.pass(4_000);
    assert_eq!(bench.ask_join(request("g", &id)).error, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn a_pending_member_holds_up_a_rebalance_until_it_leaves() {
    let mut bench = bench();
    let members = bench.stable("g", 1);
    let id = bench.member_id("g");
    let ticket = bench.send_join(request("g", &members[0].member_id));
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
    assert_eq!(bench.leave("g", &[(&id, None)]), [ErrorCode::NONE]);
    assert_eq!(bench.joined(ticket).generation, 2);
}

#[test]
fn leaving_rebalances_and_the_last_one_empties_the_group() {
    let mut bench = bench();
    let members = bench.stable("g", 2);
    let codes = bench.leave("g", &[(&members[0].member_id, None), ("stranger", None)]);
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID]);
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
    assert_eq!(bench.leave("g", &[(&members[1].member_id, None)]), [ErrorCode::NONE]);
    assert_eq!(bench.state("g"), Some(State::Empty));
    assert_eq!(bench.leave("nobody", &[("x", None)]), [ErrorCode::UNKNOWN_MEMBER_ID]);
}

#[test]
fn a_restart_brings_the_stable_generation_back_with_full_sessions() {
    let mut bench = bench();
    let members = bench.stable("g", 3);
    bench.pass(9_000);
    bench.restart();
    assert_eq!(bench.state("g"), Some(State::Stable));
    bench.pass(9_000);
    for member in &members {
        assert_eq!(bench.heartbeat("g", 1, &member.member_id), ErrorCode::NONE);
    }
    // Assignments are there for whoever asks again.
    let ticket = bench.send_sync("g", &members[1], &[]);
    assert_eq!(bench.synced(ticket).assignment, "a");
}

#[test]
fn a_group_over_a_lowered_limit_rebalances_when_loaded() {
    let mut bench = bench();
    bench.stable("g", 3);
    let log = bench.rig.log.clone();
    let mut small = Groups::new(Settings { max_group_size: 2, ..Settings::default() });
    log.iter().for_each(|record| small.replay(record));
    small.loaded(bench.now);
    assert_eq!(small.describe_groups(&[text("g")])[0].state, Some(State::PreparingRebalance));
}

#[test]
fn a_lost_answer_to_a_join_is_given_again_while_the_assignment_is_made() {
    let mut bench = bench();
    let ids = [bench.member_id("g"), bench.member_id("g")];
    let tickets = ids.clone().map(|id| bench.send_join(request("g", &id)));
    bench.pass(6_000);
    let joins = tickets.map(|ticket| bench.joined(ticket));
    for join in &joins {
        let again = bench.ask_join(request("g", &join.member_id));
        assert_eq!(&again, join);
    }
    assert_eq!(bench.state("g"), Some(State::CompletingRebalance));
    // With another subscription the generation is void.
    let changed = Protocol { name: text("range"), metadata: subscription(&["u"]) };
    bench.send_join(JoinGroup { protocols: vec![changed], ..request("g", &ids[0]) });
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn a_group_fills_up_while_it_gathers() {
    let mut bench = bench_with(Settings { max_group_size: 2, ..Settings::default() });
    let ids = [bench.member_id("g"), bench.member_id("g"), bench.member_id("g")];
    let first = bench.send_join(request("g", &ids[0]));
    let second = bench.send_join(request("g", &ids[1]));
    assert_eq!(bench.ask_join(request("g", &ids[2])).error, ErrorCode::GROUP_MAX_SIZE_REACHED);
    // A member that asks again keeps its place.
    let again = bench.send_join(request("g", &ids[1]));
    assert_eq!(bench.joined(second).error, ErrorCode::REBALANCE_IN_PROGRESS);
    bench.pass(6_000);
    assert_eq!((bench.joined(first).generation, bench.joined(again).generation), (1, 1));
}
