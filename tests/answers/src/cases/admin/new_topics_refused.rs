//! CreateTopics that is refused.

use ottla_wire::messages::create_topics_request::CreatableTopic;

use super::{creatable, create, create_topics::by_hand, creation, validation, with_configs};
use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    names(cases);
    counts(cases);
    assignments(cases);
    order(cases);
}

fn names(cases: &mut Cases) {
    cases.at(&[2, 5, 7], "create-topics-bad-names", |run, version| {
        let (most, more) = ("x".repeat(249), "x".repeat(250));
        for name in ["", ".", "..", "...", "a b", "a/b", "a,b", "ä", "a\nb", &most, &more] {
            create(run, version, validation(vec![creatable(name, 1, 1)]))?;
        }
        Ok(())
    });
    cases.at(&[2, 5, 7], "create-topics-exists", |run, version| {
        let topic = run.topic(1)?;
        let topics = vec![creatable(topic.name, 1, 1), creatable(run.name("other"), 1, 1)];
        create(run, version, creation(topics)).map(drop)
    });
    cases.at(&[2, 7], "create-topics-collides", |run, version| {
        let topic = run.topic_named("a.b_c", 1, &[])?;
        let base = topic.name.strip_suffix("a.b_c").unwrap_or_default().to_owned();
        for other in ["a_b_c", "a.b.c", "a_b.c", "a.b_c"] {
            create(run, version, validation(vec![creatable(format!("{base}{other}"), 1, 1)]))?;
        }
        Ok(())
    });
    cases.at(&[2, 7], "create-topics-internal", |run, version| {
        for name in ["__cluster_metadata", "__consumer_offsets", "__transaction_state", "__share_group_state"]
        {
            create(run, version, validation(vec![creatable(name, 1, 1)]))?;
        }
        Ok(())
    });
}

fn counts(cases: &mut Cases) {
    cases.at(&[2, 4, 7], "create-topics-bad-partitions", |run, version| {
        for count in [0, -2, i32::MIN] {
            create(run, version, creation(vec![creatable(run.name("a"), count, 1)]))?;
        }
        Ok(())
    });
    cases.at(&[2, 4, 7], "create-topics-bad-replication", |run, version| {
        for factor in [0, -2, 2, 100, i16::MAX, i16::MIN] {
            create(run, version, creation(vec![creatable(run.name("a"), 1, factor)]))?;
        }
        Ok(())
    });
    cases.at(&[2, 7], "create-topics-too-many-partitions", |run, version| {
        create(run, version, creation(vec![creatable(run.name("a"), 10_001, 1)]))?;
        create(run, version, creation(vec![creatable(run.name("a"), i32::MAX, 1)]))?;
        let two = vec![creatable(run.name("a"), 6_000, 1), creatable(run.name("b"), 6_000, 1)];
        create(run, version, creation(two)).map(drop)
    });
}

/// A name for the case, and partitions with their brokers.
type Assigned = (&'static str, &'static [(i32, &'static [i32])]);

fn assignments(cases: &mut Cases) {
    let bad: &[Assigned] = &[
        ("unknown-broker", &[(0, &[1]), (1, &[7])]),
        ("negative-broker", &[(0, &[-1])]),
        ("same-broker-twice", &[(0, &[1, 1])]),
        ("broker-twice-and-unknown", &[(0, &[9, 9, 1])]),
        ("no-brokers", &[(0, &[])]),
        ("no-brokers-later", &[(0, &[1]), (1, &[])]),
        ("of-two-sizes", &[(0, &[1]), (1, &[1, 1])]),
        ("begins-at-one", &[(1, &[1])]),
        ("with-a-gap", &[(0, &[1]), (2, &[1])]),
        ("negative-partition", &[(-1, &[1]), (0, &[1])]),
        ("partition-twice", &[(0, &[1]), (0, &[1])]),
    ];
    for &(name, assigned) in bad {
        cases.at(&[2, 7], &format!("create-topics-by-hand-{name}"), move |run, version| {
            create(run, version, creation(vec![by_hand(run.name("a"), assigned)])).map(drop)
        });
    }
    cases.at(&[2, 7], "create-topics-by-hand-and-counts", |run, version| {
        for (num_partitions, replication_factor) in [(1, -1), (-1, 1), (1, 1), (0, 0)] {
            let given = by_hand(run.name("a"), &[(0, &[1])]);
            let topic = CreatableTopic { num_partitions, replication_factor, ..given };
            create(run, version, creation(vec![topic]))?;
        }
        Ok(())
    });
}

/// Of several mistakes one is answered.
fn order(cases: &mut Cases) {
    cases.at(&[2, 7], "create-topics-several-mistakes", |run, version| {
        let topic = run.topic(1)?;
        let settings = with_configs(&topic.name, &[("retention.ms", Some("long"))]);
        let topics = vec![
            CreatableTopic { num_partitions: 0, replication_factor: 9, ..settings.clone() },
            CreatableTopic {
                name: run.name("a"),
                num_partitions: 0,
                replication_factor: 9,
                ..settings.clone()
            },
            CreatableTopic { name: run.name("b"), replication_factor: 9, ..settings.clone() },
            CreatableTopic {
                name: run.name("c"),
                num_partitions: 0,
                replication_factor: 9,
                ..Default::default()
            },
            CreatableTopic { name: "a b".into(), num_partitions: 0, ..settings },
        ];
        create(run, version, creation(topics)).map(drop)
    });
    cases.at(&[2, 7], "create-topics-twice-and-internal", |run, version| {
        let topics = vec![
            creatable("__cluster_metadata", 1, 1),
            creatable("a b", 1, 1),
            creatable(run.name("a"), 1, 1),
            creatable("a b", 1, 1),
        ];
        create(run, version, validation(topics)).map(drop)
    });
}
