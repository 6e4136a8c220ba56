//! Two connections and more: from one generation to the next.

use ottla_types::ErrorCode;
use ottla_wire::messages::join_group_request::JoinGroupRequest;

use super::{Member, alone, describe, enter, joining, offering, pair, send_join, wait_for};
use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    second_member(cases);
    goings(cases);
    slow_members(cases);
    repeated(cases);
    choices(cases);
}

fn second_member(cases: &mut Cases) {
    cases.at(&[0, 2, 4, 5, 7, 9], "group-of-two", |run, version| {
        let group = run.name("g");
        let one = alone(run, version, &group)?;
        let sent = send_join(run, "b", version, joining(&group, ""))?;
        wait_for(run, &group, "PreparingRebalance")?;
        describe(run, &group)?;
        one.beat(run)?;
        one.sync(run, &[])?;
        let back = run.ask_on("a", version, one.again())?;
        let answer = run.receive(sent)?;
        let one = one.at(&back);
        let other = Member { connection: "b", ..one.at(&answer) };
        describe(run, &group)?;
        other.beat(run)?;
        let sent = other.send_sync(run, &[])?;
        one.sync(run, &[(&one.id, "first half"), (&other.id, "second half")])?;
        run.receive(sent)?;
        describe(run, &group)?;
        other.beat(run)?;
        one.beat(run).map(drop)
    });
    cases.at(&[3, 9], "follower-syncs-after-the-leader", |run, version| {
        let group = run.name("g");
        let one = alone(run, version, &group)?;
        let sent = send_join(run, "b", version, joining(&group, ""))?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("a", version, one.again())?;
        let answer = run.receive(sent)?;
        let one = one.at(&back);
        let other = Member { connection: "b", ..one.at(&answer) };
        one.sync(run, &[(&one.id, "first half")])?;
        other.sync(run, &[])
    });
}

fn goings(cases: &mut Cases) {
    cases.at(&[2, 5, 9], "follower-leaves", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, version, &group)?;
        other.leave(run)?;
        one.beat(run)?;
        other.beat(run)?;
        let back = run.ask_on("a", version, one.again())?;
        let one = one.at(&back);
        one.sync(run, &[(&one.id, "all")])?;
        describe(run, &group)
    });
    cases.at(&[2, 5, 9], "leader-leaves", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, version, &group)?;
        one.leave(run)?;
        other.beat(run)?;
        let back = run.ask_on("b", version, other.again())?;
        let other = other.at(&back);
        other.sync(run, &[(&other.id, "all")])?;
        other.beat(run).map(drop)
    });
    cases.at(&[2, 9], "leader-leaves-before-the-sync", |run, version| {
        let group = run.name("g");
        let one = alone(run, version, &group)?;
        let sent = send_join(run, "b", version, joining(&group, ""))?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("a", version, one.again())?;
        let answer = run.receive(sent)?;
        let one = one.at(&back);
        let other = Member { connection: "b", ..one.at(&answer) };
        let sent = other.send_sync(run, &[])?;
        wait_for(run, &group, "CompletingRebalance")?;
        one.leave(run)?;
        run.receive(sent)?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("b", version, other.again())?;
        let other = other.at(&back);
        other.sync(run, &[(&other.id, "all")])
    });
    cases.at(&[2, 9], "last-leaves-while-another-joins", |run, version| {
        let group = run.name("g");
        let one = alone(run, version, &group)?;
        let sent = send_join(run, "b", version, joining(&group, ""))?;
        wait_for(run, &group, "PreparingRebalance")?;
        one.leave(run)?;
        let answer = run.receive(sent)?;
        let other = Member { connection: "b", ..one.at(&answer) };
        other.sync(run, &[(&other.id, "all")])
    });
}

