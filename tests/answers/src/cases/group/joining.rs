//! One consumer alone: it joins, gets an assignment, stays alive, leaves.

use ottla_wire::messages::join_group_request::JoinGroupRequest;

use super::{LONG_MS, alone, describe, enter, joining, offering, wait_for};
use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "group-of-one", |run, version| {
        let group = run.name("g");
        let member = alone(run, version, &group)?;
        member.beat(run)?;
        member.sync(run, &[])?;
        describe(run, &group)?;
        member.leave(run)?;
        member.beat(run)?;
        describe(run, &group)
    });
    cases.at(&[0, 3, 5, 9], "group-of-one-joins-again", |run, version| {
        let group = run.name("g");
        let member = alone(run, version, &group)?;
        let back = run.ask_on("a", version, member.again())?;
        member.beat(run)?;
        let member = member.at(&back);
        member.beat(run)?;
        // Asked twice before the assignment is made.
        run.ask_on("a", version, member.again())?;
        member.sync(run, &[(&member.id, "all again")])?;
        member.beat(run).map(drop)
    });
    cases.at(&[3, 5, 9], "group-of-one-not-a-consumer", |run, version| {
        let group = run.name("g");
        let request = JoinGroupRequest { protocol_type: "connect".into(), ..joining(&group, "") };
        let (member, _) = enter(run, "a", version, offering(request, &[("sessioned", "a"), ("eager", "b")]))?;
        let sync = ottla_wire::messages::sync_group_request::SyncGroupRequest {
            protocol_type: (version >= 5).then(|| "connect".into()),
            protocol_name: (version >= 5).then(|| "sessioned".into()),
            ..member.syncing(&[(&member.id, "tasks")])
        };
        run.ask_on("a", version.min(5), sync)?;
        describe(run, &group)
    });
    timeouts(cases);
}

fn timeouts(cases: &mut Cases) {
    cases.at(&[2, 9], "join-group-odd-timeouts", |run, version| {
        for (name, session_timeout_ms, rebalance_timeout_ms) in [
            ("short", 99, LONG_MS),
            ("none", 0, LONG_MS),
            ("negative", -1, LONG_MS),
            ("long", 1_800_001, LONG_MS),
            ("longest", 1_800_000, LONG_MS),
            ("no-rebalance", LONG_MS, 0),
            ("negative-rebalance", LONG_MS, -1),
        ] {
            let group = run.name(name);
            run.ask_on(
                "a",
                version,
                JoinGroupRequest { session_timeout_ms, rebalance_timeout_ms, ..joining(&group, "") },
            )?;
        }
        Ok(())
    });
    cases.at(&[2, 5, 9], "session-ends", |run, version| {
        let group = run.name("g");
        let (member, _) =
            enter(run, "a", version, JoinGroupRequest { session_timeout_ms: 300, ..joining(&group, "") })?;
        member.sync(run, &[(&member.id, "all")])?;
        wait_for(run, &group, "Empty")?;
        member.beat(run)?;
        describe(run, &group)
    });
    cases.at(&[2, 5, 9], "member-never-syncs", |run, version| {
        let group = run.name("g");
        let (member, _) =
            enter(run, "a", version, JoinGroupRequest { rebalance_timeout_ms: 300, ..joining(&group, "") })?;
        wait_for(run, &group, "Empty")?;
        member.sync(run, &[(&member.id, "all")])?;
        describe(run, &group)
    });
    cases.at(&[4, 9], "given-id-is-not-used", |run, version| {
        let group = run.name("g");
        let request = JoinGroupRequest { session_timeout_ms: 200, ..joining(&group, "") };
        run.ask_on("a", version, request)?;
        describe(run, &group)?;
        // The group waits for the owner of the id, until that session ends.
        let (member, _) = enter(run, "b", version, joining(&group, ""))?;
        member.sync(run, &[(&member.id, "all")])
    });
}
