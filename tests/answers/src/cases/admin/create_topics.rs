//! CreateTopics that creates, or would.

use ottla_wire::messages::{
    create_topics_request::{CreatableReplicaAssignment, CreatableTopic},
    metadata_request::{MetadataRequest, MetadataRequestTopic},
};

use super::{creatable, create, creation, validation, with_configs};
use crate::{Cases, Run, Stop};

pub(super) fn add(cases: &mut Cases) {
    shapes(cases);
    odd_requests(cases);
    validate_only(cases);
    settings(cases);
    assignments(cases);
}

fn shapes(cases: &mut Cases) {
    cases.at(&[2, 3, 4, 5, 6, 7], "create-topics", |run, version| {
        let topics = vec![creatable(run.name("a"), 3, 1), creatable(run.name("b"), 1, 1)];
        create(run, version, creation(topics)).map(drop)
    });
    cases.at(&[0, 1], "create-topics-old-version", |run, version| {
        run.ask(version, creation(vec![creatable(run.name("a"), 1, 1)])).map(drop)
    });
    cases.at(&[2, 3, 4, 5, 7], "create-topics-with-defaults", |run, version| {
        create(run, version, creation(vec![creatable(run.name("a"), -1, -1)])).map(drop)
    });
    cases.at(&[4, 7], "create-topics-with-one-default", |run, version| {
        let topics = vec![creatable(run.name("a"), -1, 1), creatable(run.name("b"), 2, -1)];
        create(run, version, creation(topics)).map(drop)
    });
    cases.at(&[5, 7], "create-topics-shows-all-settings", |run, version| {
        let topic = with_configs(&run.name("a"), &[("cleanup.policy", Some("compact"))]);
        run.ask(version, creation(vec![topic])).map(drop)
    });
    cases.at(&[2, 5, 7], "create-topics-in-part", |run, version| {
        let topics = vec![
            creatable(run.name("a"), 1, 1),
            creatable("not a name", 1, 1),
            creatable(run.name("b"), 1, 5),
            creatable(run.name("c"), 2, 1),
        ];
        create(run, version, creation(topics)).map(drop)
    });
}

fn odd_requests(cases: &mut Cases) {
    cases.at(&[2, 4, 7], "create-topics-nothing", |run, version| {
        run.ask(version, creation(vec![]))?;
        run.ask(version, validation(vec![])).map(drop)
    });
    cases.at(&[2, 7], "create-topics-twice-the-same", |run, version| {
        let (a, b) = (run.name("a"), run.name("b"));
        let topics = vec![creatable(a.clone(), 1, 1), creatable(b, 1, 1), creatable(a, 2, 1)];
        create(run, version, creation(topics)).map(drop)
    });
    cases.at(&[2, 7], "create-topics-same-as-a-new-one", |run, version| {
        // The second collides with the first of the same request.
        let topics = vec![creatable(run.name("a.b"), 1, 1), creatable(run.name("a_b"), 1, 1)];
        create(run, version, creation(topics)).map(drop)
    });
    cases.add("create-topics-timeouts", |run| {
        for timeout_ms in [i32::MAX, 30_000] {
            let mut request = validation(vec![creatable(run.name("a"), 1, 1)]);
            request.timeout_ms = timeout_ms;
            create(run, 7, request)?;
        }
        Ok(())
    });
}

fn exists(run: &mut Run, suffix: &str) -> Result<(), Stop> {
    let topic = MetadataRequestTopic { name: Some(run.name(suffix)), ..Default::default() };
    run.ask(12, MetadataRequest { topics: Some(vec![topic]), ..Default::default() }).map(drop)
}

fn validate_only(cases: &mut Cases) {
    cases.at(&[2, 4, 5, 7], "create-topics-validate-only", |run, version| {
        let settings = with_configs(&run.name("b"), &[("retention.ms", Some("1000"))]);
        create(run, version, validation(vec![creatable(run.name("a"), 3, 1), settings]))?;
        exists(run, "a")
    });
    cases.at(&[2, 7], "create-topics-validate-only-refused", |run, version| {
        let topic = run.topic(1)?;
        let topics = vec![
            creatable(topic.name, 1, 1),
            creatable("a b", 1, 1),
            creatable(run.name("a"), 0, 1),
            creatable(run.name("b"), 1, 3),
            with_configs(&run.name("c"), &[("retention.ms", Some("long"))]),
        ];
        create(run, version, validation(topics)).map(drop)
    });
}

fn settings(cases: &mut Cases) {
    cases.at(&[2, 5, 7], "create-topics-with-settings", |run, version| {
        let settings = [
            ("cleanup.policy", Some("compact,delete")),
            ("retention.ms", Some("-1")),
            ("max.message.bytes", Some(" 2000 ")),
            ("compression.type", Some("zstd")),
            ("min.cleanable.dirty.ratio", Some("0.25")),
            ("unclean.leader.election.enable", Some("TRUE")),
            ("leader.replication.throttled.replicas", Some("0:1,1:1")),
        ];
        create(run, version, creation(vec![with_configs(&run.name("a"), &settings)])).map(drop)
    });
    cases.at(&[2, 7], "create-topics-setting-twice", |run, version| {
        let settings = [("retention.ms", Some("1000")), ("retention.ms", Some("2000"))];
        create(run, version, creation(vec![with_configs(&run.name("a"), &settings)])).map(drop)
    });
    cases.at(&[2, 7], "create-topics-setting-null", |run, version| {
        let one = with_configs(&run.name("a"), &[("retention.ms", None)]);
        let two =
            with_configs(&run.name("b"), &[("retention.ms", None), ("x", None), ("segment.ms", Some("1"))]);
        create(run, version, creation(vec![one, two])).map(drop)
    });
    cases.at(&[2, 7], "create-topics-setting-unknown", |run, version| {
        let topics = vec![
            with_configs(&run.name("a"), &[("no.such.setting", Some("1"))]),
            with_configs(&run.name("b"), &[("", Some("1"))]),
            with_configs(&run.name("c"), &[("log.retention.ms", Some("1"))]),
            with_configs(&run.name("d"), &[("Retention.ms", Some("1"))]),
        ];
        create(run, version, creation(topics)).map(drop)
    });
}

/// Partitions with their replicas, by hand; counts are left to the broker.
pub(super) fn by_hand(name: impl Into<ottla_types::Str>, assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignment = |&(partition_index, brokers): &(i32, &[i32])| CreatableReplicaAssignment {
        partition_index,
        broker_ids: brokers.to_vec(),
    };
    CreatableTopic { assignments: assignments.iter().map(assignment).collect(), ..creatable(name, -1, -1) }
}

fn assignments(cases: &mut Cases) {
    cases.at(&[2, 4, 7], "create-topics-by-hand", |run, version| {
        let topics = vec![
            by_hand(run.name("a"), &[(0, &[1]), (1, &[1])]),
            by_hand(run.name("b"), &[(1, &[1]), (2, &[1]), (0, &[1])]),
        ];
        create(run, version, creation(topics)).map(drop)
    });
}
