//! Static members (KIP-345): they keep their place under an instance id.

use ottla_types::Str;
use ottla_wire::messages::{
    heartbeat_request::HeartbeatRequest, join_group_request::JoinGroupRequest,
    sync_group_request::SyncGroupRequest,
};

use super::{Member, describe, enter, joining, leaving_as, send_join, wait_for};
use crate::{Cases, Run, Stop, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    replaced(cases);
    refused(cases);
    leaves(cases);
}

fn named(group: &Str, instance: &str) -> JoinGroupRequest {
    JoinGroupRequest { group_instance_id: Some(instance.into()), ..joining(group, "") }
}

fn settled(run: &mut Run, version: i16, group: &Str) -> Result<Member, Stop> {
    let (member, _) = enter(run, "a", version, named(group, "one"))?;
    member.sync(run, &[(&member.id, "all")])?;
    Ok(member)
}

fn replaced(cases: &mut Cases) {
    cases.at(&[5, 6, 7, 8, 9], "static-member-comes-back", |run, version| {
        let group = run.name("g");
        let before = settled(run, version, &group)?;
        before.beat(run)?;
        let (after, _) = enter(run, "b", version, named(&group, "one"))?;
        before.beat(run)?;
        before.sync(run, &[])?;
        after.sync(run, &[])?;
        after.beat(run)?;
        run.ask_on("a", version, before.again())?;
        describe(run, &group)
    });
    cases.at(&[5, 9], "static-member-comes-back-changed", |run, version| {
        let group = run.name("g");
        settled(run, version, &group)?;
        let changed = super::offering(named(&group, "one"), &[("range", "other")]);
        let (after, _) = enter(run, "b", version, changed)?;
        after.sync(run, &[(&after.id, "all again")])?;
        describe(run, &group)
    });
    cases.at(&[5, 9], "static-member-comes-back-while-joining", |run, version| {
        let group = run.name("g");
        let one = settled(run, version, &group)?;
        let first = run.send_on("b", version, named(&group, "two"))?;
        wait_for(run, &group, "PreparingRebalance")?;
        let second = run.send_on("c", version, named(&group, "two"))?;
        run.receive(first)?;
        run.ask_on("a", version, one.again())?;
        run.receive(second).map(drop)
    });
    cases.at(&[5, 9], "static-follower-comes-back", |run, version| {
        let group = run.name("g");
        let one = settled(run, version, &group)?;
        let sent = run.send_on("b", version, named(&group, "two"))?;
        wait_for(run, &group, "PreparingRebalance")?;
        let back = run.ask_on("a", version, one.again())?;
        let answer = run.receive(sent)?;
        let one = one.at(&back);
        let two = Member { connection: "b", instance: Some("two".into()), ..one.at(&answer) };
        let sent = two.send_sync(run, &[])?;
        one.sync(run, &[(&one.id, "first half"), (&two.id, "second half")])?;
        run.receive(sent)?;
        let (again, _) = enter(run, "c", version, named(&group, "two"))?;
        again.sync(run, &[])?;
        one.beat(run)?;
        describe(run, &group)
    });
    cases.at(&[5, 9], "static-beside-dynamic", |run, version| {
        let group = run.name("g");
        let one = settled(run, version, &group)?;
        let sent = send_join(run, "b", version, joining(&group, ""))?;
        wait_for(run, &group, "PreparingRebalance")?;
        run.ask_on("a", version, one.again())?;
        run.receive(sent)?;
        describe(run, &group)
    });
}

fn refused(cases: &mut Cases) {
    cases.at(&[5, 9], "static-member-with-another-id", |run, version| {
        let group = run.name("g");
        let member = settled(run, version, &group)?;
        let stranger = Member { id: unknown(), ..member.clone() };
        run.ask_on("b", version, stranger.again())?;
        stranger.beat(run)?;
        stranger.sync(run, &[])?;
        let elsewhere = Member { instance: Some("two".into()), ..member.clone() };
        run.ask_on("b", version, elsewhere.again())?;
        elsewhere.beat(run)?;
        elsewhere.sync(run, &[])?;
        let nameless = Member { instance: None, ..member };
        nameless.beat(run)?;
        nameless.sync(run, &[])
    });
    cases.at(&[5, 9], "static-member-of-no-group", |run, version| {
        let (group, instance) = (run.name("g"), Some(Str::from_static("one")));
        run.ask_on("a", version, JoinGroupRequest { member_id: unknown(), ..named(&group, "one") })?;
        let beat = HeartbeatRequest {
            group_id: group.clone(),
            generation_id: 1,
            member_id: unknown(),
            group_instance_id: instance.clone(),
        };
        run.ask_on("a", 4, beat)?;
        let sync = SyncGroupRequest {
            group_id: group,
            generation_id: 1,
            member_id: unknown(),
            group_instance_id: instance,
            ..Default::default()
        };
        run.ask_on("a", 4, sync).map(drop)
    });
    cases.add("static-member-odd-names", |run| {
        let long = "x".repeat(250);
        for (suffix, name) in
            [("empty", ""), ("blank", "a b"), ("slash", "a/b"), ("dots", ".."), ("long", &long)]
        {
            let group = run.name(suffix);
            match run.ask_on("a", 9, named(&group, name)) {
                Err(Stop::Closed) => {}
                other => drop(other?),
            }
        }
        Ok(())
    });
}

fn leaves(cases: &mut Cases) {
    cases.at(&[3, 4, 5], "static-member-leaves", |run, version| {
        let group = run.name("g");
        let member = settled(run, 9, &group)?;
        run.ask(version, leaving_as(version, &group, &[(&unknown(), Some("one"))]))?;
        run.ask(version, leaving_as(version, &group, &[(&member.id, Some("two"))]))?;
        run.ask(version, leaving_as(version, &group, &[(&Str::new(), Some("one"))]))?;
        run.ask(version, leaving_as(version, &group, &[(&Str::new(), Some("one"))]))?;
        describe(run, &group)
    });
    cases.at(&[3, 5], "static-member-leaves-with-its-id", |run, version| {
        let group = run.name("g");
        let member = settled(run, 9, &group)?;
        run.ask(version, leaving_as(version, &group, &[(&member.id, Some("one"))]))?;
        member.beat(run).map(drop)
    });
    cases.at(&[0, 2], "static-member-leaves-by-its-id", |run, version| {
        let group = run.name("g");
        let member = settled(run, 9, &group)?;
        run.ask(version, leaving_as(version, &group, &[(&member.id, None)]))?;
        member.beat(run).map(drop)
    });
}
