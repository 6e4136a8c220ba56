//! Groups of the consumer protocol (KIP-848): heartbeats, epochs, what members have, and what operators see.

use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    consumer_group_describe_request::ConsumerGroupDescribeRequest,
    consumer_group_heartbeat_request::{ConsumerGroupHeartbeatRequest, TopicPartitions},
    consumer_group_heartbeat_response::ConsumerGroupHeartbeatResponse,
    delete_groups_request::DeleteGroupsRequest,
    describe_groups_request::DescribeGroupsRequest,
    heartbeat_request::HeartbeatRequest,
    incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    },
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    leave_group_request::{LeaveGroupRequest, MemberIdentity},
    list_groups_request::ListGroupsRequest,
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic},
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup},
    sync_group_request::SyncGroupRequest,
};

use crate::{Cases, Run, Stop, Topic, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    joins(cases);
    refused(cases);
    epochs(cases);
    statics(cases);
    patterns(cases);
    operators(cases);
    offsets(cases);
    classic_requests(cases);
}

const HOUR_MS: i32 = 3_600_000;

fn beat(group: &Str, member: &str, epoch: i32) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        group_id: group.clone(),
        member_id: member.into(),
        member_epoch: epoch,
        rebalance_timeout_ms: -1,
        ..Default::default()
    }
}

fn join(group: &Str, member: &str, topics: &[&Str]) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        rebalance_timeout_ms: HOUR_MS,
        subscribed_topic_names: Some(topics.iter().map(|topic| (*topic).clone()).collect()),
        topic_partitions: Some(Vec::new()),
        ..beat(group, member, 0)
    }
}

fn owning(
    request: ConsumerGroupHeartbeatRequest,
    topic: &Topic,
    partitions: &[i32],
) -> ConsumerGroupHeartbeatRequest {
    let owned = TopicPartitions { topic_id: topic.id, partitions: partitions.to_vec() };
    ConsumerGroupHeartbeatRequest { topic_partitions: Some(vec![owned]), ..request }
}

fn at(instance: &'static str, request: ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest { instance_id: Some(Str::from_static(instance)), ..request }
}

/// A group whose targets are computed at once, however soon they follow each other.
fn group_at_once(run: &mut Run) -> Result<Str, Stop> {
    let group = run.name("g");
    let config = AlterableConfig {
        name: Str::from_static("consumer.assignment.interval.ms"),
        config_operation: 0,
        value: Some(Str::from_static("0")),
    };
    let resource =
        AlterConfigsResource { resource_type: 32, resource_name: group.clone(), configs: vec![config] };
    let request = IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
    run.ask_quietly(1, &request)?;
    run.catch_up()?;
    run.note("targets of the group follow each other at once");
    Ok(group)
}

/// A topic that the coordinator of the group knows: it hears of new ones a moment after the brokers. The group is as if it
/// had never been.
fn known_topic(run: &mut Run, group: &Str, name: &str, partitions: i32) -> Result<Topic, Stop> {
    let topic = run.topic_named(name, partitions, &[])?;
    for _ in 0..1000 {
        let probe = run.ask_quietly(1, &join(group, "probe", &[&topic.name]))?;
        run.ask_quietly(1, &beat(group, "probe", -1))?;
        run.ask_quietly(2, &DeleteGroupsRequest { groups_names: vec![group.clone()] })?;
        if probe.assignment.is_some_and(|assignment| !assignment.topic_partitions.is_empty()) {
            return Ok(topic);
        }
    }
    Err(Stop::Broken("the coordinator does not hear of a topic".into()))
}

fn send(
    run: &mut Run,
    version: i16,
    request: ConsumerGroupHeartbeatRequest,
) -> Result<ConsumerGroupHeartbeatResponse, Stop> {
    run.ask(version, request)
}

