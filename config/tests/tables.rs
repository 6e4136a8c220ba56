//! The tables against the facts of Kafka 4.3, and files as users write them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use ottla_config::{
    BrokerConfig, ConfigFileError, Layers, Properties, Scope, Setting, Settings, Source, Synonym, Table,
    TopicConfig,
};

/// The official facts, or `None` outside CI when they are not there.
fn facts(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let folder = std::env::var_os("OTTLA_CONFIGS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/reference/configs"),
        PathBuf::from,
    );
    let path = folder.join(name);
    let Ok(text) = fs::read_to_string(&path) else {
        assert!(std::env::var_os("CI").is_none(), "{} is missing: set OTTLA_CONFIGS", path.display());
        return None;
    };
    let mut lines = text.lines();
    let columns: Vec<&str> = lines.next()?.split('\t').collect();
    let row = |line: &str| {
        let values = line.split('\t').chain(std::iter::repeat(""));
        columns.iter().zip(values).map(|(c, v)| ((*c).to_owned(), v.to_owned())).collect()
    };
    Some(lines.map(row).collect())
}

#[test]
fn every_table_agrees_with_the_facts() {
    let scopes = [
        (Scope::Broker, "broker"),
        (Scope::Topic, "topic"),
        (Scope::Group, "group"),
        (Scope::Producer, "producer"),
        (Scope::Consumer, "consumer"),
        (Scope::Admin, "admin"),
        (Scope::Streams, "streams"),
        (Scope::ConnectDistributed, "connect-distributed"),
        (Scope::ConnectConnector, "connect-connector"),
        (Scope::ConnectSink, "connect-sink"),
        (Scope::ConnectSource, "connect-source"),
    ];
    for (scope, name) in scopes {
        let Some(rows) = facts(&format!("{name}.tsv")) else { return };
        let table = Table::of(scope);
        assert_eq!(table.iter().count(), rows.len(), "{name}");
        for row in rows {
            let setting = table.get(&row["name"]).unwrap_or_else(|| panic!("{name}: {}", row["name"]));
            assert_eq!(setting.kind.name(), row["type"], "{name}: {}", row["name"]);
            let default = match row["default"].as_str() {
                "null" | "(required)" => None,
                other => Some(other.to_owned()),
            };
            assert_eq!(setting.default.map(str::to_owned), default, "{name}: {}", row["name"]);
            assert_eq!(setting.importance, row["importance"], "{name}: {}", row["name"]);
            // The facts print some validators as Java objects with an address.
            let plain = |text: &str| text.split('@').next().unwrap_or_default().to_owned();
            assert_eq!(plain(setting.valid_text), plain(&row["valid"]), "{name}: {}", row["name"]);
        }
    }
}

#[test]
fn descriptions_agree_with_a_running_kafka() {
    let Some(rows) = facts("described-topic.tsv") else { return };
    let none = Settings::new();
    let cluster: Settings = [("min.insync.replicas".to_owned(), "1".to_owned())].into();
    let layers = Layers { broker: &none, cluster: &cluster, file: &none };
    for row in rows {
        let setting = Table::of(Scope::Topic).get(&row["name"]).unwrap();
        let described = layers.resource(Scope::Topic, setting, &none);
        let sources = ["", "TOPIC_CONFIG", "", "DYNAMIC_DEFAULT_BROKER_CONFIG", "", "DEFAULT_CONFIG"];
        assert_eq!(sources[described.source as usize], row["source"], "{}", row["name"]);
        if row["name"] == "flush.messages" {
            // The one default that is ours: flushed before acknowledged.
            assert_eq!(described.value.as_deref(), Some("1"));
            continue;
        }
        assert_eq!(described.value.unwrap_or("null".into()), row["value"], "{}", row["name"]);
        let names: Vec<String> = described.synonyms.iter().map(|s| s.name.clone()).collect();
        let expected: Vec<String> = row["synonyms"]
            .split(',')
            .filter(|s| s.contains('@'))
            .filter_map(|s| s.split_once('=').map(|(name, _)| name.to_owned()))
            .collect();
        assert_eq!(names, expected, "{}", row["name"]);
    }
}

