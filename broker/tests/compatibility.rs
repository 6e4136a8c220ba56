//! COMPATIBILITY.md says what the code says: `cargo xtask compatibility` writes it, this test finds it out of date.
//!
//! What Kafka serves stands in `compatibility/kafka-4.3.1.tsv` (from the official jar); what no table knows stands in
//! the two texts beside it.

use std::{collections::BTreeMap, fmt::Write, fs, ops::RangeInclusive, path::Path};

use ottla_config::{DynamicBrokerConfig, Scope, Setting, Table};
use ottla_metadata::{FORMATTED, SUPPORTED, feature};
use ottla_wire::ApiKey;

const KAFKA: &str = include_str!("compatibility/kafka-4.3.1.tsv");
const SETTINGS: &str = include_str!("compatibility/settings.md");
const COMMAND_LINE: &str = include_str!("compatibility/command-line.md");

/// Features of Kafka 4.3.1: lowest and highest level, and the one a new cluster begins with.
const KAFKA_FEATURES: [(&str, i16, i16, i16); 7] = [
    ("eligible.leader.replicas.version", 0, 1, 1),
    ("group.version", 0, 1, 1),
    ("kraft.version", 0, 1, 1),
    ("metadata.version", 7, 30, 30),
    ("share.version", 0, 1, 1),
    ("streams.version", 0, 1, 1),
    ("transaction.version", 0, 2, 2),
];

/// An API of Kafka 4.3.1.
struct Official {
    key: ApiKey,
    versions: RangeInclusive<i16>,
    /// `broker`, `controller` or `both`.
    listener: &'static str,
    note: &'static str,
}

fn official() -> Vec<Official> {
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [key, name, lowest, highest, listener, note] = columns[..] else {
            panic!("six columns, not {line:?}");
        };
        let number = |text: &str| text.parse::<i16>().expect("numbers in the table");
        let key = ApiKey::from_code(number(key)).expect("keys of 4.3");
        assert_eq!(key.name(), name);
        Official { key, versions: number(lowest)..=number(highest), listener, note }
    };
    KAFKA.lines().skip(1).map(row).collect()
}

fn served(key: ApiKey) -> Option<RangeInclusive<i16>> {
    ottla_broker::table().into_iter().find(|api| api.key == key).map(|api| api.versions)
}

fn range(versions: &RangeInclusive<i16>) -> String {
    match versions.start() == versions.end() {
        true => versions.start().to_string(),
        false => format!("{}–{}", versions.start(), versions.end()),
    }
}

/// How the versions served differ from Kafka's.
fn difference(kafka: &RangeInclusive<i16>, ours: &RangeInclusive<i16>) -> String {
    let mut words = Vec::new();
    if ours.start() > kafka.start() {
        words.push(format!("{} missing", range(&(*kafka.start()..=ours.start() - 1))));
    }
    if ours.end() < kafka.end() {
        words.push(format!("{} missing", range(&(ours.end() + 1..=*kafka.end()))));
    }
    if ours.start() < kafka.start() {
        words.push(format!("{} for older clients", range(&(*ours.start()..=kafka.start() - 1))));
    }
    words.join(", ")
}

fn apis(page: &mut String) -> std::fmt::Result {
    let all = official();
    let (clients, controllers): (Vec<_>, Vec<_>) = all.iter().partition(|api| api.listener != "controller");
    let count = clients.iter().filter(|api| served(api.key).is_some()).count();
    writeln!(page, "## APIs\n")?;
    writeln!(page, "A broker of Kafka 4.3.1 serves {} APIs, Ottla {count} of them.\n", clients.len())?;
    writeln!(page, "| Key | API | Kafka 4.3.1 | Ottla | |\n| --: | --- | --- | --- | --- |")?;
    for api in clients {
        let ours = served(api.key);
        let versions = ours.as_ref().map_or("not yet".to_owned(), range);
        let differs = ours.map(|ours| difference(&api.versions, &ours)).unwrap_or_default();
        let kafka = if api.note.is_empty() { String::new() } else { format!("Kafka: {}", api.note) };
        let words: Vec<String> = [differs, kafka].into_iter().filter(|text| !text.is_empty()).collect();
        let (code, name, theirs) = (api.key.code(), api.key.name(), range(&api.versions));
        writeln!(page, "| {code} | {name} | {theirs} | {versions} | {} |", words.join("; "))?;
    }
    let names: Vec<&str> = controllers.iter().map(|api| api.key.name()).collect();
    writeln!(
        page,
        "\nOnly controllers serve these, and a cluster of one has no need of them: {}.\n",
        names.join(", ")
    )
}

/// The levels this build can run, and the one a new cluster begins with; 0 is absent.
fn levels(feature: &str) -> Option<(RangeInclusive<i16>, i16)> {
    let (name, lowest, highest) = SUPPORTED.into_iter().find(|(name, ..)| *name == feature)?;
    // The quorum keeps its own level: the highest, because voters can change.
    let quorum = if name == feature::KRAFT_VERSION { highest } else { 0 };
    let level = FORMATTED.iter().find(|(one, _)| *one == name).map_or(quorum, |(_, level)| *level);
    Some((lowest..=highest, level))
}