fn joins(cases: &mut Cases) {
    cases.at(&[0, 1], "consumer-heartbeat-alone", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 3)?;
        send(run, version, join(&group, "a", &[&topic.name]))?;
        send(run, version, beat(&group, "a", 2))?;
        let full = ConsumerGroupHeartbeatRequest { member_epoch: 2, ..join(&group, "a", &[&topic.name]) };
        send(run, version, owning(full, &topic, &[0, 1, 2]))?;
        send(run, version, beat(&group, "a", -1))?;
        send(run, version, beat(&group, "a", -1))?;
        send(run, version, beat(&group, "a", 2))?;
        send(run, version, join(&group, "b", &[&topic.name])).map(drop)
    });
    cases.at(&[1], "consumer-heartbeat-unknown-topic", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 1)?;
        send(run, version, join(&group, "a", &[&unknown()]))?;
        let names = ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: Some(vec![unknown(), topic.name]),
            ..beat(&group, "a", 2)
        };
        send(run, version, names)?;
        let none = ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: Some(Vec::new()),
            ..beat(&group, "a", 3)
        };
        send(run, version, none).map(drop)
    });
    cases.at(&[1], "consumer-heartbeat-two-members", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 4)?;
        send(run, version, join(&group, "a", &[&topic.name]))?;
        send(run, version, join(&group, "b", &[&topic.name]))?;
        describe(run, 1, &group)?;
        send(run, version, owning(beat(&group, "a", 2), &topic, &[0, 1, 2, 3]))?;
        send(run, version, beat(&group, "b", 3))?;
        send(run, version, owning(beat(&group, "a", 2), &topic, &[0, 1]))?;
        send(run, version, beat(&group, "b", 3))?;
        send(run, version, owning(beat(&group, "b", 3), &topic, &[2, 3]))?;
        send(run, version, beat(&group, "a", -1))?;
        send(run, version, beat(&group, "b", 3))?;
        describe(run, 1, &group)
    });
    cases.at(&[1], "consumer-heartbeat-range", |run, version| {
        let group = group_at_once(run)?;
        let one = known_topic(run, &group, "x", 3)?;
        let other = known_topic(run, &group, "y", 3)?;
        let range = |request| ConsumerGroupHeartbeatRequest {
            server_assignor: Some(Str::from_static("range")),
            ..request
        };
        send(run, version, range(join(&group, "a", &[&one.name])))?;
        send(run, version, range(join(&group, "b", &[&one.name])))?;
        send(run, version, owning(beat(&group, "a", 2), &one, &[0, 1]))?;
        send(run, version, beat(&group, "b", 3))?;
        let names = |epoch| ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: Some(vec![other.name.clone()]),
            ..beat(&group, "b", epoch)
        };
        send(run, version, names(3))?;
        send(run, version, owning(beat(&group, "b", 3), &other, &[]))?;
        send(run, version, beat(&group, "a", 3)).map(drop)
    });
}

fn refused(cases: &mut Cases) {
    cases.at(&[0, 1], "consumer-heartbeat-bad-requests", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 1)?;
        let good = || join(&group, "a", &[&topic.name]);
        let blank = || Some(Str::from_static(" "));
        for request in [
            ConsumerGroupHeartbeatRequest { group_id: Str::new(), ..good() },
            ConsumerGroupHeartbeatRequest { instance_id: blank(), ..good() },
            ConsumerGroupHeartbeatRequest { rack_id: blank(), ..good() },
            ConsumerGroupHeartbeatRequest { rebalance_timeout_ms: -1, ..good() },
            ConsumerGroupHeartbeatRequest { topic_partitions: None, ..good() },
            ConsumerGroupHeartbeatRequest { subscribed_topic_names: None, ..good() },
            owning(good(), &topic, &[0]),
            ConsumerGroupHeartbeatRequest { server_assignor: Some(Str::from_static("sticky")), ..good() },
            ConsumerGroupHeartbeatRequest { server_assignor: Some(Str::new()), ..good() },
            beat(&group, "a", -2),
            beat(&group, "a", -3),
            beat(&group, "", 1),
            beat(&group, "", -1),
            beat(&group, "a", 1),
            beat(&group, "a", -1),
        ] {
            send(run, version, request)?;
        }
        if version >= 1 {
            send(run, version, ConsumerGroupHeartbeatRequest { member_id: Str::new(), ..good() })?;
        }
        list(run, &[], &["consumer"])
    });
}