fn slow_members(cases: &mut Cases) {
    cases.at(&[2, 5, 9], "member-misses-the-rebalance", |run, version| {
        let group = run.name("g");
        let request = JoinGroupRequest { rebalance_timeout_ms: 300, ..joining(&group, "") };
        let (one, _) = enter(run, "a", version, request.clone())?;
        one.sync(run, &[(&one.id, "all")])?;
        let (other, _) = enter(run, "b", version, request)?;
        one.beat(run)?;
        other.sync(run, &[(&other.id, "all")])?;
        describe(run, &group)
    });
    cases.at(&[2, 9], "follower-misses-the-sync", |run, version| {
        let group = run.name("g");
        let one = alone(run, version, &group)?;
        let request = JoinGroupRequest { rebalance_timeout_ms: 300, ..joining(&group, "") };
        let sent = send_join(run, "b", version, request)?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("a", version, JoinGroupRequest { rebalance_timeout_ms: 300, ..one.again() })?;
        let answer = run.receive(sent)?;
        let (one, other) = (one.at(&back), Member { connection: "b", ..one.at(&answer) });
        one.sync(run, &[(&one.id, "half"), (&other.id, "half")])?;
        wait_for(run, &group, "PreparingRebalance")?;
        other.beat(run)?;
        one.beat(run).map(drop)
    });
    cases.add("session-of-a-waiting-member-goes-on", |run| {
        let group = run.name("g");
        let one = alone(run, 9, &group)?;
        let request = JoinGroupRequest { session_timeout_ms: 200, ..joining(&group, "") };
        let sent = send_join(run, "b", 9, request)?;
        // A third member's session ends meanwhile, so more than one session of the second has passed.
        let short = JoinGroupRequest { session_timeout_ms: 400, ..joining(&group, "") };
        run.ask_on("c", 9, short)?;
        run.ask_on("a", 9, one.again())?;
        let answer = run.receive(sent)?;
        run.note(&format!("{:?}", answer.error_code == ErrorCode::NONE));
        Ok(())
    });
}

fn repeated(cases: &mut Cases) {
    cases.at(&[2, 5, 9], "follower-joins-again-unchanged", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, version, &group)?;
        run.ask_on("b", version, other.again())?;
        one.beat(run).map(drop)
    });
    cases.at(&[2, 5, 9], "follower-joins-again-changed", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, version, &group)?;
        let sent = run.send_on("b", version, offering(other.again(), &[("range", "other")]))?;
        wait_for(run, &group, "PreparingRebalance")?;
        one.beat(run)?;
        run.ask_on("a", version, one.again())?;
        run.receive(sent).map(drop)
    });
    cases.at(&[2, 9], "join-group-once-more-elsewhere", |run, version| {
        let group = run.name("g");
        let (one, other) = pair(run, version, &group)?;
        // Kafka never answers the first of the two.
        let _first = run.send_on("a", version, one.again())?;
        wait_for(run, &group, "PreparingRebalance")?;
        let second = run.send_on("c", version, one.again())?;
        run.ask_on("b", version, other.again())?;
        run.receive(second).map(drop)
    });
}

fn choices(cases: &mut Cases) {
    cases.at(&[2, 9], "protocol-all-can-do", |run, version| {
        let group = run.name("g");
        let first = offering(joining(&group, ""), &[("range", "1"), ("roundrobin", "2"), ("sticky", "3")]);
        let (one, _) = enter(run, "a", version, first.clone())?;
        let sent = send_join(
            run,
            "b",
            version,
            offering(joining(&group, ""), &[("sticky", "4"), ("roundrobin", "5")]),
        )?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("a", version, JoinGroupRequest { member_id: one.id, ..first })?;
        run.receive(sent)?;
        run.note(&format!("{:?}", back.protocol_name));
        Ok(())
    });
    cases.at(&[2, 9], "protocol-most-want", |run, version| {
        let group = run.name("g");
        let first = offering(joining(&group, ""), &[("range", "1"), ("sticky", "2")]);
        let later = offering(joining(&group, ""), &[("sticky", "3"), ("range", "4")]);
        let (one, _) = enter(run, "a", version, first.clone())?;
        let two = send_join(run, "b", version, later.clone())?;
        wait_for(run, &group, "PreparingRebalance")?;
        // The second waits already; the third comes before the first returns.
        let given = run.ask_on("c", 4, later.clone())?;
        let three = run.send_on("c", version, JoinGroupRequest { member_id: given.member_id, ..later })?;
        let back = run.ask_on("a", version, JoinGroupRequest { member_id: one.id, ..first })?;
        run.receive(two)?;
        run.receive(three)?;
        run.note(&format!("{:?}", back.protocol_name));
        Ok(())
    });
}
