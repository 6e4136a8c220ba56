//! AlterConfigs and IncrementalAlterConfigs on topics: the operations, and what is refused as a whole.

use ottla_types::Str;
use ottla_wire::messages::{
    alter_configs_request::{self as whole, AlterConfigsRequest},
    incremental_alter_configs_request::{
        AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
    },
};

use super::describe_configs::{TOPIC, show_changed};
use crate::{Cases, cases::unknown};

pub(super) const SET: i8 = 0;
pub(super) const DELETE: i8 = 1;
pub(super) const APPEND: i8 = 2;
pub(super) const SUBTRACT: i8 = 3;

pub(super) fn add(cases: &mut Cases) {
    whole_topics(cases);
    whole_topics_refused(cases);
    operations(cases);
    lists(cases);
    incremental_refused(cases);
    doubles(cases);
}

/// Settings with what is to happen to each.
type Changes<'a> = &'a [(&'a str, i8, Option<&'a str>)];

/// The settings a resource is to have.
pub(super) fn replaced(
    resource_type: i8,
    name: &str,
    settings: &[(&str, Option<&str>)],
) -> whole::AlterConfigsResource {
    let config = |&(name, value): &(&str, Option<&str>)| whole::AlterableConfig {
        name: name.into(),
        value: value.map(Str::from),
    };
    whole::AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: settings.iter().map(config).collect(),
    }
}

pub(super) fn replace(resources: Vec<whole::AlterConfigsResource>) -> AlterConfigsRequest {
    AlterConfigsRequest { resources, validate_only: false }
}

/// What is to happen to single settings of a resource.
pub(super) fn changed(resource_type: i8, name: &str, changes: Changes<'_>) -> AlterConfigsResource {
    let config = |&(name, config_operation, value): &(&str, i8, Option<&str>)| AlterableConfig {
        name: name.into(),
        config_operation,
        value: value.map(Str::from),
    };
    AlterConfigsResource {
        resource_type,
        resource_name: name.into(),
        configs: changes.iter().map(config).collect(),
    }
}

pub(super) fn change(resources: Vec<AlterConfigsResource>) -> IncrementalAlterConfigsRequest {
    IncrementalAlterConfigsRequest { resources, validate_only: false }
}

fn whole_topics(cases: &mut Cases) {
    cases.at(&[0, 1, 2], "alter-configs", |run, version| {
        let topic = run.topic_named("t", 1, &[("retention.ms", "1000"), ("segment.ms", "5000")])?;
        let settings = [("retention.ms", Some("2000")), ("cleanup.policy", Some("compact"))];
        run.ask(version, replace(vec![replaced(TOPIC, &topic.name, &settings)]))?;
        show_changed(run, TOPIC, &topic.name)?;
        run.ask(version, replace(vec![replaced(TOPIC, &topic.name, &[])]))?;
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 2], "alter-configs-validate-only", |run, version| {
        let topic = run.topic_named("t", 1, &[("retention.ms", "1000")])?;
        for value in ["2000", "long"] {
            let resources = vec![replaced(TOPIC, &topic.name, &[("retention.ms", Some(value))])];
            run.ask(version, AlterConfigsRequest { validate_only: true, ..replace(resources) })?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 2], "alter-configs-nothing", |run, version| run.ask(version, replace(vec![])).map(drop));
}

fn whole_topics_refused(cases: &mut Cases) {
    cases.at(&[0, 2], "alter-configs-unknown-topic", |run, version| {
        let topic = run.topic(1)?;
        let settings = [("retention.ms", Some("2000"))];
        let of = |name: &str| replaced(TOPIC, name, &settings);
        run.ask(version, replace(vec![of(&unknown()), of(&topic.name)]))?;
        for name in ["", "a b"] {
            run.ask(version, replace(vec![of(name)]))?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 2], "alter-configs-bad-settings", |run, version| {
        let topic = run.topic(1)?;
        for settings in [
            &[("retention.ms", None)][..],
            &[("retention.ms", None), ("segment.ms", Some("1")), ("x", None)],
            &[("no.such.setting", Some("1"))],
            &[("no.such.setting", None)],
            &[("", Some("1"))],
            &[("retention.ms", Some("long"))],
            &[("retention.ms", Some(""))],
            &[("retention.ms", Some("1000")), ("segment.ms", Some("0"))],
            &[("retention.ms", Some("1")), ("retention.ms", Some("2"))],
        ] {
            run.ask(version, replace(vec![replaced(TOPIC, &topic.name, settings)]))?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    // A resource named twice is no case: Kafka never answers.
}

fn operations(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs", |run, version| {
        let topic = run.topic_named("t", 1, &[("retention.ms", "1000"), ("segment.ms", "5000")])?;
        let changes =
            [("retention.ms", SET, Some("2000")), ("segment.ms", DELETE, None), ("flush.ms", SET, Some("7"))];
        run.ask(version, change(vec![changed(TOPIC, &topic.name, &changes)]))?;
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 1], "incremental-alter-configs-delete", |run, version| {
        let topic = run.topic_named("t", 1, &[("retention.ms", "1000")])?;
        for changes in [
            &[("segment.ms", DELETE, None)][..],
            &[("retention.ms", DELETE, Some("77"))],
            &[("no.such.setting", DELETE, None)],
            &[("", DELETE, None)],
        ] {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, changes)]))?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 1], "incremental-alter-configs-validate-only", |run, version| {
        let topic = run.topic(1)?;
        for value in ["2000", "long"] {
            let resources = vec![changed(TOPIC, &topic.name, &[("retention.ms", SET, Some(value))])];
            run.ask(version, IncrementalAlterConfigsRequest { validate_only: true, ..change(resources) })?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 1], "incremental-alter-configs-nothing", |run, version| {
        let topic = run.topic(1)?;
        run.ask(version, change(vec![]))?;
        run.ask(version, change(vec![changed(TOPIC, &topic.name, &[])])).map(drop)
    });
    cases.at(&[0, 1], "incremental-alter-configs-unknown-operation", |run, version| {
        let topic = run.topic(1)?;
        for operation in [4, 99, -1] {
            let changes = [("retention.ms", operation, Some("1"))];
            run.try_ask(version, change(vec![changed(TOPIC, &topic.name, &changes)]))?;
        }
        Ok(())
    });
}

fn lists(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-append", |run, version| {
        let topic = run.topic(1)?;
        for changes in [
            ("cleanup.policy", APPEND, Some("compact")),
            ("cleanup.policy", APPEND, Some("compact")),
            ("leader.replication.throttled.replicas", APPEND, Some("0:1")),
            ("leader.replication.throttled.replicas", APPEND, Some("1:1,0:1,2:1")),
            ("leader.replication.throttled.replicas", APPEND, Some("")),
            ("cleanup.policy", APPEND, Some("shred")),
            ("cleanup.policy", APPEND, Some(" delete")),
            ("leader.replication.throttled.replicas", APPEND, Some("3:1,")),
        ] {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, &[changes])]))?;
            show_changed(run, TOPIC, &topic.name)?;
        }
        Ok(())
    });
    cases.at(&[0, 1], "incremental-alter-configs-subtract", |run, version| {
        let topic = run.topic_named("t", 1, &[("leader.replication.throttled.replicas", "0:1,1:1,2:1")])?;
        for changes in [
            ("leader.replication.throttled.replicas", SUBTRACT, Some("1:1")),
            ("leader.replication.throttled.replicas", SUBTRACT, Some("9:1")),
            ("leader.replication.throttled.replicas", SUBTRACT, Some("0:1,2:1")),
            ("cleanup.policy", SUBTRACT, Some("compact")),
            ("cleanup.policy", SUBTRACT, Some("delete")),
        ] {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, &[changes])]))?;
            show_changed(run, TOPIC, &topic.name)?;
        }
        Ok(())
    });
    cases.at(&[0, 1], "incremental-alter-configs-append-to-no-list", |run, version| {
        let topic = run.topic(1)?;
        for (name, operation) in
            [("retention.ms", APPEND), ("compression.type", SUBTRACT), ("no.such.setting", APPEND)]
        {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, &[(name, operation, Some("1"))])]))?;
        }
        Ok(())
    });
}

