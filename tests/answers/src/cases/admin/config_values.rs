//! Every kind of setting with values that are and are not allowed.

use ottla_types::ErrorCode;

use super::{
    alter_configs::{SET, change, changed},
    describe_configs::{BROKER, GROUP, TOPIC},
};
use crate::{Cases, Run, Stop};

pub(super) fn add(cases: &mut Cases) {
    for &(name, setting, values) in TOPICS {
        cases.add(format!("topic-setting-{name}"), move |run| {
            let topic = run.topic(1)?;
            try_each(run, TOPIC, &topic.name, setting, values)
        });
    }
    for &(name, setting, values) in GROUPS {
        cases.add(format!("group-setting-{name}"), move |run| {
            let group = run.name("g");
            try_each(run, GROUP, &group, setting, values)
        });
    }
    for (name, broker) in [("of-a-broker", "1"), ("of-all", "")] {
        // From 1, and each time from what was taken last.
        let steps = ["3", "2", "5", "4", "1", "8", "4", "2", "1"];
        cases.add(format!("cleaner-threads-{name}"), move |run| try_in_order(run, broker, &steps));
    }
    cases.add("cleaner-threads-none", |run| try_in_order(run, "1", &["0"]));
    for &(name, setting, values) in BROKERS {
        cases.add(format!("broker-setting-{name}"), move |run| {
            try_each(run, BROKER, "1", setting, values)?;
            try_each(run, BROKER, "", setting, values)
        });
    }
}

/// A name for the case, the setting, and values for it.
type Values = (&'static str, &'static str, &'static [&'static str]);

const TOPICS: &[Values] = &[
    ("boolean", "preallocate", &["true", "FALSE", " true ", "yes", "1", ""]),
    (
        "long",
        "retention.ms",
        &[
            "-1",
            "-2",
            "0",
            "+5",
            " 7 ",
            "1.0",
            "1e3",
            "0x10",
            "9223372036854775807",
            "9223372036854775808",
            "long",
            "",
        ],
    ),
    ("long-at-least-one", "segment.ms", &["1", "0", "-1"]),
    ("int", "max.message.bytes", &["0", "-1", "2147483647", "2147483648", "1k", ""]),
    ("int-at-least-14", "segment.bytes", &["1048576", "1048575", "14", "13", "0"]),
    ("int-index", "index.interval.bytes", &["0", "-1", "4096"]),
    ("short-like", "min.insync.replicas", &["1", "0", "-1", "100", "65536"]),
    ("double", "min.cleanable.dirty.ratio", &["0", "1", "0.5", "1.5", "-0.1", "NaN", "half", ""]),
    (
        "list",
        "cleanup.policy",
        &[
            "delete",
            "compact",
            "compact,delete",
            "delete, compact",
            "",
            ",",
            "none",
            "delete,delete",
            "delete,",
            "Delete",
            "delete,shred",
        ],
    ),
    (
        "list-of-replicas",
        "leader.replication.throttled.replicas",
        &["*", "0:1", "0:1,1:1", "", "none", "0", "a:b", "0:1,*"],
    ),
    ("one-of", "compression.type", &["gzip", "producer", "uncompressed", "none", "GZIP", "brotli", ""]),
    ("one-of-two", "message.timestamp.type", &["CreateTime", "LogAppendTime", "createtime", "Never", ""]),
    ("level-or-minus-one", "compression.gzip.level", &["-1", "1", "9", "0", "10", "-2"]),
    ("level", "compression.zstd.level", &["3", "22", "23", "-131072", "-131073"]),
    ("lz4-level", "compression.lz4.level", &["1", "17", "18", "0"]),
    ("remote", "remote.storage.enable", &["false", "true", "maybe"]),
    ("local-retention", "local.retention.ms", &["-2", "-1", "-3", "5", "604800001"]),
    ("local-retention-bytes", "local.retention.bytes", &["-2", "-1", "-3", "5"]),
    ("lag", "max.compaction.lag.ms", &["1", "0", "9223372036854775807"]),
    ("before-max", "message.timestamp.before.max.ms", &["0", "-1", "1000"]),
];