#[test]
fn read_only_and_secret_settings_are_known() {
    let Some(rows) = facts("described-broker.tsv") else { return };
    for row in rows {
        let setting = Table::of(Scope::Broker).get(&row["name"]).unwrap();
        assert_eq!((!setting.dynamic).to_string(), row["read_only"], "{}", row["name"]);
        assert_eq!(setting.sensitive.to_string(), row["sensitive"], "{}", row["name"]);
    }
}

#[test]
fn every_setting_is_documented() {
    let scopes = [Scope::Broker, Scope::Topic, Scope::Group, Scope::Producer, Scope::Consumer, Scope::Admin];
    for scope in scopes {
        for Setting { name, documentation, .. } in Table::of(scope).iter() {
            let length = documentation.chars().count();
            assert!((20..=400).contains(&length), "{scope:?} {name}: {length} characters");
            assert!(documentation.ends_with('.'), "{scope:?} {name}: ends without a period");
            let words = |text: &str| -> BTreeSet<String> {
                text.to_lowercase().split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
            };
            let own = words(documentation).difference(&words(name)).count();
            assert!(own >= 4, "{scope:?} {name}: says no more than the name: {documentation}");
        }
    }
}

const UNUSED: &str = include_str!("../tables/unused.tsv");

fn unused() -> impl Iterator<Item = (Scope, &'static str)> {
    UNUSED.lines().skip(1).map(|line| match line.split_once('\t') {
        Some(("broker", name)) => (Scope::Broker, name),
        Some(("topic", name)) => (Scope::Topic, name),
        Some(("group", name)) => (Scope::Group, name),
        _ => panic!("tables/unused.tsv: {line:?}"),
    })
}

#[test]
fn the_list_of_unused_settings_has_known_names_once_and_in_order() {
    for (scope, name) in unused() {
        assert!(Table::of(scope).get(name).is_some_and(|setting| setting.unused), "{scope:?} {name}");
    }
    let lines: Vec<&str> = UNUSED.lines().skip(1).collect();
    for scope in ["broker", "topic", "group"] {
        let of = lines.iter().filter(|line| line.starts_with(scope));
        assert!(of.is_sorted_by(|one, next| one < next), "{scope}: sorted and without doubles");
    }
}

#[test]
fn what_a_typed_field_reads_is_not_called_unused() {
    for (scope, name) in unused() {
        let fields = match scope {
            Scope::Broker => concat!(include_str!("../src/broker.rs"), include_str!("../src/dynamic.rs")),
            Scope::Topic => include_str!("../src/topic.rs"),
            _ => continue,
        };
        assert!(!fields.contains(&format!("\"{name}\"")), "{name} is read: take it off tables/unused.tsv");
    }
}

/// A topic's setting is read through to the broker's; both have an effect or neither.
#[test]
fn a_topics_setting_and_the_brokers_behind_it_are_used_together() {
    for setting in Table::of(Scope::Topic).iter().filter(|setting| !setting.unused) {
        for name in &setting.synonyms {
            assert!(!Table::of(Scope::Broker).get(name).unwrap().unused, "{} reads {name}", setting.name);
        }
    }
}

#[test]
fn settings_without_effect_are_named_once_a_file_has_them() {
    let base = "node.id=1\nlog.dirs=/d\nlisteners=PLAINTEXT://127.0.0.1:9092\n";
    assert_eq!(load(base).unwrap().unused, [""; 0]);
    let loaded = load(&format!("{base}background.threads=3\nnum.partitions=3\n")).unwrap();
    assert_eq!(loaded.unused, ["background.threads"]);
    assert_eq!(loaded.warnings, [""; 0]);
}

#[test]
fn internal_settings_are_known_and_have_their_defaults() {
    let base = "node.id=1\nlog.dirs=/d\nlisteners=PLAINTEXT://127.0.0.1:9092\n";
    assert_eq!(load(base).unwrap().config.producer_id_expiration_check_interval_ms, 600_000);
    assert_eq!(load(base).unwrap().config.log_initial_task_delay_ms, 30_000);
    let loaded = load(&format!("{base}producer.id.expiration.check.interval.ms=5\n")).unwrap();
    assert_eq!((loaded.config.producer_id_expiration_check_interval_ms, loaded.warnings.len()), (5, 0));
}

