//! Kafka's own message classes and ours: bytes, values, and what may be written at which version.

use std::collections::BTreeMap;

use ottla_wire::catalog::{self, MessageType};
use ottla_wire_tests::{
    Kind, Rng, Schema, Structure, Tame, encode, generate, official,
    oracle::{Oracle, to_hex},
    to_json,
};
use serde_json::Value as Json;

/// Per message and version.
const VALUES: u64 = 5;

/// Kafka's default of these is an empty list or text where ours is null. It shows where a field the first version lacks is
/// written at another; neither is sent that way.
const NULL_BY_DEFAULT: [&str; 2] = ["FindCoordinatorResponse", "QuorumStateData"];

/// Streams keeps no converter for its only message.
const WITHOUT_CONVERTER: &str = "SubscriptionInfoData";

fn ours() -> BTreeMap<&'static str, &'static MessageType> {
    catalog::all().iter().map(|message| (message.name, message)).collect()
}

/// Puts values made from the official schema before Kafka's class and ours.
fn compare(
    kafka: &mut Oracle,
    schema: &Schema,
    versions: std::ops::RangeInclusive<i16>,
) -> (usize, Vec<String>) {
    let name = &schema.root.name;
    let (mut cases, mut found) = (0, Vec::new());
    for version in versions {
        for seed in 0..VALUES {
            cases += 1;
            let what = format!("{name} v{version} seed {seed}");
            let value = generate(schema, version, &mut Rng::new(seed), Tame::No);
            let (bytes, json) = (encode(schema, &value, version), to_json(schema, &value, version));
            match kafka.ask(&format!("decode {name} {version} {}", to_hex(&bytes))) {
                Err(why) => found.push(format!("{what}: {why}")),
                Ok(answer) => {
                    let (hex, theirs) = answer.split_once(' ').expect("bytes and values");
                    if hex != to_hex(&bytes) {
                        found.push(format!("{what}: ours {} theirs {hex}", to_hex(&bytes)));
                    }
                    if name != WITHOUT_CONVERTER
                        && serde_json::from_str::<Json>(theirs).ok().as_ref() != Some(&json)
                    {
                        found.push(format!("{what}: ours {json} theirs {theirs}"));
                    }
                }
            }
            if name == WITHOUT_CONVERTER || holds_records(&schema.root, version) {
                continue;
            }
            match kafka.ask(&format!("encode {name} {version} {json}")) {
                Ok(hex) if hex == to_hex(&bytes) => {}
                other => found.push(format!("{what}: ours {} Kafka writes {other:?}", to_hex(&bytes))),
            }
            let decoded = ours()[name.as_str()].decode(bytes.clone().into(), version);
            if decoded.is_ok_and(|decoded| decoded.to_bytes(version).is_ok_and(|again| again == bytes)) {
                continue;
            }
            found.push(format!("{what}: ours does not come back"));
        }
    }
    (cases, found)
}

/// Kafka's converters leave the bytes of records out.
fn holds_records(structure: &Structure, version: i16) -> bool {
    structure.fields.iter().filter(|field| field.versions.contains(version)).any(|field| {
        let mut kind = &field.kind;
        while let Kind::Array(inner) = kind {
            kind = inner;
        }
        match kind {
            Kind::Struct(inner) => holds_records(inner, version),
            Kind::Plain(name) => name == "records",
            Kind::Array(_) => false,
        }
    })
}

#[test]
fn kafkas_classes_and_ours_read_and_write_the_same() {
    let Some(schemas) = official::schemas() else { return };
    let mut kafka = Oracle::kafka();
    let (mut cases, mut found) = (0, Vec::new());
    for schema in schemas.iter().filter(|schema| !schema.root.name.ends_with("Header")) {
        let (tried, differences) = compare(&mut kafka, schema, schema.versions.min..=schema.versions.max);
        cases += tried;
        found.extend(differences);
    }
    assert!(found.is_empty(), "{} of {cases}:\n{}", found.len(), found.join("\n"));
    assert!(cases > 2_500, "{cases} cases only");
}

#[test]
fn the_oldest_versions_are_those_of_the_last_kafka_that_had_them() {
    let (Some(schemas), Some(old)) = (official::schemas(), official::old_schemas()) else { return };
    let floors: BTreeMap<_, _> =
        schemas.iter().map(|schema| (schema.root.name.as_str(), schema.versions.min)).collect();
    let mut kafka = Oracle::old_kafka();
    let (mut cases, mut found) = (0, Vec::new());
    for schema in &old {
        let (Some(message), Some(floor)) =
            (ours().remove(schema.root.name.as_str()), floors.get(schema.root.name.as_str()))
        else {
            continue;
        };
        let (tried, differences) = compare(&mut kafka, schema, message.versions.min..=floor - 1);
        cases += tried;
        found.extend(differences);
    }
    assert!(found.is_empty(), "{} of {cases}:\n{}", found.len(), found.join("\n"));
    assert!(cases > 150, "{cases} cases only");
}

#[test]
fn what_a_lower_version_cannot_carry_is_refused_where_kafka_refuses_it() {
    let Some(schemas) = official::schemas() else { return };
    let mut kafka = Oracle::kafka();
    let (mut cases, mut refused, mut found) = (0, 0, Vec::new());
    for schema in schemas.iter().filter(|schema| !schema.root.name.ends_with("Header")) {
        let (name, latest) = (&schema.root.name, schema.versions.max);
        for version in schema.versions.min..latest {
            for seed in 0..VALUES {
                let value = generate(schema, latest, &mut Rng::new(seed), Tame::No);
                let bytes = encode(schema, &value, latest);
                let theirs = kafka.ask(&format!("move {name} {latest} {version} {}", to_hex(&bytes)));
                let decoded = ours()[name.as_str()].decode(bytes.into(), latest).expect("sound bytes");
                let ours = decoded.to_bytes(version).map(|bytes| to_hex(&bytes));
                cases += 1;
                refused += usize::from(ours.is_err());
                let same = match (&ours, &theirs) {
                    (Ok(ours), Ok(theirs)) => ours == theirs,
                    (ours, theirs) => ours.is_err() && theirs.is_err(),
                };
                if !same && !NULL_BY_DEFAULT.contains(&name.as_str()) {
                    found.push(format!(
                        "{name} v{latest} as v{version} seed {seed}: ours {ours:?} theirs {theirs:?}"
                    ));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} of {cases}:\n{}", found.len(), found.join("\n"));
    assert!(refused > 100 && cases - refused > 100, "{refused} of {cases} refused");
}
