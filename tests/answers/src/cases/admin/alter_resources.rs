//! Changes to the settings of brokers, loggers, groups and client metrics.

use super::{
    alter_configs::{APPEND, DELETE, SET, SUBTRACT, change, changed, replace, replaced},
    describe_configs::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC, describe, of, show_changed},
};
use crate::Cases;

pub(super) fn add(cases: &mut Cases) {
    brokers(cases);
    other_brokers(cases);
    loggers(cases);
    groups(cases);
    client_metrics(cases);
    kinds(cases);
}

/// A dynamic setting that changes nothing the other cases see.
const HARMLESS: &str = "log.cleaner.backoff.ms";

fn brokers(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-of-a-broker", |run, version| {
        run.ask(version, change(vec![changed(BROKER, "1", &[(HARMLESS, SET, Some("15001"))])]))?;
        run.ask_until(4, describe(vec![of(BROKER, "1", &[HARMLESS])]), |answer| {
            answer.results[0].configs[0].value.as_deref() == Some("15001")
        })?;
        run.ask(version, change(vec![changed(BROKER, "", &[(HARMLESS, SET, Some("15002"))])]))?;
        run.ask_until(4, describe(vec![of(BROKER, "1", &[HARMLESS])]), |answer| {
            answer.results[0].configs[0].synonyms.len() == 3
        })?;
        run.ask(4, describe(vec![of(BROKER, "", &[HARMLESS])]))?;
        for name in ["1", ""] {
            run.ask(version, change(vec![changed(BROKER, name, &[(HARMLESS, DELETE, None)])]))?;
        }
        Ok(())
    });
    cases.add("alter-configs-of-a-broker", |run| {
        run.ask(2, replace(vec![replaced(BROKER, "1", &[(HARMLESS, Some("15001"))])]))?;
        run.ask(2, replace(vec![replaced(BROKER, "1", &[("log.dirs", Some("/tmp"))])]))?;
        run.ask(2, replace(vec![replaced(BROKER, "1", &[])]))?;
        run.ask_until(4, describe(vec![of(BROKER, "1", &[HARMLESS])]), |answer| {
            answer.results[0].configs[0].value.as_deref() == Some("15000")
        })?;
        Ok(())
    });
    cases.add("topic-settings-from-brokers", |run| {
        let topic = run.topic(1)?;
        let setting = "log.index.size.max.bytes";
        run.ask(1, change(vec![changed(BROKER, "", &[(setting, SET, Some("2000000"))])]))?;
        run.ask_until(4, describe(vec![of(TOPIC, &topic.name, &["segment.index.bytes"])]), |answer| {
            answer.results[0].configs[0].value.as_deref() == Some("2000000")
        })?;
        run.ask(1, change(vec![changed(BROKER, "", &[(setting, DELETE, None)])]))?;
        run.ask_until(4, describe(vec![of(TOPIC, &topic.name, &["segment.index.bytes"])]), |answer| {
            answer.results[0].configs[0].value.as_deref() != Some("2000000")
        })?;
        Ok(())
    });
    cases.add("broker-settings-refused", |run| {
        for name in ["1", ""] {
            for changes in [
                &[("no.such.setting", SET, Some("1"))][..],
                &[("retention.ms", SET, Some("1"))],
                &[("", SET, Some("1"))],
                &[("advertised.listeners", SET, Some("nonsense"))],
                &[("listener.name.plaintext.ssl.keystore.location", SET, Some("/nowhere"))],
                &[("ssl.keystore.location", SET, Some("/nowhere"))],
                &[("num.io.threads", APPEND, Some("1"))],
                &[("num.io.threads", SUBTRACT, Some("1"))],
                &[("log.cleanup.policy", SUBTRACT, Some("compact"))],
                &[(HARMLESS, SET, None)],
                &[(HARMLESS, SET, Some("x"))],
                &[("node.id", DELETE, None)],
            ] {
                run.ask(1, change(vec![changed(BROKER, name, changes)]))?;
                for (setting, ..) in changes.iter().filter(|(setting, ..)| !setting.is_empty()) {
                    run.ask_quietly(1, &change(vec![changed(BROKER, name, &[(setting, DELETE, None)])]))?;
                }
            }
        }
        Ok(())
    });
}

fn other_brokers(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-of-other-brokers", |run, version| {
        for name in ["2", "-1", "one", " 1", "01", "2147483648"] {
            run.ask(version, change(vec![changed(BROKER, name, &[("no.such.setting", DELETE, None)])]))?;
        }
        Ok(())
    });
    cases.at(&[0, 2], "alter-configs-of-other-brokers", |run, version| {
        for name in ["2", "one"] {
            run.ask(version, replace(vec![replaced(BROKER, name, &[("retention.ms", Some("x"))])]))?;
        }
        Ok(())
    });
}

fn loggers(cases: &mut Cases) {
    cases.add("incremental-alter-configs-of-loggers", |run| {
        for (name, changes) in [
            ("", &[("kafka.server.KafkaApis", SET, Some("INFO"))][..]),
            ("2", &[("kafka.server.KafkaApis", SET, Some("INFO"))]),
            ("one", &[("kafka.server.KafkaApis", SET, Some("INFO"))]),
            ("1", &[("no.such.logger", SET, Some("INFO"))]),
            ("1", &[("no.such.logger", APPEND, Some("INFO"))]),
            ("1", &[("no.such.logger", SET, None)]),
            ("1", &[]),
        ] {
            run.ask(1, change(vec![changed(BROKER_LOGGER, name, changes)]))?;
        }
        Ok(())
    });
    cases.add("alter-configs-of-loggers", |run| {
        for name in ["1", "2", ""] {
            run.ask(
                2,
                replace(vec![replaced(BROKER_LOGGER, name, &[("kafka.server.KafkaApis", Some("INFO"))])]),
            )?;
        }
        Ok(())
    });
}

