use super::*;

fn static_request(group_id: &str, instance_id: &str, member_id: &Str) -> JoinGroup {
    JoinGroup { instance_id: Some(text(instance_id)), ..request(group_id, member_id) }
}

/// A stable group of static members `a` and `b`; the leader comes first.
fn statics<F: Fn() -> Groups>(bench: &mut Bench<F>) -> Vec<JoinReply> {
    let tickets = ["a", "b"].map(|instance| bench.send_join(static_request("g", instance, &Str::new())));
    bench.pass(6_000);
    bench.settle("g", tickets.to_vec())
}

fn instance_of(bench: &Bench<impl Fn() -> Groups>, member_id: &Str) -> String {
    let group = &bench.rig.live.describe_groups(&[text("g")])[0];
    let member = group.members.iter().find(|member| member.member_id == *member_id).expect("a member");
    member.instance_id.as_ref().expect("static").to_string()
}

#[test]
fn a_restarted_static_member_takes_over_without_a_rebalance() {
    let mut bench = bench();
    let joins = statics(&mut bench);
    let written = bench.rig.log.len();
    for join in &joins {
        let instance = instance_of(&bench, &join.member_id);
        let was_leader = join.member_id == joins[0].leader;
        let back = bench.ask_join(static_request("g", &instance, &Str::new()));
        assert_eq!((back.error, back.generation, back.skip_assignment), (ErrorCode::NONE, 1, was_leader));
        assert_ne!(back.member_id, join.member_id);
        assert!(back.member_id.starts_with(&format!("{instance}-")), "{}", back.member_id);
        assert_eq!(back.members.len(), if was_leader { 2 } else { 0 });
        assert_eq!(bench.state("g"), Some(State::Stable));
        let ticket = bench.send_sync("g", &back, &[]);
        assert_eq!(bench.synced(ticket).assignment, "a");
        // The old one is out: fenced with its instance id, unknown without.
        let stale = Heartbeat {
            group_id: text("g"),
            generation: 1,
            member_id: join.member_id.clone(),
            instance_id: Some(text(&instance)),
        };
        assert_eq!(bench.ask(Command::Heartbeat(stale)), Reply::Heartbeat(ErrorCode::FENCED_INSTANCE_ID));
        assert_eq!(bench.heartbeat("g", 1, &join.member_id), ErrorCode::UNKNOWN_MEMBER_ID);
        assert_eq!(bench.commit("g", 1, &join.member_id, 5), ErrorCode::UNKNOWN_MEMBER_ID);
    }
    assert_eq!(bench.rig.log.len(), written + 2);
    bench.restart();
    assert_eq!(bench.state("g"), Some(State::Stable));
}

#[test]
fn an_old_client_does_not_learn_that_it_still_leads() {
    let mut bench = bench();
    let joins = statics(&mut bench);
    let instance = instance_of(&bench, &joins[0].member_id);
    let join = JoinGroup { supports_skip_assignment: false, ..static_request("g", &instance, &Str::new()) };
    let back = bench.ask_join(join);
    assert_eq!(
        (back.leader, back.skip_assignment, back.members.len()),
        (joins[0].member_id.clone(), false, 0)
    );
}

#[test]
fn a_static_member_that_changes_the_protocol_rebalances() {
    let mut bench = bench();
    let both = |instance: &str| JoinGroup {
        protocols: protocols(&["range", "sticky"]),
        ..static_request("g", instance, &Str::new())
    };
    let ticket = bench.send_join(both("a"));
    bench.pass(6_000);
    bench.settle("g", vec![ticket]);
    let ticket = bench.send_join(JoinGroup { protocols: protocols(&["sticky", "range"]), ..both("a") });
    let reply = bench.joined(ticket);
    assert_eq!((reply.generation, reply.protocol_name), (2, Some(text("sticky"))));
}

