//! OffsetFetch.

use ottla_types::{Str, Uuid};
use ottla_wire::messages::offset_fetch_request::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};

use super::{alone, commits::commit};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{UNKNOWN_ID, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    good(cases);
    everything(cases);
    nothing(cases);
    many_groups(cases);
    changed_topics(cases);
}

/// Partitions of topics in the form the version has; `None` means all.
fn fetch(version: i16, group: &Str, topics: Option<&[(&Topic, &[i32])]>) -> OffsetFetchRequest {
    if version >= 8 {
        return OffsetFetchRequest { groups: vec![of_group(group, topics)], ..Default::default() };
    }
    let topic = |&(topic, partitions): &(&Topic, &[i32])| OffsetFetchRequestTopic {
        name: topic.name.clone(),
        partition_indexes: partitions.to_vec(),
    };
    let topics = topics.map(|topics| topics.iter().map(topic).collect());
    OffsetFetchRequest { group_id: group.clone(), topics, ..Default::default() }
}

fn of_group(group: &Str, topics: Option<&[(&Topic, &[i32])]>) -> OffsetFetchRequestGroup {
    let topic = |&(topic, partitions): &(&Topic, &[i32])| OffsetFetchRequestTopics {
        name: topic.name.clone(),
        topic_id: topic.id,
        partition_indexes: partitions.to_vec(),
    };
    let topics = topics.map(|topics| topics.iter().map(topic).collect());
    OffsetFetchRequestGroup { group_id: group.clone(), topics, ..Default::default() }
}

/// Records all offsets of a group.
pub(super) fn fetch_all(run: &mut Run, group: &Str) -> Result<(), Stop> {
    run.ask(7, fetch(7, group, None)).map(drop)
}

/// Waits until the coordinator has seen that a topic is gone.
pub(super) fn wait_for_no_offsets(run: &mut Run, group: &Str) -> Result<(), Stop> {
    let all = fetch(7, group, None);
    run.wait_until(7, &all, |answer| answer.topics.is_empty()).map(drop)
}

/// A group with offsets of partitions 0 and 1 of a topic of three.
fn committed(run: &mut Run) -> Result<(Str, Topic), Stop> {
    let (group, topic) = (run.name("g"), run.topic(3)?);
    run.ask_quietly(9, &commit(&group, &topic, &[(0, 10), (1, 20)]))?;
    run.note("10 is committed for partition 0, 20 for 1");
    Ok((group, topic))
}

fn good(cases: &mut Cases) {
    cases.at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], "offset-fetch", |run, version| {
        let (group, topic) = committed(run)?;
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[0, 1, 2])]))).map(drop)
    });
    cases.at(&[7, 8, 10], "offset-fetch-require-stable", |run, version| {
        let (group, topic) = committed(run)?;
        let request =
            OffsetFetchRequest { require_stable: true, ..fetch(version, &group, Some(&[(&topic, &[1, 0])])) };
        run.ask(version, request).map(drop)
    });
    cases.at(&[1, 5, 8, 10], "offset-fetch-twice-the-same", |run, version| {
        let (group, topic) = committed(run)?;
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[0, 0, 1]), (&topic, &[0])]))).map(drop)
    });
}

fn everything(cases: &mut Cases) {
    cases.at(&[2, 3, 5, 7, 8, 9, 10], "offset-fetch-all", |run, version| {
        let (group, _) = committed(run)?;
        let other = run.topic_named("u", 1, &[])?;
        run.ask_quietly(9, &commit(&group, &other, &[(0, 30)]))?;
        run.ask(version, fetch(version, &group, None))?;
        run.ask(version, fetch(version, &unknown(), None)).map(drop)
    });
    cases.at(&[1], "offset-fetch-all-old-version", |run, version| {
        let (group, _) = committed(run)?;
        run.ask(version, fetch(version, &group, Some(&[]))).map(drop)
    });
}

fn nothing(cases: &mut Cases) {
    cases.at(&[1, 2, 7, 8, 10], "offset-fetch-unknown", |run, version| {
        let (group, topic) = committed(run)?;
        let stranger = Topic { name: unknown(), id: UNKNOWN_ID };
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[7, -1]), (&stranger, &[0, 1])])))?;
        run.ask(version, fetch(version, &unknown(), Some(&[(&topic, &[0])])))?;
        run.ask(version, fetch(version, &unknown(), Some(&[(&stranger, &[0])]))).map(drop)
    });
    cases.at(&[2, 7, 8, 10], "offset-fetch-nothing", |run, version| {
        let (group, topic) = committed(run)?;
        run.ask(version, fetch(version, &group, Some(&[])))?;
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[])]))).map(drop)
    });
    cases.at(&[1, 2, 7, 8, 10], "offset-fetch-without-a-group", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, fetch(version, &Str::new(), Some(&[(&topic, &[0])]))).map(drop)
    });
}

fn many_groups(cases: &mut Cases) {
    cases.at(&[8, 9, 10], "offset-fetch-many-groups", |run, version| {
        let (group, topic) = committed(run)?;
        let groups = vec![
            of_group(&unknown(), Some(&[(&topic, &[0])])),
            of_group(&group, None),
            of_group(&group, Some(&[(&topic, &[1])])),
            of_group(&Str::new(), None),
        ];
        run.ask(version, OffsetFetchRequest { groups, ..Default::default() })?;
        run.ask(version, OffsetFetchRequest::default()).map(drop)
    });
    cases.at(&[9, 10], "offset-fetch-of-a-member", |run, version| {
        let (group, topic) = committed(run)?;
        let member = alone(run, 9, &group)?;
        let of = |member_id: &Str, member_epoch| OffsetFetchRequestGroup {
            member_id: Some(member_id.clone()),
            member_epoch,
            ..of_group(&group, Some(&[(&topic, &[0])]))
        };
        for (id, epoch) in
            [(&member.id, member.generation), (&member.id, 9), (&unknown(), 1), (&Str::new(), -1)]
        {
            run.ask(version, OffsetFetchRequest { groups: vec![of(id, epoch)], ..Default::default() })?;
        }
        Ok(())
    });
}

fn changed_topics(cases: &mut Cases) {
    cases.at(&[7, 9, 10], "offset-fetch-of-a-topic-made-again", |run, version| {
        let (group, topic) = committed(run)?;
        crate::cases::admin::delete(run, &topic)?;
        wait_for_no_offsets(run, &group)?;
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[0])])))?;
        let again = run.topic(1)?;
        run.ask(version, fetch(version, &group, Some(&[(&topic, &[0])])))?;
        run.ask(version, fetch(version, &group, Some(&[(&again, &[0])])))?;
        run.ask(version, fetch(version, &group, None)).map(drop)
    });
    cases.add("offset-fetch-zero-id", |run| {
        let (group, topic) = committed(run)?;
        let nameless = Topic { id: Uuid::ZERO, ..topic };
        run.ask(10, fetch(10, &group, Some(&[(&nameless, &[0])]))).map(drop)
    });
}
