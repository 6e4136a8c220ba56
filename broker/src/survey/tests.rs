use std::{fs, path::Path, sync::Arc};

use ottla_config::{BrokerConfig, Properties};
use ottla_disk::{Disk, RealDisk};
use ottla_log::{Ended, Log, LogConfig, OpenLog};
use ottla_metadata::{FORMATTED, Features, encode_batch};
use ottla_quorum::ElectionState;
use ottla_records::{BatchBuilder, NewRecord, validate::AppendBatch};
use ottla_types::{Millis, Uuid};
use ottla_wire::{
    MetadataRecord,
    log_records::metadata::{
        access_control_entry_record::AccessControlEntryRecord, config_record::ConfigRecord,
        feature_level_record::FeatureLevelRecord, partition_record::PartitionRecord,
        topic_record::TopicRecord, user_scram_credential_record::UserScramCredentialRecord,
        zk_migration_state_record::ZkMigrationStateRecord,
    },
};

use super::*;
use crate::{RunningBroker, StartError};

const CLUSTER: &str = "b3R0bGEtdGVzdC1rZXkhIQ";

/// Two formatted data directories of node 1, whose metadata log has what a test puts into it.
struct Fixture {
    root: tempfile::TempDir,
    settings: String,
}

impl Fixture {
    fn new() -> Self {
        let fixture =
            Self { root: tempfile::tempdir().expect("a temporary directory"), settings: String::new() };
        crate::format(&disk(), &fixture.config(), CLUSTER).expect("an empty directory");
        let formatted: Vec<_> = FORMATTED.iter().map(|(name, level)| feature_level(name, *level)).collect();
        fixture.append(&formatted)
    }

    fn setting(mut self, line: &str) -> Self {
        self.settings.push_str(line);
        self.settings.push('\n');
        self
    }

    fn data(&self, number: u8) -> PathBuf {
        self.root.path().join(format!("data{number}"))
    }

    fn config(&self) -> BrokerConfig {
        let text = format!(
            "node.id=1\nlisteners=PLAINTEXT://127.0.0.1:0\nlog.dirs={},{}\n{}",
            self.data(0).display(),
            self.data(1).display(),
            self.settings
        );
        let properties = Properties::parse(&text).expect("sound properties");
        BrokerConfig::from_properties(&properties).expect("a sound configuration").config
    }

    /// Puts records at the end of the metadata log, as an earlier epoch wrote them.
    fn append(self, records: &[MetadataRecord]) -> Self {
        let batch =
            encode_batch(records, &levels(), 1, 1_700_000_000_000).expect("records of known versions");
        self.append_to("__cluster_metadata-0", &batch)
    }

    fn append_to(self, partition: &str, batch: &[u8]) -> Self {
        let dir = self.data(0).join(partition);
        let open = OpenLog {
            dir,
            config: LogConfig::default(),
            log_start: 0,
            recovery_point: 0,
            ended: Ended::Killed,
            now: Millis(0),
        };
        let mut log = Log::open(&disk(), &open).expect("a sound log");
        let batch = AppendBatch::trusted(&batch.to_vec().into()).expect("a sound batch");
        log.append(batch, 1, Millis(0)).expect("an append");
        let state = ElectionState { epoch: 1, leader_id: Some(1), voted: None };
        fs::write(self.data(0).join("__cluster_metadata-0/quorum-state"), state.to_json()).expect("a file");
        self
    }

    fn directory_id(&self, number: u8) -> Uuid {
        let meta = read_meta_properties(&RealDisk, &self.data(number)).expect("a file");
        meta.expect("a formatted directory").directory_id
    }

    /// Checks that a start is refused with all of these words and leaves every byte as it was.
    fn refused(&self, words: &[&str]) {
        let before = contents(self.root.path());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let started = runtime.block_on(RunningBroker::start(self.config(), disk()));
        let said = match started {
            Err(StartError::Refused(said)) => said,
            Err(error) => error.to_string(),
            Ok(_) => panic!("it started; {words:?} was expected"),
        };
        words.iter().for_each(|word| assert!(said.contains(word), "no `{word}` in `{said}`"));
        let after = contents(self.root.path());
        assert!(before == after, "a refused start has changed something");
    }

