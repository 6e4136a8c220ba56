//! `kafka-dump-log` on the same files as Kafka's own, byte for byte: every type of record there is, and what a broker of
//! ours has written.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use ottla_records::{BatchBuilder, NewRecord};
use ottla_testkit::{Node, Rng, Target, ottla_binary};
use ottla_wire::{
    Message,
    catalog::{self, MessageType},
    consumer_protocol::{
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition},
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
    log_records::group::{
        group_metadata_key::GroupMetadataKey,
        group_metadata_value::{GroupMetadataValue, MemberMetadata},
    },
};
use ottla_wire_tests::{Schema, Tame, encode, generate, oracle::Oracle};
use serde_json::{Value, json};

use crate::{member, oracle};

/// Values of each type and version.
const VALUES: u64 = 4;

/// The types of a topic's records by the number before a key or, in the quorum's log, before a value.
const GROUPS: &[(i16, &str)] = &[
    (0, "LegacyOffsetCommit"),
    (1, "OffsetCommit"),
    (2, "GroupMetadata"),
    (3, "ConsumerGroupMetadata"),
    (4, "ConsumerGroupPartitionMetadata"),
    (5, "ConsumerGroupMemberMetadata"),
    (6, "ConsumerGroupTargetAssignmentMetadata"),
    (7, "ConsumerGroupTargetAssignmentMember"),
    (8, "ConsumerGroupCurrentMemberAssignment"),
    (10, "ShareGroupMemberMetadata"),
    (11, "ShareGroupMetadata"),
    (12, "ShareGroupTargetAssignmentMetadata"),
    (13, "ShareGroupTargetAssignmentMember"),
    (14, "ShareGroupCurrentMemberAssignment"),
    (15, "ShareGroupStatePartitionMetadata"),
    (16, "ConsumerGroupRegularExpression"),
    (17, "StreamsGroupMetadata"),
    (19, "StreamsGroupMemberMetadata"),
    (20, "StreamsGroupTargetAssignmentMetadata"),
    (21, "StreamsGroupTargetAssignmentMember"),
    (22, "StreamsGroupCurrentMemberAssignment"),
    (23, "StreamsGroupTopology"),
];
const TRANSACTIONS: &[(i16, &str)] = &[(0, "TransactionLog")];
const SHARE_STATES: &[(i16, &str)] = &[(0, "ShareSnapshot"), (1, "ShareUpdate")];
const METADATA: &[(u8, &str)] = &[
    (0, "RegisterBrokerRecord"),
    (1, "UnregisterBrokerRecord"),
    (2, "TopicRecord"),
    (3, "PartitionRecord"),
    (4, "ConfigRecord"),
    (5, "PartitionChangeRecord"),
    (7, "FenceBrokerRecord"),
    (8, "UnfenceBrokerRecord"),
    (9, "RemoveTopicRecord"),
    (10, "DelegationTokenRecord"),
    (11, "UserScramCredentialRecord"),
    (12, "FeatureLevelRecord"),
    (14, "ClientQuotaRecord"),
    (15, "ProducerIdsRecord"),
    (17, "BrokerRegistrationChangeRecord"),
    (18, "AccessControlEntryRecord"),
    (19, "RemoveAccessControlEntryRecord"),
    (20, "NoOpRecord"),
    (21, "ZkMigrationStateRecord"),
    (22, "RemoveUserScramCredentialRecord"),
    (23, "BeginTransactionRecord"),
    (24, "EndTransactionRecord"),
    (25, "AbortTransactionRecord"),
    (26, "RemoveDelegationTokenRecord"),
    (27, "RegisterControllerRecord"),
    (28, "ClearElrRecord"),
];

fn kind(name: &str) -> &'static MessageType {
    catalog::all().iter().find(|of| of.name == name).unwrap_or_else(|| panic!("there is no {name}"))
}

/// Any value of a type.
fn some(name: &str, version: i16, seed: u64) -> Vec<u8> {
    let schema = Schema::derived(kind(name));
    encode(&schema, &generate(&schema, version, &mut Rng::new(seed), Tame::No), version)
}

fn behind(number: i16, message: Vec<u8>) -> Vec<u8> {
    [&number.to_be_bytes()[..], &message].concat()
}