fn incremental_refused(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-unknown-topic", |run, version| {
        let topic = run.topic(1)?;
        let of = |name: &str| changed(TOPIC, name, &[("retention.ms", SET, Some("2000"))]);
        run.ask(version, change(vec![of(&unknown()), of(&topic.name)]))?;
        for name in ["", "a b"] {
            run.ask(version, change(vec![of(name)]))?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 1], "incremental-alter-configs-null", |run, version| {
        let topic = run.topic(1)?;
        for changes in [
            &[("retention.ms", SET, None)][..],
            &[("cleanup.policy", APPEND, None)],
            &[("cleanup.policy", SUBTRACT, None)],
            &[("retention.ms", SET, None), ("segment.ms", SET, Some("1")), ("flush.ms", SET, None)],
            &[("no.such.setting", SET, None)],
        ] {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, changes)]))?;
        }
        Ok(())
    });
    cases.at(&[0, 1], "incremental-alter-configs-one-bad-among-good", |run, version| {
        let topic = run.topic(1)?;
        let changes = [("retention.ms", SET, Some("1000")), ("segment.ms", SET, Some("-5"))];
        run.ask(version, change(vec![changed(TOPIC, &topic.name, &changes)]))?;
        let changes = [("retention.ms", SET, Some("1000")), ("no.such.setting", SET, Some("1"))];
        run.ask(version, change(vec![changed(TOPIC, &topic.name, &changes)]))?;
        show_changed(run, TOPIC, &topic.name)
    });
}

fn doubles(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-setting-twice", |run, version| {
        let topic = run.topic(1)?;
        for changes in [
            &[("retention.ms", SET, Some("1")), ("retention.ms", SET, Some("2"))][..],
            &[("cleanup.policy", APPEND, Some("compact")), ("cleanup.policy", SUBTRACT, Some("delete"))],
        ] {
            run.ask(version, change(vec![changed(TOPIC, &topic.name, changes)]))?;
        }
        show_changed(run, TOPIC, &topic.name)
    });
    cases.at(&[0, 1], "incremental-alter-configs-twice-the-same", |run, version| {
        let (one, other) = (run.topic_named("a", 1, &[])?, run.topic_named("b", 1, &[])?);
        let of = |name: &str, value| changed(TOPIC, name, &[("retention.ms", SET, Some(value))]);
        let resources = vec![of(&one.name, "1000"), of(&other.name, "2000"), of(&one.name, "3000")];
        run.ask(version, change(resources))?;
        show_changed(run, TOPIC, &one.name)?;
        show_changed(run, TOPIC, &other.name)
    });
}