fn epochs(cases: &mut Cases) {
    cases.at(&[1], "consumer-heartbeat-epochs", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 2)?;
        send(run, version, join(&group, "a", &[&topic.name]))?;
        send(run, version, join(&group, "b", &[&topic.name]))?;
        send(run, version, owning(beat(&group, "a", 2), &topic, &[0]))?;
        run.note("the answer is lost, and the same sent again");
        send(run, version, owning(beat(&group, "a", 2), &topic, &[0]))?;
        send(run, version, owning(beat(&group, "a", 2), &topic, &[0, 1]))?;
        send(run, version, beat(&group, "a", 2))?;
        send(run, version, beat(&group, "a", 1))?;
        send(run, version, beat(&group, "a", 9))?;
        send(run, version, beat(&group, "c", 3))?;
        run.note("it joins again");
        send(run, version, join(&group, "a", &[&topic.name]))?;
        send(run, version, beat(&group, "a", 3)).map(drop)
    });
}

fn statics(cases: &mut Cases) {
    cases.at(&[1], "consumer-heartbeat-static", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 2)?;
        send(run, version, at("i", join(&group, "a", &[&topic.name])))?;
        send(run, version, at("i", join(&group, "b", &[&topic.name])))?;
        send(run, version, at("i", beat(&group, "b", 2)))?;
        send(run, version, at("j", beat(&group, "a", 2)))?;
        send(run, version, at("i", beat(&group, "b", -2)))?;
        send(run, version, at("i", beat(&group, "a", -2)))?;
        describe(run, 1, &group)?;
        send(run, version, at("i", beat(&group, "a", 2)))?;
        send(run, version, at("i", join(&group, "b", &[&topic.name])))?;
        send(run, version, at("i", beat(&group, "a", 2)))?;
        send(run, version, at("i", beat(&group, "b", 2)))?;
        send(run, version, at("i", beat(&group, "b", -1)))?;
        describe(run, 1, &group)
    });
}

fn patterns(cases: &mut Cases) {
    cases.at(&[1], "consumer-heartbeat-regex", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 1)?;
        let pattern = |text: String, request| ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: None,
            subscribed_topic_regex: Some(Str::from(text)),
            ..request
        };
        let bad = send(run, version, pattern("[".to_owned(), join(&group, "a", &[])));
        bad.map(drop)?;
        send(run, version, pattern(format!("{}.*", topic.name), join(&group, "a", &[])))?;
        let found = run.wait_until(version, &beat(&group, "a", 1), |answer| {
            answer.error_code != ErrorCode::NONE || answer.member_epoch == 2
        })?;
        run.note(&format!("a while later the member is in epoch {}", found.member_epoch));
        describe(run, 1, &group)?;
        run.note("a name instead");
        let name = ConsumerGroupHeartbeatRequest {
            subscribed_topic_names: Some(vec![topic.name]),
            subscribed_topic_regex: Some(Str::new()),
            ..beat(&group, "a", 2)
        };
        send(run, version, name)?;
        describe(run, 1, &group)
    });
}

/// What a group looks like; members come in no particular order.
fn describe(run: &mut Run, version: i16, group: &Str) -> Result<(), Stop> {
    let request = of(&[group]);
    let mut answer = run.ask_quietly(version, &request)?;
    answer.groups.iter_mut().for_each(|group| group.members.sort_by(|a, b| a.member_id.cmp(&b.member_id)));
    run.record(version, &request, &answer);
    Ok(())
}

