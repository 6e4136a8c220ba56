//! DescribeConfigs: what is set, by whom, and what stands behind it.

use ottla_types::Str;
use ottla_wire::messages::{
    describe_configs_request::{DescribeConfigsRequest, DescribeConfigsResource},
    describe_configs_response::DescribeConfigsResponse,
};

use super::DEFAULT_SOURCE;
use crate::{Cases, Run, Stop, cases::unknown};

pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
pub(super) const BROKER_LOGGER: i8 = 8;
pub(super) const CLIENT_METRICS: i8 = 16;
pub(super) const GROUP: i8 = 32;

pub(super) fn add(cases: &mut Cases) {
    topics(cases);
    keys(cases);
    topics_refused(cases);
    brokers(cases);
    others(cases);
}

/// A resource, and the settings asked for; none means all.
pub(super) fn of(resource_type: i8, name: &str, keys: &[&str]) -> DescribeConfigsResource {
    DescribeConfigsResource {
        resource_type,
        resource_name: name.into(),
        configuration_keys: (!keys.is_empty()).then(|| keys.iter().map(|key| Str::from(*key)).collect()),
    }
}

/// With synonyms, without documentation.
pub(super) fn describe(resources: Vec<DescribeConfigsResource>) -> DescribeConfigsRequest {
    DescribeConfigsRequest { resources, include_synonyms: true, include_documentation: false }
}

/// Records the settings of a resource that are not defaults.
pub(super) fn show_changed(run: &mut Run, resource_type: i8, name: &str) -> Result<(), Stop> {
    run.catch_up()?;
    let request = describe(vec![of(resource_type, name, &[])]);
    let mut answer = run.ask_quietly(4, &request)?;
    for result in &mut answer.results {
        // What the cluster is made with says nothing about the case.
        result
            .configs
            .retain(|config| config.config_source != DEFAULT_SOURCE && config.name != "min.insync.replicas");
    }
    run.record(4, &request, &answer);
    Ok(())
}

fn topics(cases: &mut Cases) {
    cases.at(&[1, 2, 3, 4], "describe-configs-of-a-topic", |run, version| {
        let topic = run.topic_named("t", 1, &[("cleanup.policy", "compact"), ("retention.ms", "-1")])?;
        let only = ["cleanup.policy", "retention.ms", "segment.bytes", "min.insync.replicas", "preallocate"];
        let plain = DescribeConfigsRequest {
            include_synonyms: false,
            ..describe(vec![of(TOPIC, &topic.name, &only)])
        };
        run.ask(version, plain.clone())?;
        run.ask(version, DescribeConfigsRequest { include_synonyms: true, ..plain }).map(drop)
    });
    cases.at(&[1, 4], "describe-configs-all-of-a-topic", |run, version| {
        let topic = run.topic_named("t", 1, &[("retention.ms", "1000")])?;
        run.ask(version, describe(vec![of(TOPIC, &topic.name, &[])])).map(drop)
    });
    cases.at(&[0], "describe-configs-old-version", |run, version| {
        let topic = run.topic(1)?;
        let request =
            DescribeConfigsRequest { include_synonyms: false, ..describe(vec![of(TOPIC, &topic.name, &[])]) };
        run.ask(version, request).map(drop)
    });
    cases.at(&[3, 4], "describe-configs-with-documentation", |run, version| {
        let topic = run.topic(1)?;
        let resources = vec![
            of(TOPIC, &topic.name, &["cleanup.policy", "flush.ms"]),
            of(BROKER, "1", &["log.dirs", "num.io.threads"]),
        ];
        let mut answer = run.ask_quietly(
            version,
            &DescribeConfigsRequest { include_documentation: true, ..describe(resources.clone()) },
        )?;
        hide_places(&mut answer);
        run.record(
            version,
            &DescribeConfigsRequest { include_documentation: true, ..describe(resources) },
            &answer,
        );
        Ok(())
    });
    cases.at(&[1, 4], "describe-configs-of-internal-topics", |run, version| {
        let only = ["cleanup.policy", "compression.type", "segment.bytes", "min.insync.replicas"];
        run.ask(version, describe(vec![of(TOPIC, "__consumer_offsets", &only)])).map(drop)
    });
}

fn keys(cases: &mut Cases) {
    cases.at(&[1, 4], "describe-configs-keys", |run, version| {
        let topic = run.topic(1)?;
        for keys in [
            &["retention.ms"][..],
            &["retention.ms", "no.such.setting", "segment.ms"],
            &["no.such.setting"],
            &["retention.ms", "retention.ms"],
            &["log.retention.ms"],
            &["Retention.Ms"],
            &[""],
        ] {
            run.ask(version, describe(vec![of(TOPIC, &topic.name, keys)]))?;
        }
        Ok(())
    });
    cases.at(&[1, 4], "describe-configs-empty-keys", |run, version| {
        let topic = run.topic(1)?;
        let nothing =
            DescribeConfigsResource { configuration_keys: Some(vec![]), ..of(TOPIC, &topic.name, &[]) };
        let answer = run.ask_quietly(version, &describe(vec![nothing]))?;
        run.note(&format!("{} settings for an empty list", answer.results[0].configs.len()));
        Ok(())
    });
}