type Record = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Keys and values of every type, at every version.
fn of_coordinators(kinds: &[(i16, &str)]) -> Vec<Record> {
    let mut records = Vec::new();
    for (code, name) in kinds {
        let key = |seed| Some(behind(*code, some(&format!("{name}Key"), 0, seed)));
        let value = format!("{name}Value");
        let versions = kind(&value).versions;
        for version in versions.min..=versions.max {
            records.extend(
                (0..VALUES).map(|seed| (key(seed), Some(behind(version, some(&value, version, seed))))),
            );
        }
        records.push((key(VALUES), None));
    }
    records.push((Some(behind(99, Vec::new())), None));
    records
}

/// A classic group, whose members are consumers.
fn group_of_consumers() -> Vec<Record> {
    let key = GroupMetadataKey { group: "g".into() }.to_bytes(0).expect("a key");
    let topics = vec!["t".into(), "u".into()];
    let owned = TopicPartition { topic: "t".into(), partitions: vec![0, 1] };
    let assignment = ConsumerProtocolAssignment { assigned_partitions: vec![owned], user_data: None };
    let subscription =
        ConsumerProtocolSubscription { topics, rack_id: Some("r".into()), ..Default::default() };
    let member = |version: i16| MemberMetadata {
        member_id: format!("m{version}").into(),
        subscription: behind(version, some_of(&subscription, version)).into(),
        assignment: behind(version, some_of(&assignment, version)).into(),
        ..Default::default()
    };
    let torn = MemberMetadata { subscription: vec![0].into(), ..Default::default() };
    let group = GroupMetadataValue {
        protocol_type: "consumer".into(),
        members: (0..=3).map(member).chain([torn]).collect(),
        ..Default::default()
    };
    (0..=3)
        .map(|version| (Some(behind(2, key.to_vec())), Some(behind(version, some_of(&group, version)))))
        .collect()
}

/// Leaves out what a version does not have.
fn some_of(message: &(impl Message + Clone), version: i16) -> Vec<u8> {
    message.to_bytes(version).expect("what it cannot carry may be left out").to_vec()
}

fn of_metadata() -> Vec<Record> {
    let mut records = Vec::new();
    for (code, name) in METADATA {
        let versions = kind(name).versions;
        for version in versions.min..=versions.max {
            let head = vec![1, *code, u8::try_from(version).expect("a small number")];
            records.extend(
                (0..VALUES).map(|seed| (None, Some([head.clone(), some(name, version, seed)].concat()))),
            );
        }
    }
    records
}

/// Writes records into a log, seven in each batch, and leaves out so many offsets before each.
fn log(folder: &Path, records: &[Record], gap: i64) -> PathBuf {
    let mut bytes = Vec::new();
    for (at, part) in records.chunks(7).enumerate() {
        let mut builder = BatchBuilder::new().base_offset(at as i64 * (7 + gap) + gap).leader_epoch(3);
        for (key, value) in part {
            let (key, value) = (key.as_deref(), value.as_deref());
            builder.push(&NewRecord { timestamp: 1_700_000_000_000, key, value, ..NewRecord::default() });
        }
        bytes.extend_from_slice(&builder.finish());
    }
    let path = folder.join("00000000000000000000.log");
    fs::write(&path, bytes).expect("a file");
    path
}

/// Gives both tools the same words, which they must say the same to.
fn compare(kafka: &mut Oracle, words: &[&str]) -> String {
    let question = json!({ "class": "org.apache.kafka.tools.DumpLogSegments", "args": words, "input": "" });
    let answer: Value =
        serde_json::from_str(&kafka.ask(&question.to_string()).expect("an answer")).expect("JSON");
    let theirs = answer["out"].as_str().expect("text").to_owned();
    let done =
        Command::new(ottla_binary()).arg("kafka-dump-log").args(words).output().expect("it can be run");
    let ours = String::from_utf8(done.stdout).expect("text");
    for (number, (ours, theirs)) in ours.lines().zip(theirs.lines()).enumerate() {
        assert_eq!(ours, theirs, "{words:?}: line {}; ours first", number + 1);
    }
    assert_eq!(ours, theirs, "{words:?}");
    assert_eq!(
        String::from_utf8_lossy(&done.stderr),
        answer["err"].as_str().unwrap_or_default(),
        "{words:?}"
    );
    assert_eq!(done.status.code().map(i64::from), answer["code"].as_i64(), "{words:?}");
    theirs
}