fn of(groups: &[&Str]) -> ConsumerGroupDescribeRequest {
    ConsumerGroupDescribeRequest {
        group_ids: groups.iter().map(|group| (*group).clone()).collect(),
        include_authorized_operations: false,
    }
}

/// The groups of this case that are listed.
fn list(run: &mut Run, states: &[&str], types: &[&str]) -> Result<(), Stop> {
    let request = ListGroupsRequest {
        states_filter: states.iter().map(|name| Str::from(*name)).collect(),
        types_filter: types.iter().map(|name| Str::from(*name)).collect(),
    };
    let mut answer = run.ask_quietly(5, &request)?;
    let own = run.name("");
    answer.groups.retain(|group| group.group_id.starts_with(&*own));
    answer.groups.sort_by(|one, other| one.group_id.cmp(&other.group_id));
    run.record(5, &request, &answer);
    Ok(())
}

fn operators(cases: &mut Cases) {
    cases.at(&[0, 1], "consumer-group-describe", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 2)?;
        run.ask_quietly(1, &join(&group, "a", &[&topic.name]))?;
        let simple = run.name("simple");
        run.ask_quietly(9, &commit(&simple, &topic, ("", -1), &[0]))?;
        describe(run, version, &group)?;
        describe(run, version, &simple)?;
        describe(run, version, &unknown())?;
        describe(run, version, &Str::new())?;
        run.ask(
            version,
            ConsumerGroupDescribeRequest { include_authorized_operations: true, ..of(&[&group]) },
        )?;
        run.ask_quietly(1, &beat(&group, "a", -1))?;
        describe(run, version, &group)?;
        run.ask(version, of(&[])).map(drop)
    });
    cases.at(&[1], "consumer-group-operators", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 2)?;
        run.ask_quietly(version, &join(&group, "a", &[&topic.name]))?;
        run.ask_quietly(9, &commit(&run.name("simple"), &topic, ("", -1), &[0]))?;
        list(run, &[], &[])?;
        list(run, &[], &["Consumer"])?;
        list(run, &[], &["classic", "share"])?;
        list(run, &["stable"], &["consumer"])?;
        list(run, &["assigning"], &["consumer"])?;
        for version in [5, 6] {
            let request = DescribeGroupsRequest { groups: vec![group.clone()], ..Default::default() };
            run.ask(version, request)?;
        }
        let delete = || DeleteGroupsRequest { groups_names: vec![group.clone()] };
        run.ask(2, delete())?;
        let index = OffsetDeleteRequestPartition { partition_index: 0 };
        let of_topic = OffsetDeleteRequestTopic { name: topic.name, partitions: vec![index] };
        run.ask(0, OffsetDeleteRequest { group_id: group.clone(), topics: vec![of_topic] })?;
        run.ask_quietly(version, &beat(&group, "a", -1))?;
        list(run, &["empty"], &["consumer"])?;
        run.ask(2, delete())?;
        run.ask(2, delete())?;
        describe(run, 1, &group)
    });
}

fn commit(group: &Str, topic: &Topic, member: (&str, i32), partitions: &[i32]) -> OffsetCommitRequest {
    let partition = |index: &i32| OffsetCommitRequestPartition {
        partition_index: *index,
        committed_offset: 5,
        ..Default::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: topic.name.clone(),
        topic_id: topic.id,
        partitions: partitions.iter().map(partition).collect(),
    };
    OffsetCommitRequest {
        group_id: group.clone(),
        member_id: member.0.into(),
        generation_id_or_member_epoch: member.1,
        retention_time_ms: -1,
        topics: vec![topic],
        ..Default::default()
    }
}