#[test]
fn a_node_of_one_role_is_refused() {
    let base = "node.id=1\nlog.dirs=/d\nlisteners=PLAINTEXT://127.0.0.1:9092\n";
    assert!(load(&format!("{base}process.roles=controller, broker\n")).is_ok());
    let error = load(&format!("{base}process.roles=broker\n")).unwrap_err().to_string();
    assert!(error.contains("process.roles") && error.contains("broker,controller"), "{error}");
}

#[test]
fn standby_replicas_of_a_group_stay_below_the_brokers_bound() {
    let none = Settings::new();
    let layers = Layers { broker: &none, cluster: &none, file: &none };
    let name = "streams.num.standby.replicas";
    let check = |value: &str| {
        let after: Settings = [(name.to_owned(), value.to_owned())].into();
        ottla_config::alter::check_group_bounds(&layers, &after, &[name])
    };
    assert_eq!(check("2"), Ok(()));
    let error = check("3").unwrap_err().to_string();
    assert_eq!(error, format!("{name} must be less than or equal to group.streams.max.standby.replicas"));
}

fn load(text: &str) -> Result<ottla_config::Loaded, ConfigFileError> {
    BrokerConfig::from_properties(&Properties::parse(text)?)
}

#[test]
fn an_unmodified_server_properties_is_read() {
    let text = "process.roles=broker,controller\nnode.id=1\n\
        controller.quorum.bootstrap.servers=127.0.0.1:19093\n\
        listeners=PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093\n\
        advertised.listeners=PLAINTEXT://127.0.0.1:19092\ncontroller.listener.names=CONTROLLER\n\
        listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
        inter.broker.listener.name=PLAINTEXT\nlog.dirs=/data\ngroup.initial.rebalance.delay.ms=0\n";
    let loaded = load(text).unwrap();
    assert_eq!(loaded.warnings, [""; 0]);
    assert_eq!(loaded.config.node_id, 1);
    assert_eq!(loaded.config.listeners.len(), 2);
    assert_eq!(loaded.config.group_initial_rebalance_delay_ms, 0);
}

