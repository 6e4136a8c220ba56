//! I13, I14: names nobody should have.

use ottla_hostile::{Broker, MIB, create};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    find_coordinator_request::FindCoordinatorRequest,
    init_producer_id_request::InitProducerIdRequest,
    join_group_request::{JoinGroupRequest, JoinGroupRequestProtocol},
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
};

#[test]
fn i13_names_of_topics() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let bad = [
        "",
        ".",
        "..",
        &"x".repeat(250),
        "a/b",
        "../../etc/passwd",
        "a\0b",
        "a b",
        "ä",
        "a\nb",
        "a:b",
        "-\\-",
    ];
    let names: Vec<String> = bad.iter().map(|name| (*name).to_owned()).collect();
    for (name, code) in names.iter().zip(create(&mut wire, &names, 1, &[])) {
        assert_eq!(code, ErrorCode::INVALID_TOPIC_EXCEPTION, "{name:?}");
    }
    let longest = "x".repeat(249);
    assert_eq!(create(&mut wire, &[longest, "...".into(), "a.b".into()], 1, &[]), [ErrorCode::NONE; 3]);
    // The two would share the names of their metrics.
    assert_eq!(create(&mut wire, &["a_b".into()], 1, &[]), [ErrorCode::INVALID_TOPIC_EXCEPTION]);
    assert_eq!(create(&mut wire, &["__cluster_metadata".into()], 1, &[]), [ErrorCode::INVALID_REQUEST]);
    broker.finish("i13", 32 * MIB);
}

#[test]
fn i14_ids_of_groups_members_and_transactions() {
    let broker = Broker::start();
    let mut wire = broker.connect();
    let ids = ["x".repeat(32_767), "a\0b".into(), "a\nb".into(), "ä".repeat(16_000), String::new()];
    for id in &ids {
        let find = FindCoordinatorRequest { coordinator_keys: vec![id.clone().into()], ..Default::default() };
        assert_eq!(wire.ask(4, &find).coordinators.len(), 1);
        let join = JoinGroupRequest {
            group_id: id.clone().into(),
            session_timeout_ms: 10_000,
            rebalance_timeout_ms: 10_000,
            protocol_type: id.clone().into(),
            protocols: vec![JoinGroupRequestProtocol {
                name: id.clone().into(),
                metadata: bytes::Bytes::new(),
            }],
            ..Default::default()
        };
        let answer = wire.ask(5, &join);
        assert_eq!(
            answer.error_code == ErrorCode::INVALID_GROUP_ID,
            id.is_empty(),
            "{:?}",
            answer.error_code
        );
        let topic = OffsetCommitRequestTopic {
            name: "probe".into(),
            partitions: vec![OffsetCommitRequestPartition { committed_offset: 1, ..Default::default() }],
            ..Default::default()
        };
        let commit = OffsetCommitRequest {
            group_id: format!("commit-{}", &id.chars().take(30_000).collect::<String>())
                .chars()
                .take(15_000)
                .collect::<String>()
                .into(),
            generation_id_or_member_epoch: -1,
            topics: vec![topic],
            ..Default::default()
        };
        assert_eq!(wire.ask(8, &commit).topics[0].partitions[0].error_code, ErrorCode::NONE);
        let init = InitProducerIdRequest {
            transactional_id: Some(id.clone().into()),
            transaction_timeout_ms: 1000,
            ..Default::default()
        };
        assert!(!broker.is_ottla() || !wire.ask(4, &init).error_code.is_ok(), "transactions come later");
    }
    broker.finish("i14", 32 * MIB);
}
