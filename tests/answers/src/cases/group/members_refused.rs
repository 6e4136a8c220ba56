//! Requests of members that are refused.

use ottla_types::Str;
use ottla_wire::messages::{
    heartbeat_request::HeartbeatRequest, join_group_request::JoinGroupRequest,
    leave_group_request::LeaveGroupRequest, sync_group_request::SyncGroupRequest,
};

use super::{Member, alone, enter, joining, leaving_as, offering, wait_for};
use crate::{Cases, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    joins(cases);
    protocols(cases);
    strangers(cases);
    generations(cases);
    syncs(cases);
}

fn joins(cases: &mut Cases) {
    cases.at(&[0, 4, 9], "join-group-without-a-name", |run, version| {
        run.ask_on("a", version, joining(&Str::new(), "")).map(drop)
    });
    cases.at(&[0, 4, 9], "join-group-unknown-member", |run, version| {
        let group = run.name("g");
        run.ask_on("a", version, joining(&group, "stranger"))?;
        alone(run, version, &group)?;
        run.ask_on("b", version, joining(&group, "stranger")).map(drop)
    });
}

fn protocols(cases: &mut Cases) {
    cases.at(&[2, 5, 9], "join-group-without-protocols", |run, version| {
        let group = run.name("g");
        run.ask_on("a", version, offering(joining(&group, ""), &[]))?;
        let nameless = JoinGroupRequest { protocol_type: Str::new(), ..joining(&group, "") };
        run.ask_on("a", version, nameless).map(drop)
    });
    cases.at(&[2, 5, 9], "join-group-other-protocols", |run, version| {
        let group = run.name("g");
        alone(run, version, &group)?;
        run.ask_on("b", version, offering(joining(&group, ""), &[("roundrobin", "b")]))?;
        run.ask_on(
            "b",
            version,
            JoinGroupRequest { protocol_type: "connect".into(), ..joining(&group, "") },
        )?;
        run.ask_on("b", version, offering(joining(&group, ""), &[])).map(drop)
    });
    cases.at(&[2, 9], "join-group-protocol-of-an-empty-group", |run, version| {
        let group = run.name("g");
        alone(run, version, &group)?.leave(run)?;
        wait_for(run, &group, "Empty")?;
        let other = JoinGroupRequest { protocol_type: "connect".into(), ..joining(&group, "") };
        enter(run, "b", version, other).map(drop)
    });
}

fn strangers(cases: &mut Cases) {
    cases.at(&[0, 3, 4], "heartbeat-refused", |run, version| {
        let group = run.name("g");
        let member = alone(run, 5, &group)?;
        let beat = |group: &Str, member_id: &Str, generation_id| HeartbeatRequest {
            group_id: group.clone(),
            generation_id,
            member_id: member_id.clone(),
            group_instance_id: None,
        };
        for (group, id, generation) in &not_quite(&group, &member.id) {
            run.ask_on("a", version, beat(group, id, *generation))?;
        }
        Ok(())
    });
    cases.at(&[0, 3, 5], "sync-group-refused", |run, version| {
        let group = run.name("g");
        let member = alone(run, version.max(2) + 2, &group)?;
        let sync = |group: &Str, member_id: &Str, generation_id| SyncGroupRequest {
            group_id: group.clone(),
            generation_id,
            member_id: member_id.clone(),
            ..member.syncing(&[])
        };
        for (group, id, generation) in &not_quite(&group, &member.id) {
            let request = sync(group, id, *generation);
            let request = if version < 5 {
                SyncGroupRequest { protocol_type: None, protocol_name: None, ..request }
            } else {
                SyncGroupRequest {
                    protocol_type: Some("consumer".into()),
                    protocol_name: Some("range".into()),
                    ..request
                }
            };
            run.ask_on("a", version, request)?;
        }
        Ok(())
    });
    cases.at(&[0, 2, 3, 5], "leave-group-refused", |run, version| {
        let group = run.name("g");
        alone(run, 5, &group)?;
        for group in [&group, &unknown(), &Str::new()] {
            run.ask_on("a", version, leaving_as(version, group, &[(&unknown(), None)]))?;
            run.ask_on("a", version, leaving_as(version, group, &[(&Str::new(), None)]))?;
        }
        if version >= 3 {
            run.ask_on("a", version, LeaveGroupRequest { group_id: group.clone(), ..Default::default() })?;
            run.ask_on("a", version, LeaveGroupRequest { group_id: unknown(), ..Default::default() })?;
        }
        Ok(())
    });
}

fn generations(cases: &mut Cases) {
    cases.at(&[2, 9], "members-of-an-empty-group", |run, version| {
        let group = run.name("g");
        let member = alone(run, version, &group)?;
        member.leave(run)?;
        member.sync(run, &[])?;
        member.beat(run)?;
        run.ask_on("a", version, member.again())?;
        member.leave(run)
    });
}

fn syncs(cases: &mut Cases) {
    cases.add("sync-group-other-protocols", |run| {
        let group = run.name("g");
        let (member, _) = enter(run, "a", 9, joining(&group, ""))?;
        for (kind, name) in [
            (Some("connect"), Some("range")),
            (Some("consumer"), Some("roundrobin")),
            (None, Some("range")),
            (Some("consumer"), None),
            (None, None),
        ] {
            let request = SyncGroupRequest {
                protocol_type: kind.map(Str::from),
                protocol_name: name.map(Str::from),
                ..member.syncing(&[(&member.id, "all")])
            };
            run.ask_on("a", 5, request)?;
        }
        Ok(())
    });
    cases.at(&[3, 9], "sync-group-assignments", |run, version| {
        let group = run.name("g");
        let (member, _) = enter(run, "a", version, joining(&group, ""))?;
        // For a stranger, and twice for the same.
        member.sync(run, &[(&unknown(), "nothing"), (&member.id, "one"), (&member.id, "two")])?;
        member.sync(run, &[(&member.id, "three")])
    });
    cases.at(&[3, 9], "sync-group-without-assignments", |run, version| {
        let group = run.name("g");
        let (member, _): (Member, _) = enter(run, "a", version, joining(&group, ""))?;
        member.sync(run, &[])?;
        member.beat(run).map(drop)
    });
}

/// Groups, members and generations that are not those of generation 1 of `group` with `member` in it.
fn not_quite(group: &Str, member: &Str) -> [(Str, Str, i32); 7] {
    let of = |group: &Str, member: &Str, generation| (group.clone(), member.clone(), generation);
    [
        of(group, member, 0),
        of(group, member, 2),
        of(group, member, -1),
        of(group, &unknown(), 1),
        of(group, &Str::new(), 1),
        of(&unknown(), member, 1),
        of(&Str::new(), member, 1),
    ]
}
