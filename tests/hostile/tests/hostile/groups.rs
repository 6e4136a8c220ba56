//! I25: groups and members in numbers.

use bytes::Bytes;
use ottla_hostile::{Broker, MIB, Wire, scaled};
use ottla_testkit::until;
use ottla_types::{ErrorCode, Str};
use ottla_wire::messages::{
    find_coordinator_request::FindCoordinatorRequest,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    join_group_response::JoinGroupResponse,
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
};

fn join(group: &str, member: Str, metadata: Bytes) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: group.to_owned().into(),
        session_timeout_ms: 30_000,
        rebalance_timeout_ms: 30_000,
        member_id: member,
        protocol_type: "consumer".into(),
        protocols: vec![JoinGroupRequestProtocol { name: "range".into(), metadata }],
        ..Default::default()
    }
}

/// Waits until groups can be joined at all.
fn ready(wire: &mut Wire) {
    let find = FindCoordinatorRequest { coordinator_keys: vec!["g".into()], ..Default::default() };
    until("a coordinator", std::time::Duration::from_secs(30), || {
        wire.ask(4, &find).coordinators[0].error_code.is_ok().then_some(())
    });
    until("a coordinator that has loaded", std::time::Duration::from_secs(30), || {
        let answer = wire.ask(5, &join("ready", Str::new(), Bytes::new()));
        (answer.error_code == ErrorCode::MEMBER_ID_REQUIRED).then_some(())
    });
}

#[test]
fn i25_a_group_has_no_more_members_than_group_max_size() {
    let broker =
        Broker::start_with(&[("group.max.size", "10"), ("group.initial.rebalance.delay.ms", "1000")]);
    let mut wire = broker.connect();
    ready(&mut wire);
    let mut waiting = Vec::new();
    for _ in 0..30 {
        let mut member = broker.connect();
        let id = member.ask(5, &join("g", Str::new(), Bytes::new())).member_id;
        let correlation = member.post(5, &join("g", id, Bytes::new()));
        waiting.push((member, correlation));
    }
    let mut codes = Vec::new();
    for (member, correlation) in &mut waiting {
        let answer: Result<JoinGroupResponse, _> = member.answer::<JoinGroupRequest>(5, *correlation);
        codes.push(answer.expect("answered").error_code);
    }
    assert_eq!(codes.iter().filter(|code| code.is_ok()).count(), 10, "{codes:?}");
    let full = codes.iter().filter(|code| **code == ErrorCode::GROUP_MAX_SIZE_REACHED).count();
    assert_eq!(full, 20, "{codes:?}");
    broker.finish("i25.members", 32 * MIB);
}

/// Ids that were given out and never come back, and groups nobody else is in.
#[test]
fn i25_floods_of_member_ids_and_of_groups_are_bounded() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    ready(&mut wire);
    let flood = scaled(12_000, 50_000);
    let mut given = 0;
    for chunk in (0..flood).collect::<Vec<_>>().chunks(50) {
        let posted: Vec<i32> =
            chunk.iter().map(|_| wire.post(5, &join("g", Str::new(), Bytes::new()))).collect();
        for correlation in posted {
            let answer = wire.answer::<JoinGroupRequest>(5, correlation).expect("answered");
            given += usize::from(answer.error_code == ErrorCode::MEMBER_ID_REQUIRED);
        }
    }
    assert!(given <= 10_000 || !broker.is_ottla(), "{given} ids are waited for");
    let commit = |group: String| {
        let topic = OffsetCommitRequestTopic {
            name: "probe".into(),
            partitions: vec![OffsetCommitRequestPartition { committed_offset: 1, ..Default::default() }],
            ..Default::default()
        };
        OffsetCommitRequest {
            group_id: group.into(),
            generation_id_or_member_epoch: -1,
            topics: vec![topic],
            ..Default::default()
        }
    };
    let groups: Vec<String> = (0..scaled(2_000, 100_000)).map(|n| format!("group-{n}")).collect();
    for chunk in groups.chunks(50) {
        let posted: Vec<i32> = chunk.iter().map(|group| wire.post(8, &commit(group.clone()))).collect();
        for correlation in posted {
            let answer = wire.answer::<OffsetCommitRequest>(8, correlation).expect("answered");
            assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::NONE);
        }
    }
    broker.finish("i25.groups", scaled(48, 256) * MIB);
}

/// Metadata of members is kept while they are members: what could never be written to the group's log is refused.
#[test]
fn i25_members_bring_no_more_than_the_log_of_groups_takes() {
    let broker = Broker::start_with(&[("group.initial.rebalance.delay.ms", "60000")]);
    let mut wire = broker.connect();
    ready(&mut wire);
    let huge = Bytes::from(vec![0; 20 << 20]);
    let mut waiting = Vec::new();
    for n in 0..scaled(20, 100) {
        let mut member = broker.connect();
        // Version 3 gives no ids first: the member waits in the group at once.
        member.post(3, &join(&format!("huge-{n}"), Str::new(), huge.clone()));
        waiting.push(member);
    }
    broker.probe().is_served();
    broker.finish("i25.metadata", 200 * MIB);
    drop(waiting);
}