    /// Checks that nothing speaks against a start, and answers the remarks.
    fn accepted(&self) -> String {
        let survey = survey(&disk(), &self.config());
        assert_eq!(survey.refusals, Vec::<String>::new());
        survey.remarks.join("\n")
    }
}

fn disk() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

fn levels() -> Features {
    let mut image = ottla_metadata::Image::default();
    let records = FORMATTED.iter().map(|(name, level)| feature_level(name, *level));
    records.for_each(|record| image.apply(&record, &mut ottla_metadata::Delta::default()));
    image.features
}

fn feature_level(name: &str, feature_level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: name.into(), feature_level }.into()
}

/// Every file below a directory with its bytes.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.insert(path.clone(), Vec::new());
            found.extend(contents(&path));
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.insert(path, bytes);
        }
    }
    found
}

fn topic(name: &str, id: u128) -> MetadataRecord {
    TopicRecord { name: name.into(), topic_id: Uuid::from_u128(id) }.into()
}

fn partition(id: u128, replicas: &[i32], directories: &[Uuid]) -> MetadataRecord {
    PartitionRecord {
        topic_id: Uuid::from_u128(id),
        replicas: replicas.to_vec(),
        isr: replicas.to_vec(),
        leader: replicas[0],
        directories: directories.to_vec(),
        ..PartitionRecord::default()
    }
    .into()
}

#[test]
fn a_formatted_directory_is_accepted_without_remarks() {
    assert_eq!(Fixture::new().accepted(), "");
}

#[test]
fn levels_and_features_of_a_later_release_are_refused() {
    let metadata_version = |level| Fixture::new().append(&[feature_level("metadata.version", level)]);
    metadata_version(31).refused(&["metadata.version is 31", "7 to 30"]);
    metadata_version(6).refused(&["metadata.version is 6"]);
    assert_eq!(metadata_version(21).accepted(), "");
    let unknown = Fixture::new().append(&[feature_level("teleportation.version", 1)]);
    unknown.refused(&["teleportation.version is 1", "does not know"]);
}

#[test]
fn a_record_of_a_later_release_is_refused() {
    // Frame version 1, record type 99, version 0.
    let mut batch = BatchBuilder::new().leader_epoch(1);
    batch.push(&NewRecord { timestamp: 0, key: None, value: Some(&[1, 99, 0]), headers: &[] });
    let fixture = Fixture::new().append_to("__cluster_metadata-0", &batch.finish());
    fixture.refused(&["offset 6", "99", "newer release"]);
}

#[test]
fn damage_with_records_behind_it_is_refused() {
    let fixture = Fixture::new().append(&[topic("a", 1_000)]).append(&[topic("b", 1_001)]);
    let path = fixture.data(0).join("__cluster_metadata-0/00000000000000000000.log");
    let mut bytes = fs::read(&path).expect("the log");
    bytes[100] ^= 1;
    fs::write(&path, &bytes).expect("the log");
    fixture.refused(&["damaged with sound records behind", "00000000000000000000.log"]);
}

#[test]
fn a_torn_end_is_a_remark() {
    let fixture = Fixture::new().append(&[topic("a", 1_000)]);
    let path = fixture.data(0).join("__cluster_metadata-0/00000000000000000000.log");
    let bytes = fs::read(&path).expect("the log");
    fs::write(&path, &bytes[..bytes.len() - 3]).expect("the log");
    assert!(fixture.accepted().contains("torn end"));
}

#[test]
fn a_lost_quorum_state_is_refused() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.data(0).join("__cluster_metadata-0/quorum-state")).expect("the file");
    fixture.refused(&["ends with epoch 1", "only knows epoch 0"]);
}

#[test]
fn voters_elsewhere_are_refused() {
    let statically = |voters: &str| {
        let fixture = Fixture::new().setting(&format!("controller.quorum.voters={voters}"));
        fs::remove_file(
            fixture.data(0).join("__cluster_metadata-0/00000000000000000000-0000000000.checkpoint"),
        )
        .expect("the voters of a fresh directory");
        fixture
    };
    statically("1@a:9093,2@b:9093,3@c:9093").refused(&["nodes 1, 2, 3", "clusters of one"]);
    statically("2@b:9093").refused(&["nodes 2"]);
    statically("").refused(&["names a voter"]);
    assert_eq!(statically("1@a:9093").accepted(), "");
    let copied = Fixture::new();
    let path = copied.data(0).join("meta.properties");
    let other = fs::read_to_string(copied.data(1).join("meta.properties")).expect("a file");
    fs::write(&path, other).expect("a file");
    copied.refused(&["the voter of the metadata quorum is node 1", "one is a copy"]);
}

