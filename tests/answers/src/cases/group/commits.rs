//! OffsetCommit: of members, and of whoever needs no group.

use ottla_types::{Str, Uuid};
use ottla_wire::messages::offset_commit_request::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};

use super::{
    Member, alone, describe, enter,
    fetches::{fetch_all, wait_for_no_offsets},
    joining, pair, send_join, wait_for,
};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{UNKNOWN_ID, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    anybody(cases);
    odd_values(cases);
    unknown_topics(cases);
    members(cases);
    not_members(cases);
    statics(cases);
}

/// Partitions of a topic, each with an offset; metadata `m`.
pub(super) fn commit(group: &Str, topic: &Topic, offsets: &[(i32, i64)]) -> OffsetCommitRequest {
    let partition = |&(partition_index, committed_offset): &(i32, i64)| OffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        committed_metadata: Some(Str::from_static("m")),
        ..Default::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: topic.name.clone(),
        topic_id: topic.id,
        partitions: offsets.iter().map(partition).collect(),
    };
    OffsetCommitRequest {
        group_id: group.clone(),
        generation_id_or_member_epoch: -1,
        retention_time_ms: -1,
        topics: vec![topic],
        ..Default::default()
    }
}

/// Makes a group that only has an offset.
pub(in crate::cases) fn commit_quietly(run: &mut Run, group: &Str) -> Result<Topic, Stop> {
    let topic = run.topic_named(&format!("of-{}", group.rsplit('.').next().unwrap_or_default()), 2, &[])?;
    run.ask_quietly(9, &commit(group, &topic, &[(0, 5)]))?;
    run.note(&format!("{group} has committed 5 for partition 0"));
    Ok(topic)
}

fn anybody(cases: &mut Cases) {
    cases.at(&[2, 3, 4, 5, 6, 7, 8, 9, 10], "offset-commit", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(2)?);
        run.ask(version, commit(&group, &topic, &[(0, 10), (1, 0)]))?;
        run.ask(version, commit(&group, &topic, &[(0, 7)]))?;
        fetch_all(run, &group)?;
        describe(run, &group)
    });
    cases.at(&[1], "offset-commit-old-version", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(2)?);
        run.ask(version, commit(&group, &topic, &[(0, 10)])).map(drop)
    });
    cases.at(&[2, 9, 10], "offset-commit-nothing", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        run.ask(version, OffsetCommitRequest { topics: vec![], ..commit(&group, &topic, &[]) })?;
        run.ask(version, commit(&group, &topic, &[]))?;
        describe(run, &group)
    });
    cases.at(&[2, 9, 10], "offset-commit-without-a-group", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, commit(&Str::new(), &topic, &[(0, 1)])).map(drop)
    });
}

fn odd_values(cases: &mut Cases) {
    cases.at(&[2, 9, 10], "offset-commit-odd-offsets", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        for offset in [0, 1000, i64::MAX, -1, -2, i64::MIN] {
            run.ask(version, commit(&group, &topic, &[(0, offset)]))?;
            fetch_all(run, &group)?;
        }
        Ok(())
    });
    cases.at(&[2, 9], "offset-commit-metadata", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(3)?);
        let (most, more, wide) = ("x".repeat(4096), "x".repeat(4097), "ä".repeat(4096));
        for metadata in [None, Some(""), Some(&*most), Some(&*more), Some(&*wide)] {
            let mut request = commit(&group, &topic, &[(0, 1), (1, 2)]);
            request.topics[0].partitions[0].committed_metadata = metadata.map(Str::from);
            let answer = run.ask_quietly(version, &request)?;
            run.note(&format!(
                "{:?} characters: {:?}",
                metadata.map(|text| text.chars().count()),
                answer.topics
            ));
        }
        Ok(())
    });
    cases.at(&[6, 9, 10], "offset-commit-leader-epochs", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        for epoch in [0, 7, -1, -2] {
            let mut request = commit(&group, &topic, &[(0, 1)]);
            request.topics[0].partitions[0].committed_leader_epoch = epoch;
            run.ask(version, request)?;
            fetch_all(run, &group)?;
        }
        Ok(())
    });
    cases.at(&[2, 4], "offset-commit-retention", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        for retention_time_ms in [60_000, i64::MAX / 4] {
            run.ask(version, OffsetCommitRequest { retention_time_ms, ..commit(&group, &topic, &[(0, 1)]) })?;
        }
        fetch_all(run, &group)
    });
    cases.at(&[2, 9, 10], "offset-commit-twice-the-same", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(2)?);
        run.ask(version, commit(&group, &topic, &[(0, 1), (0, 2), (1, 3)]))?;
        let mut request = commit(&group, &topic, &[(0, 4)]);
        request.topics.push(commit(&group, &topic, &[(1, 5), (0, 6)]).topics.remove(0));
        run.ask(version, request)?;
        fetch_all(run, &group)
    });
}

