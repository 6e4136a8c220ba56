//! Every message against Kafka's official schemas: field by field, version by version.

use std::collections::BTreeMap;

use ottla_wire::{
    ApiKey, MetadataRecord,
    catalog::{self, MessageType, Role},
};
use ottla_wire_tests::{Kind, Rng, Schema, Structure, Tame, differences, encode, generate, official};
use serde_json::{Value as Json, json};

/// Versions 4.0 dropped and old clients still send; everything else begins where Kafka 4.3 begins.
const FLOORS: &[(&str, i16)] = &[
    ("AlterReplicaLogDirs", 0),
    ("CreateAcls", 0),
    ("CreateDelegationToken", 0),
    ("CreateTopics", 0),
    ("DeleteAcls", 0),
    ("DeleteTopics", 0),
    ("DescribeAcls", 0),
    ("DescribeConfigs", 0),
    ("DescribeDelegationToken", 0),
    ("DescribeLogDirs", 0),
    ("ExpireDelegationToken", 0),
    ("Fetch", 0),
    ("ListOffsets", 0),
    ("OffsetCommit", 1),
    ("OffsetForLeaderEpoch", 0),
    ("Produce", 0),
    ("RenewDelegationToken", 0),
];

/// Read and written by hand, before their own version is known.
const HEADERS: [&str; 2] = ["RequestHeader", "ResponseHeader"];

fn by_name(schemas: Vec<Schema>) -> BTreeMap<String, Schema> {
    let count = schemas.len();
    let named: BTreeMap<_, _> =
        schemas.into_iter().map(|schema| (schema.root.name.clone(), schema)).collect();
    assert_eq!(named.len(), count, "two schemas have one name");
    named
}

fn ours() -> BTreeMap<String, &'static MessageType> {
    catalog::all().iter().map(|message| (message.name.to_owned(), message)).collect()
}

#[test]
fn every_message_is_kafkas_field_by_field_and_version_by_version() {
    let Some(schemas) = official::schemas() else { return };
    let (official, ours) = (by_name(schemas), ours());
    let mut found = Vec::new();
    for (name, theirs) in official.iter().filter(|(name, _)| !HEADERS.contains(&name.as_str())) {
        match ours.get(name) {
            None => found.push(format!("{name} is missing")),
            Some(message) => found.extend(differences(&Schema::derived(message), theirs)),
        }
    }
    found.extend(
        ours.keys().filter(|name| !official.contains_key(*name)).map(|name| format!("{name} is not Kafka's")),
    );
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
    assert_eq!(ApiKey::ALL.len(), 89);
    assert_eq!(ours.len(), official.len() - HEADERS.len());
}

#[test]
fn versions_begin_where_kafkas_do_or_at_a_listed_floor() {
    let Some(schemas) = official::schemas() else { return };
    let (official, ours) = (by_name(schemas), ours());
    let mut lower = BTreeMap::new();
    for (name, message) in &ours {
        let theirs = official[name].versions.min;
        if message.versions.min != theirs {
            let api = name.trim_end_matches("Request").trim_end_matches("Response").to_owned();
            assert!(message.versions.min < theirs, "{name} begins at {}", message.versions.min);
            assert_eq!(*lower.entry(api).or_insert(message.versions.min), message.versions.min, "{name}");
        }
    }
    let listed: BTreeMap<_, _> = FLOORS.iter().map(|(api, floor)| ((*api).to_owned(), *floor)).collect();
    assert_eq!(lower, listed);
}