fn features(page: &mut String) -> std::fmt::Result {
    writeln!(page, "## Features\n\nLevels a node can run, and the one a new cluster begins with.\n")?;
    writeln!(
        page,
        "| Feature | Kafka 4.3.1 | finalized | Ottla | finalized |\n| --- | --- | --- | --- | --- |"
    )?;
    for (name, lowest, highest, level) in KAFKA_FEATURES {
        let ours = levels(name).map(|(levels, level)| format!("{} | {level}", range(&levels)));
        let ours = ours.unwrap_or("not yet | ".to_owned());
        writeln!(page, "| `{name}` | {} | {level} | {ours} |", range(&(lowest..=highest)))?;
    }
    writeln!(page)
}

/// Names by what stands before their first dot.
fn by_area(page: &mut String, names: &[&str]) -> std::fmt::Result {
    let mut areas: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in names {
        let area = name.split('.').next().unwrap_or_default();
        areas.entry(area).or_default().push(format!("`{name}`"));
    }
    for names in areas.values() {
        writeln!(page, "- {}", names.join(", "))?;
    }
    writeln!(page)
}

fn settings(page: &mut String) -> std::fmt::Result {
    let names = |scope, which: &dyn Fn(&Setting) -> bool| -> Vec<&str> {
        Table::of(scope).iter().filter(|setting| which(setting)).map(|setting| setting.name).collect()
    };
    writeln!(page, "## Settings\n")?;
    writeln!(
        page,
        "Every documented setting of Kafka 4.3.1 is known: read, checked against its type and range, stored and described. Some \
         have no effect yet; one that a `server.properties` sets is named at start.\n"
    )?;
    writeln!(page, "| Settings of | Known | Without effect yet |\n| --- | --: | --: |")?;
    let scopes = [(Scope::Broker, "brokers"), (Scope::Topic, "topics"), (Scope::Group, "groups")];
    for (scope, title) in scopes {
        let (known, unused) = (names(scope, &|_| true), names(scope, &|setting| setting.unused));
        writeln!(page, "| {title} | {} | {} |", known.len(), unused.len())?;
    }
    writeln!(page, "\n{SETTINGS}")?;
    for (scope, title) in scopes {
        writeln!(page, "### Accepted without effect yet: {title}\n")?;
        by_area(page, &names(scope, &|setting| setting.unused))?;
    }
    writeln!(page, "### Read at start, though Kafka changes them at run time\n")?;
    let of_topics = |name| Table::of(Scope::Topic).iter().any(|setting| setting.synonyms.contains(&name));
    let at_run_time = |name| DynamicBrokerConfig::NAMES.contains(&name) || of_topics(name);
    let fixed = |setting: &Setting| setting.dynamic && !setting.unused && !at_run_time(setting.name);
    by_area(page, &names(Scope::Broker, &fixed))
}

fn page() -> Result<String, std::fmt::Error> {
    let mut page = format!(
        "# Compatibility\n\n<!-- Generated by `cargo xtask compatibility`; changes here are lost. -->\n\n\
         What Ottla {} has of Apache Kafka 4.3.1. This page is made from the code by `cargo xtask compatibility`, and a \
         test fails when it is out of date.\n\n",
        env!("CARGO_PKG_VERSION")
    );
    apis(&mut page)?;
    features(&mut page)?;
    settings(&mut page)?;
    writeln!(page, "## Command line\n\n{}", COMMAND_LINE.trim_end())?;
    Ok(page)
}

#[test]
fn the_page_says_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../COMPATIBILITY.md");
    let page = page().unwrap();
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        fs::write(&path, &page).unwrap();
        return;
    }
    let there = fs::read_to_string(&path).unwrap_or_default();
    let lines = there.lines().map(Some).chain(std::iter::repeat(None));
    let first = page.lines().map(Some).chain([None]).zip(lines).find(|(code, file)| code != file);
    assert_eq!(there, page, "COMPATIBILITY.md is out of date: run `cargo xtask compatibility` ({first:?})");
}

#[test]
fn nothing_is_served_that_kafka_does_not_have() {
    let all = official();
    for api in ottla_broker::table() {
        let kafka = all.iter().find(|official| official.key == api.key).unwrap();
        assert!(api.versions.end() <= kafka.versions.end(), "{}: {:?}", api.key.name(), api.versions);
        assert_ne!(kafka.listener, "controller", "{}", api.key.name());
    }
}

#[test]
fn the_listeners_of_every_api_are_those_of_the_schemas() {
    for api in official() {
        assert_eq!(api.key.on_broker(), api.listener != "controller", "{}", api.key.name());
        assert_eq!(api.key.on_controller(), api.listener != "broker", "{}", api.key.name());
    }
}