#[test]
fn the_sample_file_of_kafka_serves_this_machine() {
    // What Kafka 4.3.1 delivers as config/server.properties sets.
    let sample = "process.roles=broker,controller\nnode.id=1\n\
        controller.quorum.bootstrap.servers=localhost:9093\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
        inter.broker.listener.name=PLAINTEXT\n\
        advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n\
        controller.listener.names=CONTROLLER\n\
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,\
        SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL\n\
        num.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\n\
        socket.receive.buffer.bytes=102400\nsocket.request.max.bytes=104857600\n\
        log.dirs=/tmp/kraft-combined-logs\nnum.partitions=1\nnum.recovery.threads.per.data.dir=2\n\
        offsets.topic.replication.factor=1\nshare.coordinator.state.topic.replication.factor=1\n\
        share.coordinator.state.topic.min.isr=1\ntransaction.state.log.replication.factor=1\n\
        transaction.state.log.min.isr=1\nlog.retention.hours=168\nlog.segment.bytes=1073741824\n\
        log.retention.check.interval.ms=300000\n";
    let loaded = load(sample).unwrap();
    let bound = |loaded: &ottla_config::Loaded| loaded.config.listeners[0].to_string();
    assert_eq!(bound(&loaded), "PLAINTEXT://127.0.0.1:9092");
    assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    assert!(
        loaded.warnings[0].starts_with("PLAINTEXT://:9092 is bound to 127.0.0.1 only"),
        "{:?}",
        loaded.warnings
    );
    let open = load(&format!("{sample}allow.insecure.listeners=true\n")).unwrap();
    assert_eq!((bound(&open).as_str(), open.warnings.len()), ("PLAINTEXT://:9092", 0));
    // Told to others, it stays refused.
    let error = load(&sample.replace("=PLAINTEXT://localhost", "=PLAINTEXT://kafka.example"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("allow.insecure.listeners"), "{error}");
}

#[test]
fn mistakes_are_named_with_key_value_and_what_is_allowed() {
    let base = "node.id=1\nlog.dirs=/d\nlisteners=PLAINTEXT://127.0.0.1:9092\n";
    let loaded = load(&format!("{base}log.retension.ms=5\n")).unwrap();
    assert!(loaded.warnings[0].contains("did you mean `log.retention.ms`"), "{:?}", loaded.warnings);
    let error = load(&format!("{base}num.partitions=many\n")).unwrap_err().to_string();
    assert!(error.contains("num.partitions") && error.contains("many"), "{error}");
    let error = load(&format!("{base}offsets.topic.compression.codec=7\n")).unwrap_err().to_string();
    assert!(error.contains("offsets.topic.compression.codec") && error.contains("4 (zstd)"), "{error}");
    let error = load(&format!("{base}num.partitions=0\n")).unwrap_err().to_string();
    assert!(error.contains("at least 1"), "{error}");
    let error = load("node.id=1\nlog.dirs=/d\nlisteners=PLAINTEXT://0.0.0.0:9092\n").unwrap_err().to_string();
    assert!(error.contains("allow.insecure.listeners"), "{error}");
    let error = load("node.id=1\nlog.dirs=/d\nlisteners=SSL://127.0.0.1:9092\n").unwrap_err().to_string();
    assert!(error.contains("SSL"), "{error}");
    assert_eq!(
        load("log.dirs=/d\nlisteners=PLAINTEXT://127.0.0.1:1\n").unwrap_err(),
        ConfigFileError::Missing("node.id")
    );
}

#[test]
fn a_topics_value_comes_from_the_nearest_layer() {
    let none = Settings::new();
    let set = |key: &str, value: &str| -> Settings { [(key.to_owned(), value.to_owned())].into() };
    let (file, cluster) = (set("log.retention.hours", "2"), set("log.retention.ms", "99"));
    let layers = Layers { broker: &none, cluster: &none, file: &file };
    assert_eq!(TopicConfig::new(&layers, &none).retention_ms, 7_200_000);
    let layers = Layers { cluster: &cluster, ..layers };
    assert_eq!(TopicConfig::new(&layers, &none).retention_ms, 99);
    assert_eq!(TopicConfig::new(&layers, &set("retention.ms", "5")).retention_ms, 5);
    let setting = Table::of(Scope::Topic).get("retention.ms").unwrap();
    assert_eq!(layers.resource(Scope::Topic, setting, &none).source, Source::DynamicDefaultBroker);
    assert_eq!(TopicConfig::new(&layers, &none).flush_messages, 1);
}

#[test]
fn the_places_a_value_could_come_from_are_kafkas() {
    let none = Settings::new();
    let set = |items: &[(&str, &str)]| -> Settings {
        items.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let file = set(&[("log.retention.hours", "100"), ("log.flush.scheduler.interval.ms", "70000")]);
    let layers = Layers { broker: &none, cluster: &none, file: &file };
    let of_topic = |layers: &Layers<'_>, name: &str| {
        let described = layers.resource(Scope::Topic, Table::of(Scope::Topic).get(name).unwrap(), &none);
        (described.value, described.source, shown(described.synonyms))
    };
    let by_hours = of_topic(&layers, "retention.ms");
    assert_eq!(by_hours, (Some("360000000".into()), Source::Default, String::new()));
    assert_eq!(of_topic(&layers, "flush.ms"), (Some("70000".into()), Source::Default, String::new()));

    let (broker, cluster) = (set(&[("log.retention.ms", "5")]), set(&[("log.retention.ms", "7")]));
    let layers = Layers { broker: &broker, cluster: &cluster, ..layers };
    let places = "log.retention.ms=5@DynamicBroker log.retention.ms=7@DynamicDefaultBroker \
                  log.retention.hours=100@StaticBroker log.retention.hours=168@Default";
    let (value, source, synonyms) = of_topic(&layers, "retention.ms");
    assert_eq!((value.as_deref(), source, &*synonyms), (Some("5"), Source::DynamicBroker, places));
    let of_broker =
        |name: &str| shown(layers.describe_broker(Table::of(Scope::Broker).get(name).unwrap()).synonyms);
    assert_eq!(of_broker("log.retention.ms"), places);
    assert_eq!(
        of_broker("log.retention.hours"),
        "log.retention.hours=100@StaticBroker log.retention.hours=168@Default"
    );

    let cluster = set(&[("listener.name.plain.max.connections", "5")]);
    let described =
        Layers { cluster: &cluster, ..layers }.describe_listener("listener.name.plain.max.connections");
    assert_eq!(
        shown(described.unwrap().synonyms),
        "listener.name.plain.max.connections=5@DynamicDefaultBroker max.connections=2147483647@Default"
    );
    assert!(layers.describe_listener("listener.name.plain.no.such").is_none());
}

fn shown(synonyms: Vec<Synonym>) -> String {
    let text = |Synonym { name, value, source }: Synonym| {
        format!("{name}={}@{source:?}", value.as_deref().unwrap_or("-"))
    };
    synonyms.into_iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_flag_of_our_own_is_true_or_false() {
    let with = |value: &str| {
        load(&format!(
            "node.id=1\nlisteners=PLAINTEXT://127.0.0.1:9092\nottla.check.compressed.records={value}"
        ))
    };
    let error = with("yes").unwrap_err().to_string();
    assert!(error.contains("ottla.check.compressed.records") && error.contains("true or false"), "{error}");
    let none = Settings::new();
    for (value, on) in [("true", true), ("false", false)] {
        let file = with(value).unwrap().config.file;
        let layers = Layers { broker: &none, cluster: &none, file: &file };
        assert_eq!(TopicConfig::new(&layers, &none).check_compressed_records, on);
    }
}

#[test]
fn what_nobody_knows_can_be_removed_and_not_be_set() {
    use ottla_config::alter::{check, check_cluster_default};
    let none = Settings::new();
    let set = |name: &str, value: &str| -> Settings { [(name.to_owned(), value.to_owned())].into() };
    for scope in [Scope::Topic, Scope::Group] {
        assert_eq!(check(scope, &none, &["no.such"]), Ok(()), "{scope:?}");
        assert!(check(scope, &set("no.such", "1"), &["no.such"]).is_err(), "{scope:?}");
    }
    assert_eq!(check(Scope::Broker, &none, &["node.id"]), Ok(()));
    assert!(check(Scope::Broker, &set("node.id", "1"), &["node.id"]).is_err());
    for (name, value) in
        [("max.connections.per.ip.overrides", "127.0.0.1:x"), ("listener.name.plain.max.connections", "many")]
    {
        let error = check(Scope::Broker, &set(name, value), &[name]).unwrap_err().to_string();
        assert!(error.contains("max.connections"), "{error}");
    }
    for name in ["listeners", "sasl.jaas.config", "listener.name.plain.ssl.keystore.location"] {
        let error = check_cluster_default(&set(name, "x"), &[name]).unwrap_err().to_string();
        let expected = "Cannot update these configs at default cluster level, broker id must be specified";
        assert_eq!(error, format!("{expected}: [{name}]"));
        assert_eq!(check_cluster_default(&none, &[name]), Ok(()));
    }
    for name in ["log.retention.ms", "listener.name.plain.max.connections"] {
        assert_eq!(check_cluster_default(&set(name, "5"), &[name]), Ok(()));
    }
}

#[test]
fn a_list_is_described_as_it_is_understood() {
    let none = Settings::new();
    let layers = Layers { broker: &none, cluster: &none, file: &none };
    let own: Settings = [("cleanup.policy".to_owned(), "compact, delete,compact".to_owned())].into();
    let setting = Table::of(Scope::Topic).get("cleanup.policy").unwrap();
    let described = layers.resource(Scope::Topic, setting, &own);
    assert_eq!(described.value.as_deref(), Some("compact,delete"));
    let places = "cleanup.policy=compact,delete@Topic log.cleanup.policy=delete@Default";
    assert_eq!(shown(described.synonyms), places);
}
