//! OffsetDelete (KIP-496).

use ottla_types::Str;
use ottla_wire::messages::{
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
};

use super::{commits::commit, enter, fetches::fetch_all, joining, subscription};
use crate::{Cases, Run, Stop, Topic, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    empty(cases);
    refused(cases);
    with_members(cases);
}

fn delete(group: &Str, topics: &[(&str, &[i32])]) -> OffsetDeleteRequest {
    let partition = |&partition_index: &i32| OffsetDeleteRequestPartition { partition_index };
    let topic = |&(name, partitions): &(&str, &[i32])| OffsetDeleteRequestTopic {
        name: name.into(),
        partitions: partitions.iter().map(partition).collect(),
    };
    OffsetDeleteRequest { group_id: group.clone(), topics: topics.iter().map(topic).collect() }
}

fn committed(run: &mut Run) -> Result<(Str, Topic), Stop> {
    let (group, topic) = (run.name("g"), run.topic(3)?);
    run.ask_quietly(9, &commit(&group, &topic, &[(0, 10), (1, 20)]))?;
    run.note("10 is committed for partition 0, 20 for 1");
    Ok((group, topic))
}

fn empty(cases: &mut Cases) {
    cases.add("offset-delete", |run| {
        let (group, topic) = committed(run)?;
        run.ask(0, delete(&group, &[(&topic.name, &[0])]))?;
        fetch_all(run, &group)?;
        run.ask(0, delete(&group, &[(&topic.name, &[0, 1, 2])]))?;
        fetch_all(run, &group)?;
        super::describe(run, &group)
    });
    cases.add("offset-delete-unknown", |run| {
        let (group, topic) = committed(run)?;
        run.ask(0, delete(&group, &[(&unknown(), &[0]), (&topic.name, &[0, 9, -1])]))?;
        fetch_all(run, &group)
    });
    cases.add("offset-delete-nothing", |run| {
        let (group, topic) = committed(run)?;
        run.ask(0, delete(&group, &[]))?;
        run.ask(0, delete(&group, &[(&topic.name, &[])])).map(drop)
    });
    cases.add("offset-delete-twice-the-same", |run| {
        let (group, topic) = committed(run)?;
        run.ask(0, delete(&group, &[(&topic.name, &[0, 0]), (&topic.name, &[1])]))?;
        fetch_all(run, &group)
    });
}

fn refused(cases: &mut Cases) {
    cases.add("offset-delete-of-no-group", |run| {
        let topic = run.topic(1)?;
        run.ask(0, delete(&unknown(), &[(&topic.name, &[0])]))?;
        run.ask(0, delete(&unknown(), &[(&unknown(), &[0])]))?;
        run.ask(0, delete(&unknown(), &[]))?;
        run.ask(0, delete(&Str::new(), &[(&topic.name, &[0])])).map(drop)
    });
}

fn with_members(cases: &mut Cases) {
    cases.add("offset-delete-of-a-subscribed-topic", |run| {
        let (group, topic) = committed(run)?;
        let other = run.topic_named("u", 1, &[])?;
        run.ask_quietly(9, &commit(&group, &other, &[(0, 30)]))?;
        let protocol =
            JoinGroupRequestProtocol { name: "range".into(), metadata: subscription(&[&topic.name]) };
        let request = JoinGroupRequest { protocols: vec![protocol], ..joining(&group, "") };
        let (member, _) = enter(run, "a", 9, request)?;
        run.ask(0, delete(&group, &[(&topic.name, &[0]), (&other.name, &[0])]))?;
        member.sync(run, &[(&member.id, "all")])?;
        run.ask(0, delete(&group, &[(&topic.name, &[1, 7]), (&other.name, &[0])]))?;
        fetch_all(run, &group)
    });
    cases.add("offset-delete-of-no-consumers", |run| {
        let (group, topic) = committed(run)?;
        let request = JoinGroupRequest { protocol_type: "connect".into(), ..joining(&group, "") };
        enter(run, "a", 9, request)?;
        run.ask(0, delete(&group, &[(&topic.name, &[0])]))?;
        fetch_all(run, &group)
    });
    cases.add("offset-delete-of-unreadable-subscriptions", |run| {
        let (group, topic) = committed(run)?;
        enter(run, "a", 9, super::offering(joining(&group, ""), &[("range", "?")]))?;
        run.ask(0, delete(&group, &[(&topic.name, &[0])]))?;
        fetch_all(run, &group)
    });
}