const GROUPS: &[Values] = &[
    (
        "session-timeout",
        "consumer.session.timeout.ms",
        &["45000", "60000", "44999", "60001", "0", "-1", "x", ""],
    ),
    ("heartbeat-interval", "consumer.heartbeat.interval.ms", &["5000", "15000", "4999", "15001", "0", "x"]),
    ("share-session-timeout", "share.session.timeout.ms", &["45000", "60001", "1", "x"]),
    ("share-heartbeat-interval", "share.heartbeat.interval.ms", &["5000", "15001", "1"]),
    ("share-lock", "share.record.lock.duration.ms", &["30000", "15000", "14999", "60001", "-5"]),
    (
        "share-reset",
        "share.auto.offset.reset",
        &[
            "latest",
            "earliest",
            "by_duration:PT1H",
            "by_duration:P2DT3H4.5S",
            "by_duration:1h",
            "by_duration:PT",
            "none",
            "Latest",
            "",
        ],
    ),
    (
        "share-isolation",
        "share.isolation.level",
        &["read_committed", "read_uncommitted", "READ_COMMITTED", "dirty"],
    ),
    ("streams-standby", "streams.num.standby.replicas", &["0", "1", "2", "3", "-1"]),
    ("streams-session-timeout", "streams.session.timeout.ms", &["45000", "60001", "1"]),
    ("streams-rebalance-delay", "streams.initial.rebalance.delay.ms", &["0", "-1", "3000"]),
    ("unknown", "no.such.setting", &["1"]),
    ("of-a-topic", "retention.ms", &["1"]),
];

const BROKERS: &[Values] = &[
    ("threads", "log.cleaner.threads", &["x", "-1"]),
    ("io-threads", "num.io.threads", &["x", "0", "-1", "100"]),
    ("read-only", "log.dirs", &["/tmp"]),
    ("node-id", "node.id", &["2"]),
    ("broker-id", "broker.id", &["2"]),
    ("roles", "process.roles", &["broker"]),
    ("offsets-topic", "offsets.topic.num.partitions", &["5"]),
    ("segment", "log.segment.bytes", &["x", "3"]),
    ("isr", "min.insync.replicas", &["0", "x"]),
    ("policy", "log.cleanup.policy", &["shred"]),
    ("connections", "max.connections", &["-1", "x"]),
    ("per-ip", "max.connections.per.ip.overrides", &["x", "127.0.0.1:x"]),
    ("level", "compression.gzip.level", &["10"]),
    ("retention", "log.retention.ms", &["-2", "0", "x"]),
];

/// Sets one setting to each of the values, and takes it away again.
fn try_each(
    run: &mut Run,
    resource_type: i8,
    name: &str,
    setting: &str,
    values: &[&str],
) -> Result<(), Stop> {
    for value in values {
        let set = change(vec![changed(resource_type, name, &[(setting, SET, Some(value))])]);
        let answer = run.ask_quietly(1, &set)?;
        for response in &answer.responses {
            let message = response.error_message.as_deref();
            let message = message.map_or("null".into(), |message| format!("{message:?}"));
            run.note(&format!(
                "{resource_type} {name:?} {setting}={value:?}: {:?} {message}",
                response.error_code
            ));
        }
        if answer.responses.iter().all(|response| response.error_code == ErrorCode::NONE) {
            let delete =
                change(vec![changed(resource_type, name, &[(setting, super::alter_configs::DELETE, None)])]);
            run.ask_quietly(1, &delete)?;
        }
    }
    Ok(())
}

/// Sets numbers of cleaner threads one after the other, and takes the last one back.
fn try_in_order(run: &mut Run, broker: &str, steps: &[&str]) -> Result<(), Stop> {
    let setting = "log.cleaner.threads";
    for threads in steps {
        let set = change(vec![changed(BROKER, broker, &[(setting, SET, Some(threads))])]);
        for response in run.ask_quietly(1, &set)?.responses {
            let message = response.error_message.as_deref().unwrap_or("no message");
            run.note(&format!("{threads}: {:?}, {message}", response.error_code));
        }
        run.catch_up()?;
    }
    let delete = [(setting, super::alter_configs::DELETE, None)];
    run.ask_quietly(1, &change(vec![changed(BROKER, broker, &delete)]))?;
    run.catch_up()
}