#[test]
fn versions_below_kafkas_floor_are_those_of_the_last_release_that_had_them() {
    let Some(schemas) = official::old_schemas() else { return };
    let (old, ours) = (by_name(schemas), ours());
    let mut found = Vec::new();
    for (api, floor) in FLOORS {
        for kind in ["Request", "Response"] {
            let name = format!("{api}{kind}");
            let mut theirs = old[&name].clone();
            let mut message = Schema::derived(ours[&name]);
            assert!(theirs.versions.contains(*floor), "{name}");
            // Later versions, and what changed about them since, are compared with today's schemas.
            let max = official_min(&name).expect("it was there a moment ago") - 1;
            (theirs.versions.min, theirs.versions.max, message.versions.max) = (*floor, max, max);
            for schema in [&mut theirs, &mut message] {
                forget_ignorable(&mut schema.root);
            }
            found.extend(differences(&message, &theirs));
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}

/// Which fields may be dropped where a version has no place for them is decided by today's versions.
fn forget_ignorable(structure: &mut Structure) {
    for field in &mut structure.fields {
        field.ignorable = false;
        let mut kind = &mut field.kind;
        while let Kind::Array(inner) = kind {
            kind = inner;
        }
        if let Kind::Struct(inner) = kind {
            forget_ignorable(inner);
        }
    }
}

fn official_min(name: &str) -> Option<i16> {
    let schemas = official::schemas()?;
    schemas.iter().find(|schema| schema.root.name == name).map(|schema| schema.versions.min)
}

#[test]
fn the_table_of_apis_is_that_of_the_requests() {
    let mut keys = Vec::new();
    for message in catalog::all() {
        if let Role::Request(key) | Role::Response(key) = message.role {
            let api = message.name.trim_end_matches("Request").trim_end_matches("Response");
            assert_eq!(key.name(), api);
            assert_eq!(key.versions(), message.versions, "{api}");
            assert_eq!(key.flexible_from(), message.flexible_from, "{}", message.name);
            assert_eq!(ApiKey::from_code(key.code()), Some(key));
            keys.push(key);
        }
    }
    keys.sort_unstable();
    let twice: Vec<_> = ApiKey::ALL.iter().flat_map(|key| [*key, *key]).collect();
    assert_eq!(keys, twice, "a request and a response for every key");
}

#[test]
fn metadata_records_have_kafkas_types() {
    let Some(schemas) = official::schemas() else { return };
    let official = by_name(schemas);
    let mut seen = 0;
    for code in 0..100_u8 {
        let frame = |version: i16| vec![1, code, u8::try_from(version).expect("a low version")];
        let unknown = MetadataRecord::decode(frame(100).into()).expect_err("no such version").to_string();
        if unknown.starts_with("record type") {
            continue;
        }
        let name = unknown.split(' ').next().expect("the message's name");
        let schema = &official[name];
        for version in schema.versions.min..=schema.versions.max {
            let value = generate(schema, version, &mut Rng::new(u64::from(code)), Tame::No);
            let bytes = [frame(version), encode(schema, &value, version)].concat();
            let record = MetadataRecord::decode(bytes.clone().into()).unwrap();
            assert_eq!((record.name(), record.versions()), (name, schema.versions));
            assert_eq!(record.encode(version).unwrap(), bytes, "{name} v{version}");
        }
        seen += 1;
    }
    assert_eq!(seen, 26);
}

#[test]
fn a_schema_that_says_something_else_is_reported() {
    let ours = Schema::derived(ours()["FetchRequest"]);
    let honest = json!({
        "apiKey": 1, "type": "request", "name": "FetchRequest", "validVersions": "14-15", "flexibleVersions": "12+",
        "fields": [
            {"name": "ClusterId", "type": "string", "versions": "12+", "nullableVersions": "12+", "default": "null",
             "taggedVersions": "12+", "tag": 0, "ignorable": true},
            {"name": "ReplicaId", "type": "int32", "versions": "0-14", "default": "-1"},
            {"name": "ReplicaState", "type": "ReplicaState", "versions": "15+", "taggedVersions": "15+", "tag": 1, "fields": [
                {"name": "ReplicaId", "type": "int32", "versions": "15+", "default": "-1"},
                {"name": "ReplicaEpoch", "type": "int64", "versions": "15+", "default": "-1"}]},
            {"name": "MaxWaitMs", "type": "int32", "versions": "0+"},
            {"name": "MinBytes", "type": "int32", "versions": "0+"},
            {"name": "MaxBytes", "type": "int32", "versions": "3+", "default": "0x7fffffff", "ignorable": true},
            {"name": "IsolationLevel", "type": "int8", "versions": "4+", "default": "0", "ignorable": true},
            {"name": "SessionId", "type": "int32", "versions": "7+", "default": "0", "ignorable": true},
            {"name": "SessionEpoch", "type": "int32", "versions": "7+", "default": "-1", "ignorable": true},
            {"name": "Topics", "type": "[]FetchTopic", "versions": "0+", "fields": [
                {"name": "Topic", "type": "string", "versions": "0-12", "ignorable": true},
                {"name": "TopicId", "type": "uuid", "versions": "13+", "ignorable": true},
                {"name": "Partitions", "type": "[]FetchPartition", "versions": "0+", "fields": [
                    {"name": "Partition", "type": "int32", "versions": "0+"},
                    {"name": "CurrentLeaderEpoch", "type": "int32", "versions": "9+", "default": "-1", "ignorable": true},
                    {"name": "FetchOffset", "type": "int64", "versions": "0+"},
                    {"name": "LastFetchedEpoch", "type": "int32", "versions": "12+", "default": "-1"},
                    {"name": "LogStartOffset", "type": "int64", "versions": "5+", "default": "-1", "ignorable": true},
                    {"name": "PartitionMaxBytes", "type": "int32", "versions": "0+"}]}]},
            {"name": "ForgottenTopicsData", "type": "[]ForgottenTopic", "versions": "7+", "fields": [
                {"name": "TopicId", "type": "uuid", "versions": "13+", "ignorable": true},
                {"name": "Partitions", "type": "[]int32", "versions": "7+"}]},
            {"name": "RackId", "type": "string", "versions": "11+", "default": "", "ignorable": true}
        ]
    });
    // Versions 16 and later have more, which this extract leaves out: it ends at 15.
    let reported = |json: &Json| {
        let mut ours = ours.clone();
        ours.versions.max = 15;
        differences(&ours, &official::from_json(json).expect("a message"))
    };
    assert_eq!(reported(&honest), Vec::<String>::new());
    let doctored: [(&str, Json); 16] = [
        ("/apiKey", json!(2)),
        ("/type", json!("response")),
        ("/name", json!("FetchRequests")),
        ("/validVersions", json!("14-16")),
        ("/flexibleVersions", json!("15+")),
        ("/fields/1/versions", json!("0-15")),
        ("/fields/3/name", json!("MaxWait")),
        ("/fields/3/type", json!("int64")),
        ("/fields/5/default", json!("0x7ffffffe")),
        ("/fields/5/ignorable", json!(false)),
        ("/fields/0/tag", json!(7)),
        ("/fields/0/nullableVersions", json!("15+")),
        ("/fields/2/fields/1/type", json!("int32")),
        ("/fields/9/fields/2/fields/3/versions", json!("15+")),
        ("/fields/10/fields/1/type", json!("[]int64")),
        ("/fields/9/type", json!("FetchTopic")),
    ];
    for (place, lie) in doctored {
        let mut json = honest.clone();
        *json.pointer_mut(place).expect(place) = lie;
        assert!(!reported(&json).is_empty(), "a lie at {place} goes unseen");
    }
    for at in 0..honest["fields"].as_array().expect("fields").len() {
        let mut json = honest.clone();
        json["fields"].as_array_mut().expect("fields").remove(at);
        assert!(!reported(&json).is_empty(), "field {at} is missed by nobody");
    }
    let mut json = honest;
    json["fields"].as_array_mut().expect("fields").swap(3, 4);
    assert!(!reported(&json).is_empty(), "the order of fields does not matter to the comparison");
}

#[test]
fn the_extract_and_the_jars_say_the_same() {
    let (Some(extract), Some(jars)) = (official::schemas(), official::from_jars()) else { return };
    let (extract, jars) = (by_name(extract), by_name(jars));
    assert_eq!(extract.keys().collect::<Vec<_>>(), jars.keys().collect::<Vec<_>>());
    for (name, schema) in &extract {
        assert_eq!(differences(schema, &jars[name]), Vec::<String>::new());
    }
}
