//! CreatePartitions.

use ottla_wire::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};

use crate::{Cases, cases::unknown};

pub(super) fn add(cases: &mut Cases) {
    good(cases);
    refused(cases);
    assignments(cases);
}

fn to(name: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic { name: name.into(), count, assignments: None }
}

fn more(topics: Vec<CreatePartitionsTopic>) -> CreatePartitionsRequest {
    CreatePartitionsRequest { topics, timeout_ms: 10_000, validate_only: false }
}

fn good(cases: &mut Cases) {
    cases.at(&[0, 1, 2, 3], "create-partitions", |run, version| {
        let (one, other) = (run.topic_named("a", 1, &[])?, run.topic_named("b", 2, &[])?);
        run.ask(version, more(vec![to(&one.name, 3), to(&other.name, 3)]))?;
        run.wait_for_topic(&one.name, 3).map(drop)
    });
    cases.at(&[0, 2, 3], "create-partitions-validate-only", |run, version| {
        let topic = run.topic(1)?;
        let validate =
            |count| CreatePartitionsRequest { validate_only: true, ..more(vec![to(&topic.name, count)]) };
        run.ask(version, validate(5))?;
        run.ask(version, validate(1))?;
        run.wait_for_topic(&topic.name, 1)?;
        run.note("one partition still");
        Ok(())
    });
    cases.at(&[0, 3], "create-partitions-nothing", |run, version| run.ask(version, more(vec![])).map(drop));
}

fn refused(cases: &mut Cases) {
    cases.at(&[0, 3], "create-partitions-bad-counts", |run, version| {
        let topic = run.topic(3)?;
        for count in [3, 2, 1, 0, -1, i32::MIN] {
            run.ask(version, more(vec![to(&topic.name, count)]))?;
        }
        Ok(())
    });
    cases.at(&[0, 3], "create-partitions-unknown", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, more(vec![to(&unknown(), 3), to(&topic.name, 2), to("a b", 2), to("", 2)])).map(drop)
    });
    cases.at(&[0, 3], "create-partitions-twice-the-same", |run, version| {
        let (one, other) = (run.topic_named("a", 1, &[])?, run.topic_named("b", 1, &[])?);
        run.ask(version, more(vec![to(&one.name, 2), to(&other.name, 2), to(&one.name, 3)])).map(drop)
    });
    cases.add("create-partitions-of-internal-topics", |run| {
        let validate = |name| CreatePartitionsRequest { validate_only: true, ..more(vec![to(name, 8)]) };
        run.ask(3, validate("__consumer_offsets"))?;
        run.ask(3, validate("__cluster_metadata")).map(drop)
    });
}

fn assignments(cases: &mut Cases) {
    let given: &[(&str, i32, &[&[i32]])] = &[
        ("good", 3, &[&[1], &[1]]),
        ("too-few", 3, &[&[1]]),
        ("too-many", 2, &[&[1], &[1]]),
        ("none", 2, &[]),
        ("no-brokers", 2, &[&[]]),
        ("unknown-broker", 2, &[&[7]]),
        ("negative-broker", 2, &[&[-1]]),
        ("same-broker-twice", 2, &[&[1, 1]]),
        ("more-replicas", 2, &[&[1, 2]]),
        ("count-not-raised", 1, &[&[1]]),
    ];
    for &(name, count, brokers) in given {
        cases.at(&[0, 3], &format!("create-partitions-by-hand-{name}"), move |run, version| {
            let topic = run.topic(1)?;
            let assignment = |brokers: &&[i32]| CreatePartitionsAssignment { broker_ids: brokers.to_vec() };
            let assignments = Some(brokers.iter().map(assignment).collect());
            run.ask(version, more(vec![CreatePartitionsTopic { assignments, ..to(&topic.name, count) }]))
                .map(drop)
        });
    }
}