fn offsets(cases: &mut Cases) {
    cases.at(&[8, 9, 10], "consumer-group-commits", |run, version| {
        let group = group_at_once(run)?;
        let topic = known_topic(run, &group, "t", 2)?;
        run.ask(version, commit(&group, &topic, ("a", 2), &[0]))?;
        run.ask_quietly(1, &join(&group, "a", &[&topic.name]))?;
        run.ask(version, commit(&group, &topic, ("a", 2), &[0, 1]))?;
        run.ask_quietly(1, &join(&group, "b", &[&topic.name]))?;
        run.ask_quietly(1, &owning(beat(&group, "a", 2), &topic, &[0, 1]))?;
        run.note("a has to give 1 up, and has not yet");
        run.ask(version, commit(&group, &topic, ("a", 2), &[1]))?;
        run.ask_quietly(1, &owning(beat(&group, "a", 2), &topic, &[0]))?;
        run.ask_quietly(1, &beat(&group, "b", 3))?;
        run.note("b has 1 now");
        for (member, partitions) in [
            (("a", 2), vec![0]),
            (("a", 2), vec![1]),
            (("a", 2), vec![0, 1]),
            (("b", 3), vec![1]),
            (("b", 2), vec![1]),
            (("b", 4), vec![1]),
            (("c", 3), vec![1]),
            (("", -1), vec![1]),
        ] {
            run.ask(version, commit(&group, &topic, member, &partitions))?;
        }
        Ok(())
    });
    cases.at(&[8, 9, 10], "consumer-group-fetches", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 1)?;
        run.ask_quietly(1, &join(&group, "a", &[&topic.name]))?;
        run.ask_quietly(9, &commit(&group, &topic, ("a", 2), &[0]))?;
        let fetch = |member: Option<&str>, member_epoch| OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup {
                group_id: group.clone(),
                member_id: member.map(Str::from),
                member_epoch,
                topics: None,
            }],
            ..Default::default()
        };
        run.ask(version, fetch(None, -1))?;
        if version >= 9 {
            for (member, epoch) in
                [(Some("a"), 2), (Some("a"), 1), (Some("a"), 3), (Some("b"), 2), (None, 2), (Some(""), -1)]
            {
                run.ask(version, fetch(member, epoch))?;
            }
        }
        Ok(())
    });
}

/// What members of the classic protocol hear of a consumer group.
fn classic_requests(cases: &mut Cases) {
    cases.at(&[9], "consumer-group-classic-requests", |run, version| {
        let group = run.name("g");
        let topic = known_topic(run, &group, "t", 1)?;
        run.ask_quietly(1, &join(&group, "a", &[&topic.name]))?;
        let heartbeat = |member: &str| HeartbeatRequest {
            group_id: group.clone(),
            generation_id: 2,
            member_id: member.into(),
            group_instance_id: None,
        };
        run.ask(4, heartbeat("a"))?;
        run.ask(4, heartbeat("b"))?;
        let sync = SyncGroupRequest {
            group_id: group.clone(),
            generation_id: 2,
            member_id: Str::from_static("a"),
            protocol_type: Some(Str::from_static("consumer")),
            protocol_name: Some(Str::from_static("range")),
            ..Default::default()
        };
        run.ask(5, sync)?;
        let connect = JoinGroupRequest {
            group_id: group.clone(),
            session_timeout_ms: 300_000,
            rebalance_timeout_ms: 300_000,
            member_id: Str::from_static("x"),
            protocol_type: Str::from_static("connect"),
            protocols: vec![JoinGroupRequestProtocol::default()],
            ..Default::default()
        };
        run.ask(version, connect.clone())?;
        run.ask(
            version,
            JoinGroupRequest {
                protocol_type: Str::from_static("consumer"),
                protocols: Vec::new(),
                ..connect
            },
        )?;
        let member = |id: &'static str| MemberIdentity {
            member_id: Str::from_static(id),
            group_instance_id: None,
            reason: None,
        };
        let leave = LeaveGroupRequest {
            group_id: group.clone(),
            members: vec![member("b"), member("a")],
            ..Default::default()
        };
        run.ask(5, leave)?;
        describe(run, 1, &group)
    });
}
