//! Details of consumer groups before Kafka's own classes: hashes of topics, records, regular expressions.

#![allow(clippy::unwrap_used, reason = "a test says so when it fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;
use ottla_coordinator::{
    Machine, Ticket,
    group::{
        ClassicMetadata, Command, ConsumerHeartbeat, ConsumerRecord, CurrentAssignment, GroupEpoch, Groups,
        MemberMetadata, MemberState, Metadata, Protocol, Record, Reply, ResolvedRegex, Settings, TargetEpoch,
        Topic,
    },
};
use ottla_testkit::{Rng, workspace};
use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire_tests::oracle::{Oracle, to_hex};
use serde_json::{Value, json};

fn oracle() -> Oracle {
    Oracle::kafka_program(&workspace().join("coordinator/tests/java/GroupOracle.java"))
}

fn text(value: &str) -> Str {
    Str::from(value.to_owned())
}

fn id(rng: &mut Rng) -> Uuid {
    Uuid::from_u128((u128::from(rng.next()) << 64) | u128::from(rng.next()))
}

const RACKS: [&str; 4] = ["b", "a", "rack-ä", "c1"];

#[test]
fn topics_hash_as_kafkas_do() {
    let mut oracle = oracle();
    let mut rng = Rng::new(1);
    for _ in 0..300 {
        let mut topics = Vec::new();
        let mut question = Vec::new();
        for at in 0..=rng.below(4) {
            let name = format!("{}{at}", rng.pick(&["t", "orders.eu", "a-much_longer.name-of-a-topic"]));
            let id = id(&mut rng);
            let racks: Vec<Vec<Str>> = (0..rng.below(40))
                .map(|_| (0..rng.below(4)).map(|_| text(RACKS[rng.below(RACKS.len())])).collect())
                .collect();
            let named: Vec<Vec<&str>> =
                racks.iter().map(|racks| racks.iter().map(|rack| &**rack).collect()).collect();
            question.push(json!({"name": name, "id": id.to_string(), "racks": named}));
            topics.push(Arc::new(Topic::new(text(&name), id, &racks)));
        }
        let names: Vec<Str> = topics.iter().map(|topic| topic.name.clone()).collect();
        let metadata = Metadata::new(1, topics, Arc::default());
        let theirs = oracle.ask(&json!({ "hash": question }).to_string()).unwrap();
        assert_eq!(
            metadata.hash_of(names.iter().collect::<BTreeSet<_>>()).to_string(),
            theirs,
            "{question:?}"
        );
    }
}

fn records() -> Vec<ConsumerRecord> {
    let mut rng = Rng::new(2);
    let (one, other) = (id(&mut rng), id(&mut rng));
    let member = MemberMetadata {
        instance_id: Some(text("i")),
        rack_id: Some(text("rack")),
        client_id: text("c"),
        client_host: text("/127.0.0.1"),
        topics: BTreeSet::from([text("t"), text("a")]),
        regex: Some(text("x.*")),
        assignor: Some(text("range")),
        rebalance_timeout_ms: 300_000,
        classic: None,
    };
    let classic = ClassicMetadata {
        session_timeout_ms: 10_000,
        protocols: vec![Protocol { name: text("range"), metadata: Bytes::from_static(b"\0\x01") }],
    };
    let current = |state| CurrentAssignment {
        epoch: 5,
        previous_epoch: 4,
        state,
        assigned: BTreeMap::from([(one, BTreeMap::from([(0, 3), (7, 5)]))]),
        revoking: BTreeMap::from([(other, BTreeMap::from([(1, 2)]))]),
    };
    let member_id = || text("m");
    let member_record = |value: MemberMetadata| ConsumerRecord::Member {
        member_id: member_id(),
        value: Some(Arc::new(value)),
    };
    let current_record =
        |state| ConsumerRecord::Current { member_id: member_id(), value: Some(Arc::new(current(state))) };
    let target = BTreeMap::from([(one, BTreeSet::from([0, 7])), (other, BTreeSet::from([2]))]);
    let resolved = ResolvedRegex {
        topics: BTreeSet::from([text("x1"), text("x2")]),
        version: 77,
        timestamp: 1_700_000_000_000,
    };
    vec![
        ConsumerRecord::Epoch(Some(GroupEpoch { epoch: 9, metadata_hash: -12 })),
        ConsumerRecord::Epoch(Some(GroupEpoch { epoch: 1, metadata_hash: 0 })),
        ConsumerRecord::Epoch(None),
        ConsumerRecord::PartitionMetadata(false),
        member_record(member.clone()),
        member_record(MemberMetadata { classic: Some(classic), regex: None, ..member }),
        member_record(MemberMetadata::default()),
        ConsumerRecord::Member { member_id: member_id(), value: None },
        ConsumerRecord::TargetEpoch(Some(TargetEpoch { epoch: 9, timestamp: 1_700_000_000_000 })),
        ConsumerRecord::TargetEpoch(Some(TargetEpoch { epoch: 9, timestamp: 0 })),
        ConsumerRecord::TargetEpoch(None),
        ConsumerRecord::Target { member_id: member_id(), value: Some(Arc::new(target)) },
        ConsumerRecord::Target { member_id: member_id(), value: None },
        current_record(MemberState::Stable),
        current_record(MemberState::UnrevokedPartitions),
        current_record(MemberState::UnreleasedPartitions),
        ConsumerRecord::Current { member_id: member_id(), value: None },
        ConsumerRecord::Regex { regex: text("x.*"), value: Some(resolved) },
        ConsumerRecord::Regex { regex: text("x.*"), value: None },
    ]
}