fn unknown_topics(cases: &mut Cases) {
    cases.at(&[2, 5, 9, 10], "offset-commit-unknown-topic", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let stranger = Topic { name: unknown(), id: UNKNOWN_ID };
        let mut request = commit(&group, &stranger, &[(0, 1)]);
        run.ask(version, request.clone())?;
        request.topics.extend(commit(&group, &topic, &[(0, 1), (5, 2), (-1, 3)]).topics);
        request.topics.extend(commit(&group, &stranger, &[(1, 1)]).topics);
        run.ask(version, request)?;
        fetch_all(run, &group)
    });
    cases.at(&[9, 10], "offset-commit-odd-topics", |run, version| {
        let group = run.name("g");
        for name in ["", "a b", "__consumer_offsets"] {
            run.ask(version, commit(&group, &Topic { name: name.into(), id: Uuid::ZERO }, &[(0, 1)]))?;
        }
        Ok(())
    });
    cases.add("offset-commit-to-a-deleted-topic", |run| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        run.ask(10, commit(&group, &topic, &[(0, 1)]))?;
        crate::cases::admin::delete(run, &topic)?;
        wait_for_no_offsets(run, &group)?;
        run.ask(10, commit(&group, &topic, &[(0, 1)]))?;
        run.ask(9, commit(&group, &topic, &[(0, 1)]))?;
        let again = run.topic(1)?;
        run.ask(10, commit(&group, &topic, &[(0, 2)]))?;
        run.ask(10, commit(&group, &again, &[(0, 3)]))?;
        fetch_all(run, &group)
    });
}

/// A commit in a member's name.
fn of_member(member: &Member, topic: &Topic, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        generation_id_or_member_epoch: member.generation,
        member_id: member.id.clone(),
        group_instance_id: member.instance.clone(),
        ..commit(&member.group, topic, &[(0, offset)])
    }
}

fn members(cases: &mut Cases) {
    cases.at(&[2, 7, 9, 10], "offset-commit-of-a-member", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let member = alone(run, 9, &group)?;
        run.ask(version, of_member(&member, &topic, 4))?;
        for generation in [0, 2, -1] {
            run.ask(version, of_member(&Member { generation, ..member.clone() }, &topic, 9))?;
        }
        run.ask(version, of_member(&Member { id: unknown(), ..member.clone() }, &topic, 9))?;
        run.ask(version, of_member(&Member { id: Str::new(), ..member }, &topic, 9))?;
        run.ask(version, commit(&group, &topic, &[(0, 9)]))?;
        fetch_all(run, &group)
    });
    cases.at(&[2, 9, 10], "offset-commit-while-completing", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let (member, _) = enter(run, "a", 9, joining(&group, ""))?;
        run.ask(version, of_member(&member, &topic, 4))?;
        fetch_all(run, &group)
    });
    cases.at(&[2, 9, 10], "offset-commit-while-preparing", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let (one, other) = pair(run, 9, &group)?;
        let sent = send_join(run, "a", 9, one.again())?;
        wait_for(run, &group, "PreparingRebalance")?;
        run.ask(version, of_member(&other, &topic, 4))?;
        run.ask(version, of_member(&one, &topic, 5))?;
        fetch_all(run, &group)?;
        run.ask_on("b", 9, other.again())?;
        run.receive(sent).map(drop)
    });
}

fn not_members(cases: &mut Cases) {
    cases.at(&[2, 8, 9, 10], "offset-commit-of-no-group", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let stranger = OffsetCommitRequest {
            generation_id_or_member_epoch: 1,
            member_id: unknown(),
            ..commit(&group, &topic, &[(0, 1)])
        };
        run.ask(version, stranger.clone())?;
        run.ask(version, OffsetCommitRequest { generation_id_or_member_epoch: -1, ..stranger })?;
        describe(run, &group)
    });
    cases.at(&[2, 9], "offset-commit-of-an-empty-group", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let member = alone(run, 9, &group)?;
        member.leave(run)?;
        run.ask(version, of_member(&member, &topic, 4))?;
        run.ask(version, commit(&group, &topic, &[(0, 5)]))?;
        fetch_all(run, &group)
    });
}

fn statics(cases: &mut Cases) {
    cases.at(&[7, 9, 10], "offset-commit-of-a-static-member", |run, version| {
        let (group, topic) = (run.name("g"), run.topic(1)?);
        let request = ottla_wire::messages::join_group_request::JoinGroupRequest {
            group_instance_id: Some("one".into()),
            ..joining(&group, "")
        };
        let (before, _) = enter(run, "a", 9, request.clone())?;
        before.sync(run, &[(&before.id, "all")])?;
        let (after, _) = enter(run, "b", 9, request)?;
        after.sync(run, &[(&after.id, "all")])?;
        run.ask(version, of_member(&before, &topic, 1))?;
        run.ask(version, of_member(&after, &topic, 2))?;
        run.ask(version, of_member(&Member { instance: Some("two".into()), ..after.clone() }, &topic, 3))?;
        run.ask(version, of_member(&Member { instance: None, ..after }, &topic, 4))?;
        fetch_all(run, &group)
    });
}