fn topics_refused(cases: &mut Cases) {
    cases.at(&[1, 4], "describe-configs-unknown-topic", |run, version| {
        let topic = run.topic(1)?;
        let only = ["retention.ms"];
        let names =
            [&*unknown(), &topic.name, "", "a b", "..", &"x".repeat(300)].map(|name| of(TOPIC, name, &only));
        for one in &names {
            run.ask(version, describe(vec![one.clone()]))?;
        }
        run.ask(version, describe(names.to_vec())).map(drop)
    });
    cases.at(&[1, 4], "describe-configs-twice-the-same", |run, version| {
        let topic = run.topic(1)?;
        let one = |key| of(TOPIC, &topic.name, &[key]);
        run.ask(version, describe(vec![one("retention.ms"), one("retention.ms")]))?;
        run.ask(version, describe(vec![one("retention.ms"), one("segment.ms")])).map(drop)
    });
    cases
        .at(&[1, 4], "describe-configs-nothing", |run, version| run.ask(version, describe(vec![])).map(drop));
    cases.at(&[1, 4], "describe-configs-bad-types", |run, version| {
        for resource_type in [0, 1, 3, 5, 64, 127, -1] {
            run.try_ask(version, describe(vec![of(resource_type, "1", &["retention.ms"])]))?;
        }
        Ok(())
    });
}

fn brokers(cases: &mut Cases) {
    cases.at(&[1, 2, 4], "describe-configs-of-a-broker", |run, version| {
        let only = [
            "log.retention.hours",
            "log.retention.ms",
            "num.io.threads",
            "node.id",
            "process.roles",
            "log.cleaner.threads",
            "ssl.keystore.password",
            "offsets.topic.num.partitions",
            "min.insync.replicas",
            "message.max.bytes",
        ];
        run.ask(version, describe(vec![of(BROKER, "1", &only)])).map(drop)
    });
    cases.add("describe-configs-all-of-a-broker", |run| {
        let request = describe(vec![of(BROKER, "1", &[])]);
        let mut answer = run.ask_quietly(4, &request)?;
        hide_places(&mut answer);
        // Ottla's own settings are nothing Kafka knows.
        answer.results[0].configs.retain(|config| !config.name.starts_with("ottla."));
        run.record(4, &request, &answer);
        Ok(())
    });
    cases.at(&[1, 4], "describe-configs-of-other-brokers", |run, version| {
        for name in ["2", "-1", "one", " 1", "01", "2147483648", "1.0"] {
            run.ask(version, describe(vec![of(BROKER, name, &["num.io.threads"])]))?;
        }
        Ok(())
    });
    cases.at(&[1, 4], "describe-configs-of-all-brokers", |run, version| {
        run.ask(version, describe(vec![of(BROKER, "", &[])]))?;
        run.ask(version, describe(vec![of(BROKER, "", &["num.io.threads"])])).map(drop)
    });
    cases.at(&[1, 4], "describe-configs-of-other-loggers", |run, version| {
        for name in ["", "2", "one"] {
            run.ask(version, describe(vec![of(BROKER_LOGGER, name, &["root"])]))?;
        }
        Ok(())
    });
    cases.add("describe-configs-of-loggers", |run| {
        run.ask(4, describe(vec![of(BROKER_LOGGER, "1", &["root"])])).map(drop)
    });
}

/// Paths and ports are others on every broker.
fn hide_places(answer: &mut DescribeConfigsResponse) {
    let places = ["log.dirs", "listeners", "advertised.listeners", "controller.quorum.bootstrap.servers"];
    for config in answer.results.iter_mut().flat_map(|result| &mut result.configs) {
        if places.contains(&&*config.name) {
            config.value = config.value.take().map(|_| Str::from_static("<place>"));
            config.synonyms.iter_mut().for_each(|synonym| synonym.value = None);
        }
    }
}

fn others(cases: &mut Cases) {
    cases.at(&[1, 4], "describe-configs-of-a-group", |run, version| {
        run.ask(version, describe(vec![of(GROUP, &run.name("g"), &[])])).map(drop)
    });
    cases.at(&[1, 4], "describe-configs-of-group-without-name", |run, version| {
        run.ask(version, describe(vec![of(GROUP, "", &[])])).map(drop)
    });
    cases.at(&[1, 4], "describe-configs-of-client-metrics", |run, version| {
        run.ask(version, describe(vec![of(CLIENT_METRICS, &run.name("m"), &[])]))?;
        run.ask(version, describe(vec![of(CLIENT_METRICS, "", &[])])).map(drop)
    });
    cases.add("describe-configs-of-many-kinds", |run| {
        let topic = run.topic(1)?;
        let resources = vec![
            of(GROUP, &run.name("g"), &["consumer.session.timeout.ms"]),
            of(BROKER, "1", &["num.io.threads"]),
            of(TOPIC, &topic.name, &["retention.ms"]),
            of(BROKER, "3", &["num.io.threads"]),
            of(TOPIC, &unknown(), &["retention.ms"]),
        ];
        run.ask(4, describe(resources)).map(drop)
    });
}