#[test]
fn waiting_requests_of_a_replaced_member_are_fenced() {
    let mut bench = bench();
    let first = bench.send_join(static_request("g", "a", &Str::new()));
    let second = bench.send_join(static_request("g", "a", &Str::new()));
    assert_eq!(bench.joined(first).error, ErrorCode::FENCED_INSTANCE_ID);
    bench.pass(6_000);
    assert_eq!(bench.joined(second).error, ErrorCode::NONE);
}

#[test]
fn a_fenced_id_cannot_rejoin() {
    let mut bench = bench();
    let joins = statics(&mut bench);
    let instance = instance_of(&bench, &joins[1].member_id);
    bench.ask_join(static_request("g", &instance, &Str::new()));
    let reply = bench.ask_join(static_request("g", &instance, &joins[1].member_id));
    assert_eq!(reply.error, ErrorCode::FENCED_INSTANCE_ID);
    let reply = bench.ask_join(static_request("g", "unheard", &joins[1].member_id));
    assert_eq!(reply.error, ErrorCode::UNKNOWN_MEMBER_ID);
}

#[test]
fn an_absent_static_member_keeps_its_place_through_a_rebalance() {
    let mut bench = bench();
    let tickets = ["a", "b"].map(|instance| {
        bench.send_join(JoinGroup {
            session_timeout_ms: 600_000,
            ..static_request("g", instance, &Str::new())
        })
    });
    bench.pass(6_000);
    let joins = bench.settle("g", tickets.to_vec());
    let instance = instance_of(&bench, &joins[0].member_id);
    let rejoin =
        JoinGroup { session_timeout_ms: 600_000, ..static_request("g", &instance, &joins[0].member_id) };
    let leader = bench.send_join(rejoin);
    bench.pass(i64::from(REBALANCE));
    let leader = bench.joined(leader);
    assert_eq!((leader.generation, leader.members.len()), (2, 2));
}

#[test]
fn static_members_leave_by_instance_id_alone() {
    let mut bench = bench();
    statics(&mut bench);
    assert_eq!(
        bench.leave("g", &[("", Some("a")), ("", Some("c")), ("x", Some("b"))]),
        [ErrorCode::NONE, ErrorCode::UNKNOWN_MEMBER_ID, ErrorCode::FENCED_INSTANCE_ID]
    );
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn a_waiting_sync_of_a_replaced_member_is_fenced() {
    let mut bench = bench();
    let tickets = ["a", "b"].map(|instance| bench.send_join(static_request("g", instance, &Str::new())));
    bench.pass(6_000);
    let joins = tickets.map(|ticket| bench.joined(ticket));
    let follower = joins.iter().find(|join| join.member_id != join.leader).expect("one follows");
    let instance = instance_of(&bench, &follower.member_id);
    let waiting = bench.send_sync("g", follower, &[]);
    bench.send_join(static_request("g", &instance, &Str::new()));
    assert_eq!(bench.synced(waiting).error, ErrorCode::FENCED_INSTANCE_ID);
    assert_eq!(bench.state("g"), Some(State::PreparingRebalance));
}

#[test]
fn a_member_replaced_before_its_sync_may_still_sync() {
    let mut bench = bench();
    let tickets = ["a", "b"].map(|instance| bench.send_join(static_request("g", instance, &Str::new())));
    bench.pass(6_000);
    let mut joins = tickets.map(|ticket| bench.joined(ticket));
    joins.sort_by_key(|join| join.member_id != join.leader);
    let ticket = bench.send_sync("g", &joins[0], &[(&joins[0].member_id, "a"), (&joins[1].member_id, "b")]);
    assert_eq!(bench.synced(ticket).error, ErrorCode::NONE);
    let instance = instance_of(&bench, &joins[1].member_id);
    let back = bench.ask_join(static_request("g", &instance, &Str::new()));
    let ticket = bench.send_sync("g", &back, &[]);
    assert_eq!(bench.synced(ticket).assignment, "b");
    for _ in 0..15 {
        bench.pass(5_000);
        assert_eq!(bench.heartbeat("g", 1, &joins[0].member_id), ErrorCode::NONE);
        assert_eq!(bench.heartbeat("g", 1, &back.member_id), ErrorCode::NONE);
    }
}