#[test]
fn kafka_reads_our_records_and_writes_the_same_bytes() {
    let mut oracle = oracle();
    for record in records() {
        let record = Record::Consumer { group_id: text("g"), record };
        let (key, value) = record.encode().unwrap().unwrap();
        let value_hex = value.as_ref().map(|value| to_hex(value));
        let question = json!({"record": [to_hex(&key), value_hex]}).to_string();
        let answer =
            oracle.ask(&question).unwrap_or_else(|error| panic!("{error}: {record:?} as {question}"));
        let ours = format!("{} {}", to_hex(&key), value_hex.as_deref().unwrap_or("null"));
        assert_eq!(answer, ours, "{record:?}");
        assert_eq!(Record::decode(&key, value.as_ref(), None).unwrap(), record);
    }
}

const NAMES: [&str; 11] = [
    "orders",
    "orders-eu",
    "orders.eu",
    "ORDERS",
    "payments_1",
    "payments_12",
    "t",
    "tt",
    "a.b",
    "axb",
    "x+y",
];
const REGEXES: [&str; 34] = [
    "orders",
    "orders.*",
    "orders[-.]eu",
    "(?i)orders",
    "orders|t",
    "t|tt",
    "t+",
    "t{2}",
    "^t$",
    "^t",
    "t$",
    r"payments_\d+",
    r"payments_\d",
    r"\w+",
    r"\Qa.b\E",
    r"\Qa.b",
    "a.b",
    r"a\.b",
    r"x\+y",
    "[a-z]+",
    "[^a-z]+",
    r"[[:alpha:]]+",
    r"\p{Lu}+",
    r"\pL+",
    "(?:or)(ders)",
    "(?P<name>t)",
    ".*",
    "",
    "[",
    "*t",
    "(",
    "t)(t",
    "t{2,1}",
    r"(?<=a)b",
];

/// What the coordinator takes an expression for, in the oracle's words.
fn resolve(regex: &str) -> String {
    let topics = NAMES.iter().map(|name| Arc::new(Topic::new(text(name), Uuid::ONE, &[Vec::new()])));
    let metadata = Arc::new(Metadata::new(1, topics, Arc::default()));
    let mut groups = Groups::with_metadata(Settings::default(), metadata);
    let join = ConsumerHeartbeat {
        group_id: text("g"),
        member_id: text("m"),
        rebalance_timeout_ms: 1_000,
        topics: Some(vec![text("none")]),
        regex: Some(text(regex)),
        owned: Some(Vec::new()),
        brings_member_id: true,
        ..ConsumerHeartbeat::default()
    };
    let effects = groups.step(Millis(100), Ticket(1), Command::ConsumerHeartbeat(join));
    match &effects.replies[0].1 {
        Reply::ConsumerHeartbeat(Err(refused)) if refused.code == ErrorCode::INVALID_REGULAR_EXPRESSION => {
            return "invalid".to_owned();
        }
        Reply::ConsumerHeartbeat(Ok(_)) => {}
        other => panic!("{other:?}"),
    }
    effects.records.iter().for_each(|record| groups.replay(record));
    let resolved = groups.tick(Millis(100)).records.into_iter().find_map(|record| match record {
        Record::Consumer { record: ConsumerRecord::Regex { value, .. }, .. } => value,
        _ => None,
    });
    let topics = resolved.map(|resolved| resolved.topics).unwrap_or_default();
    let found: Vec<&str> = NAMES.into_iter().filter(|name| topics.contains(*name)).collect();
    found.join(",")
}

#[test]
fn regular_expressions_mean_what_re2_says() {
    let mut oracle = oracle();
    for regex in REGEXES {
        let theirs: Value = json!({"regex": regex, "names": NAMES});
        // An empty expression is none.
        let theirs = if regex.is_empty() { String::new() } else { oracle.ask(&theirs.to_string()).unwrap() };
        assert_eq!(resolve(regex), theirs, "`{regex}`");
    }
}