#[test]
fn every_type_of_record_is_dumped_as_kafka_does_it() {
    let mut kafka = oracle();
    let groups = [of_coordinators(GROUPS), group_of_consumers()].concat();
    for (decoder, records) in [
        ("--offsets-decoder", groups),
        ("--transaction-log-decoder", of_coordinators(TRANSACTIONS)),
        ("--share-group-state-decoder", of_coordinators(SHARE_STATES)),
        ("--cluster-metadata-decoder", of_metadata()),
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = log(folder.path(), &records, 0);
        let said = compare(&mut kafka, &[decoder, "--files", file.to_str().expect("text")]);
        let shown = said.lines().filter(|line| line.contains("\"data\":")).count();
        assert!(shown + 1 >= records.len(), "{decoder}: {shown} of {} records say something", records.len());
    }
}

#[test]
fn what_is_missing_or_no_record_is_told_as_kafka_does_it() {
    let mut kafka = oracle();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let value = |text: &str| (None, Some(text.as_bytes().to_vec()));
    let records: Vec<Record> = (0..20).map(|number| value(&number.to_string())).collect();
    let file = log(folder.path(), &records, 3);
    let name = file.to_str().expect("text");
    compare(&mut kafka, &["--files", name, "--deep-iteration"]);
    compare(&mut kafka, &["--files", name, "--print-data-log", "--skip-record-metadata"]);
    compare(&mut kafka, &["--files", name, "--deep-iteration", "--skip-record-metadata"]);
    compare(&mut kafka, &["--files", name, "--max-bytes", "100", "--print-data-log"]);
    let mut torn = fs::read(&file).expect("a file");
    torn.truncate(torn.len() - 3);
    fs::write(&file, torn).expect("a file");
    compare(&mut kafka, &["--files", name]);
}

fn ottla(node: &Node, words: &str, input: &str) {
    let done = crate::program::run(
        {
            let mut command = Command::new(ottla_binary());
            command.args(words.split(' ')).env("OTTLA_BOOTSTRAP", node.address());
            command
        },
        input,
        None,
    );
    assert_eq!(done.code, 0, "{words}: {}", done.err);
}

/// A copy of all files, as they are at this moment.
fn copy(from: &Path, to: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, name) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            files.extend(copy(&path, &name));
        } else {
            fs::copy(&path, &name).expect("a copy");
            files.push(name);
        }
    }
    files
}

#[test]
fn what_a_broker_has_written_is_dumped_as_kafka_does_it() {
    let node = Node::start(Target::Ottla);
    ottla(&node, "topic create t -p 2 -c retention.ms=60000", "");
    ottla(&node, "topic create gone -p 1", "");
    ottla(&node, "produce t -k key", "one\ntwo\n");
    ottla(&node, "config set topic/t max.message.bytes=2000000", "");
    ottla(&node, "topic add-partitions t 3", "");
    ottla(&node, "topic rm gone", "");
    ottla(&node, "group reset offsets --to start --topic t", "");
    member::join(node.address(), &["classic", "old", "t"].map(str::to_owned));
    member::join(node.address(), &["consumer", "new", "t"].map(str::to_owned));
    ottla(&node, "group rm offsets", "");
    let perf = "--topic t --num-records 20 --record-size 9 --throughput -1 --transactional-id x --transaction-duration-ms 1";
    ottla(&node, &format!("kafka-producer-perf-test --bootstrap-server {} {perf}", node.address()), "");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = copy(&node.data(), folder.path());
    let mut kafka = oracle();
    let mut all = String::new();
    for (topic, decoder) in [
        ("__cluster_metadata-0", "--cluster-metadata-decoder"),
        ("__consumer_offsets-", "--offsets-decoder"),
        ("__transaction_state-", "--transaction-log-decoder"),
        ("t-", "--print-data-log"),
    ] {
        let is_of = |path: &&PathBuf| {
            let parent = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let is_dumped = matches!(ending, "log" | "index" | "timeindex" | "txnindex" | "checkpoint");
            parent.starts_with(topic) && is_dumped && fs::metadata(path).is_ok_and(|file| file.len() > 0)
        };
        for file in files.iter().filter(is_of) {
            all += &compare(&mut kafka, &[decoder, "--files", file.to_str().expect("text")]);
        }
    }
    for word in [
        "TOPIC_RECORD",
        "REMOVE_TOPIC_RECORD",
        "CONFIG_RECORD",
        "REGISTER_BROKER_RECORD",
        "LeaderChange:",
        "\"subscription\":{\"topics\"",
        "\"type\":\"5\"",
        "<DELETE>",
        "transactionStatus",
        "endTxnMarker: COMMIT",
    ] {
        assert!(all.contains(word), "there is no {word} among the files");
    }
}