#[test]
fn replicas_on_other_brokers_are_refused() {
    let none = Uuid::ONE;
    let fixture = Fixture::new().append(&[topic("spread", 1_000), partition(1_000, &[1, 2], &[none, none])]);
    fixture.refused(&["1 topic (spread)", "clusters of one"]);
}

#[test]
fn partitions_in_a_directory_that_is_not_given_are_refused() {
    let fixture = Fixture::new();
    let there = fixture.directory_id(1);
    let gone = Uuid::from_u128(77_777);
    let fixture = fixture.append(&[topic("here", 1_000), partition(1_000, &[1], &[there])]);
    assert_eq!(fixture.accepted(), "");
    let fixture = fixture.append(&[topic("gone", 1_001), partition(1_001, &[1], &[gone])]);
    fixture.refused(&["1 topic (gone)", "log.dirs does not name"]);
}

#[test]
fn a_partition_in_two_directories_is_refused() {
    let fixture = Fixture::new();
    for number in [0, 1] {
        fs::create_dir(fixture.data(number).join("a-0")).expect("a directory");
    }
    fixture.refused(&["Duplicate log directories found for a-0", "data0", "data1"]);
}

#[test]
fn tiered_topics_are_refused() {
    let tiered = ConfigRecord {
        resource_type: 2,
        resource_name: "cold".into(),
        name: "remote.storage.enable".into(),
        value: Some("true".into()),
    };
    Fixture::new()
        .append(&[topic("cold", 1_000), tiered.into()])
        .refused(&["1 topic (cold)", "remote storage"]);
}

#[test]
fn rights_are_kept_and_an_authorizer_is_refused() {
    let acl = AccessControlEntryRecord { id: Uuid::from_u128(9_999), ..AccessControlEntryRecord::default() };
    let scram = UserScramCredentialRecord { name: "u".into(), ..UserScramCredentialRecord::default() };
    let fixture = Fixture::new().append(&[acl.into(), scram.into()]);
    let remarks = fixture.accepted();
    assert!(remarks.contains("1 access control entries are kept"), "{remarks}");
    assert!(remarks.contains("1 SCRAM credentials are kept"), "{remarks}");
    let class = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    fixture.setting(class).refused(&["StandardAuthorizer", "checks no access rights"]);
}

#[test]
fn directories_of_zookeepers_time_are_refused() {
    let migrating = ZkMigrationStateRecord { zk_migration_state: 1 };
    Fixture::new().append(&[migrating.into()]).refused(&["migration from ZooKeeper"]);
    let finished = ZkMigrationStateRecord { zk_migration_state: 3 };
    assert_eq!(Fixture::new().append(&[finished.into()]).accepted(), "");
    let fixture = Fixture::new();
    let path = fixture.data(1).join("meta.properties");
    fs::write(&path, format!("version=0\nbroker.id=1\ncluster.id={CLUSTER}\n")).expect("a file");
    fixture.refused(&["data1/meta.properties", "ZooKeeper"]);
}

#[test]
fn directories_of_others_are_refused() {
    let rewritten = |from: &str, to: &str| {
        let fixture = Fixture::new();
        let path = fixture.data(1).join("meta.properties");
        let text = fs::read_to_string(&path).expect("a file").replace(from, to);
        fs::write(&path, text).expect("a file");
        fixture
    };
    rewritten("node.id=1", "node.id=2").refused(&["data1/meta.properties", "it belongs to node 2"]);
    rewritten(CLUSTER, "AAAAAAAAAAAAAAAAAAAAAA").refused(&["it belongs to cluster AAAAAAAAAAAAAAAAAAAAAA"]);
    let fixture = Fixture::new();
    fs::remove_file(fixture.data(1).join("meta.properties")).expect("a file");
    fixture.refused(&["No `meta.properties` found in", "data1"]);
}

#[test]
fn a_directory_in_use_is_refused() {
    let fixture = Fixture::new();
    let _held = RealDisk.lock(&fixture.data(1).join(".lock")).expect("a free lock");
    fixture.refused(&["Failed to acquire lock", "data1"]);
}
