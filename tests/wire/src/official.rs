//! Kafka's own schemas: the extract that lies beside the project, or the files inside the official jars.

use std::{
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    process::Command,
};

use ottla_testkit::{KAFKA_VERSION, checked, kafka_jar, kafka_jars, once_in_cache, tool, workspace};
use ottla_wire::VersionRange;
use serde_json::Value as Json;

use crate::{Field, Kind, Schema, Structure, Value};

/// The release whose oldest versions Ottla still speaks.
pub(crate) const OLD_VERSION: &str = "3.9.1";

/// The schemas of Kafka 4.3, headers included. `None` when neither the extract nor the jars can be had: then nothing is
/// proved, which is said, and fails where CI runs.
///
/// # Panics
/// A schema cannot be read, or there is none and `CI` is set.
#[must_use]
pub fn schemas() -> Option<Vec<Schema>> {
    let extract = workspace().join("../shared/reference/schemas");
    let found = if extract.is_dir() { Some(from_folder(&extract)) } else { from_jars() };
    or_say_so(found)
}

/// The schemas inside the jars of Kafka 4.3.
#[must_use]
pub fn from_jars() -> Option<Vec<Schema>> {
    let jars = catch_unwind(kafka_jars).ok()?;
    let jars = fs::read_dir(jars).expect("the folder of the jars").flatten().map(|entry| entry.path());
    let jars =
        jars.filter(|jar| jar.file_name().is_some_and(|name| name.to_string_lossy().starts_with("kafka-")));
    Some(from_folder(&unpacked(KAFKA_VERSION, &jars.collect::<Vec<_>>())))
}

/// The schemas of client APIs as the last release before 4.0 had them, with the versions 4.0 dropped.
///
/// # Panics
/// As [`schemas`].
#[must_use]
pub fn old_schemas() -> Option<Vec<Schema>> {
    let found = catch_unwind(|| {
        let jar = kafka_jar("kafka-clients", OLD_VERSION).join(format!("kafka-clients-{OLD_VERSION}.jar"));
        from_folder(&unpacked(OLD_VERSION, &[jar]))
    });
    or_say_so(found.ok())
}

#[allow(clippy::print_stderr, reason = "a test that proves nothing says so")]
fn or_say_so<T>(found: Option<T>) -> Option<T> {
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "neither Kafka's schemas nor its jars are here");
        eprintln!("NOTHING IS COMPARED: neither Kafka's schemas nor its jars are here");
    }
    found
}

fn unpacked(version: &str, jars: &[PathBuf]) -> PathBuf {
    tool("jar", "openjdk-17-jdk-headless");
    once_in_cache(&format!("schemas-{version}"), |folder| {
        for jar in jars {
            let mut command = Command::new("jar");
            command
                .arg("xf")
                .arg(jar)
                .args(["common/message", "common/metadata", "message"])
                .current_dir(folder);
            checked("unpacking schemas", &mut command);
        }
    })
}

fn from_folder(folder: &Path) -> Vec<Schema> {
    let mut schemas = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of schemas").flatten() {
        let path = entry.path();
        if path.is_dir() {
            schemas.extend(from_folder(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let text = fs::read_to_string(&path).expect("a schema");
            let json: Json = serde_json::from_str(&without_comments(&text))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            schemas.extend(from_json(&json));
        }
    }
    schemas
}

/// Kafka's files are JSON with comments: blocks, whole lines, and behind values.
fn without_comments(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some((from, length)) = text.find("/*").and_then(|from| Some((from, text[from..].find("*/")?))) {
        text.replace_range(from..from + length + 2, "");
    }
    let lines = text.lines().map(|line| match line.find("//") {
        Some(at) if line[..at].matches('"').count() % 2 == 0 => &line[..at],
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One file; `None` for one that describes no message, or none of today's versions.
#[must_use]
pub fn from_json(json: &Json) -> Option<Schema> {
    json.get("fields")?;
    let versions = range(text(json, "validVersions")?);
    let flexible = range(text(json, "flexibleVersions").unwrap_or("none"));
    let common = list(json, "commonStructs");
    let role = match text(json, "type")? {
        "request" => "request",
        "response" => "response",
        _ => "data",
    };
    (versions != VersionRange::NONE).then(|| Schema {
        versions,
        flexible_from: if flexible == VersionRange::NONE { i16::MAX } else { flexible.min },
        role,
        api_key: json["apiKey"].as_i64().filter(|_| role != "data").map(|key| key as i16),
        root: structure(text(json, "name").unwrap_or_default(), list(json, "fields"), common),
    })
}

fn structure(name: &str, fields: &[Json], common: &[Json]) -> Structure {
    Structure { name: name.to_owned(), fields: fields.iter().map(|json| field(json, common)).collect() }
}

fn field(json: &Json, common: &[Json]) -> Field {
    let tagged = text(json, "taggedVersions").map(range);
    let versions = text(json, "versions").map(range).or(tagged).expect("a field has versions");
    let kind = kind(text(json, "type").expect("a field has a type"), list(json, "fields"), common);
    let tag = json["tag"].as_u64().map(|tag| tag as u32);
    Field {
        name: text(json, "name").expect("a field has a name").to_owned(),
        versions,
        nullable: text(json, "nullableVersions").map_or(VersionRange::NONE, range),
        tagged: tag.zip(tagged),
        ignorable: json["ignorable"].as_bool().unwrap_or(false),
        default: default(json.get("default"), &kind),
        kind,
    }
}

fn kind(name: &str, fields: &[Json], common: &[Json]) -> Kind {
    const PLAIN: [&str; 12] = [
        "bool", "int8", "int16", "int32", "int64", "uint16", "uint32", "float64", "string", "bytes",
        "records", "uuid",
    ];
    if let Some(inner) = name.strip_prefix("[]") {
        return Kind::Array(Box::new(kind(inner, fields, common)));
    }
    if PLAIN.contains(&name) {
        return Kind::Plain(name.to_owned());
    }
    let shared = common.iter().find(|one| text(one, "name") == Some(name));
    Kind::Struct(structure(name, shared.map_or(fields, |shared| list(shared, "fields")), common))
}

fn default(json: Option<&Json>, kind: &Kind) -> Value {
    let zero = Value::zero(kind);
    let text = match json {
        // Null itself says nothing to Kafka's generator; only the word does.
        None | Some(Json::Null) => return zero,
        Some(Json::String(text)) if text == "null" => return Value::Null,
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match zero {
        Value::Bool(_) => Value::Bool(text == "true"),
        Value::Text(_) => Value::Text(text),
        Value::Int(_) => {
            let hex = text.strip_prefix("0x").map(|digits| i64::from_str_radix(digits, 16));
            Value::Int(hex.unwrap_or_else(|| text.parse()).expect("a number"))
        }
        other => panic!("a default `{text}` for {other:?}"),
    }
}

/// `none`, `3`, `0-3` or `1+`.
fn range(text: &str) -> VersionRange {
    let number = |text: &str| text.parse::<i16>().expect("a version");
    if text == "none" {
        return VersionRange::NONE;
    }
    if let Some(min) = text.strip_suffix('+') {
        return VersionRange { min: number(min), max: i16::MAX };
    }
    let (min, max) = text.split_once('-').unwrap_or((text, text));
    VersionRange { min: number(min), max: number(max) }
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json[key].as_str()
}

fn list<'a>(json: &'a Json, key: &str) -> &'a [Json] {
    json[key].as_array().map_or(&[], Vec::as_slice)
}