fn groups(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-of-a-group", |run, version| {
        let group = run.name("g");
        let changes = [
            ("consumer.session.timeout.ms", SET, Some("50000")),
            ("share.auto.offset.reset", SET, Some("earliest")),
        ];
        run.ask(version, change(vec![changed(GROUP, &group, &changes)]))?;
        show_changed(run, GROUP, &group)?;
        let changes = [("consumer.session.timeout.ms", DELETE, None), ("no.such.setting", DELETE, None)];
        run.ask(version, change(vec![changed(GROUP, &group, &changes)]))?;
        show_changed(run, GROUP, &group)
    });
    cases.at(&[0, 2], "alter-configs-of-a-group", |run, version| {
        let group = run.name("g");
        run.ask(
            version,
            replace(vec![replaced(GROUP, &group, &[("consumer.session.timeout.ms", Some("50000"))])]),
        )?;
        show_changed(run, GROUP, &group)?;
        run.ask(version, replace(vec![replaced(GROUP, &group, &[])]))?;
        show_changed(run, GROUP, &group)
    });
    cases.add("group-settings-without-a-name", |run| {
        run.ask(1, change(vec![changed(GROUP, "", &[("consumer.session.timeout.ms", SET, Some("50000"))])]))?;
        run.ask(2, replace(vec![replaced(GROUP, "", &[("consumer.session.timeout.ms", Some("50000"))])]))
            .map(drop)
    });
    cases.add("group-settings-that-go-together", |run| {
        let group = run.name("g");
        for changes in [
            // A session must be longer than the interval of heartbeats.
            &[
                ("consumer.session.timeout.ms", SET, Some("45000")),
                ("consumer.heartbeat.interval.ms", SET, Some("15000")),
            ][..],
            &[
                ("share.session.timeout.ms", SET, Some("45000")),
                ("share.heartbeat.interval.ms", SET, Some("15000")),
            ],
            &[("share.heartbeat.interval.ms", APPEND, Some("1"))],
        ] {
            run.ask(1, change(vec![changed(GROUP, &group, changes)]))?;
        }
        show_changed(run, GROUP, &group)
    });
}

fn client_metrics(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-of-client-metrics", |run, version| {
        let name = run.name("m");
        let changes = [
            ("interval.ms", SET, Some("1000")),
            ("metrics", SET, Some("org.apache.kafka.producer.,org.apache.kafka.consumer.")),
            ("match", SET, Some("client_software_name=apache-kafka-java")),
        ];
        run.ask(version, change(vec![changed(CLIENT_METRICS, &name, &changes)]))?;
        show_changed(run, CLIENT_METRICS, &name)?;
        let changes = [("metrics", SUBTRACT, Some("org.apache.kafka.consumer.")), ("match", DELETE, None)];
        run.ask(version, change(vec![changed(CLIENT_METRICS, &name, &changes)]))?;
        show_changed(run, CLIENT_METRICS, &name)
    });
    cases.add("client-metrics-refused", |run| {
        let name = run.name("m");
        for changes in [
            ("interval.ms", SET, Some("99")),
            ("interval.ms", SET, Some("3600001")),
            ("interval.ms", SET, Some("x")),
            ("interval.ms", SET, None),
            ("match", SET, Some("no_such_thing=x")),
            ("match", SET, Some("client_id")),
            ("match", SET, Some("client_id=[")),
            ("no.such.setting", SET, Some("1")),
            ("interval.ms", APPEND, Some("1")),
        ] {
            run.ask(1, change(vec![changed(CLIENT_METRICS, &name, &[changes])]))?;
        }
        run.ask(1, change(vec![changed(CLIENT_METRICS, "", &[("interval.ms", SET, Some("1000"))])])).map(drop)
    });
}

fn kinds(cases: &mut Cases) {
    cases.at(&[0, 1], "incremental-alter-configs-bad-types", |run, version| {
        for kind in [0, 1, 3, 64, 127, -1] {
            run.try_ask(version, change(vec![changed(kind, "1", &[("retention.ms", SET, Some("1"))])]))?;
        }
        Ok(())
    });
    cases.at(&[0, 2], "alter-configs-bad-types", |run, version| {
        for kind in [0, 3, 64, -1] {
            run.try_ask(version, replace(vec![replaced(kind, "1", &[("retention.ms", Some("1"))])]))?;
        }
        Ok(())
    });
    cases.add("incremental-alter-configs-of-many-kinds", |run| {
        let (topic, group) = (run.topic(1)?, run.name("g"));
        let resources = vec![
            changed(GROUP, &group, &[("consumer.session.timeout.ms", SET, Some("50000"))]),
            changed(TOPIC, &topic.name, &[("retention.ms", SET, Some("x"))]),
            changed(BROKER, "7", &[("num.io.threads", SET, Some("9"))]),
            changed(0, "", &[]),
            changed(BROKER_LOGGER, "1", &[("no.such.logger", SET, Some("INFO"))]),
        ];
        run.ask(1, change(resources))?;
        show_changed(run, GROUP, &group)
    });
}
