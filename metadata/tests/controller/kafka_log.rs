//! A `__cluster_metadata-0` written by Apache Kafka 4.3.1: topics, settings, credentials, rights, quotas, producer ids,
//! a clean restart and a kill. It must replay, and our controller must decide at the same places what Kafka decided.

use bytes::Bytes;
use ottla_coordinator::{Machine, Ticket};
use ottla_metadata::{
    BatchContent, BrokerHeartbeat, Checkpoint, Command, ConfigResource, Controller, Delta, Features, Image,
    LeaderRecoveryState, Loader, bootstrap_records, decode_batch, encode_batch,
};
use ottla_records::{Batch, BatchHeader, Batches};
use ottla_types::Millis;
use ottla_wire::{
    MetadataRecord,
    log_records::metadata::register_broker_record::RegisterBrokerRecord,
    messages::broker_registration_request::{BrokerRegistrationRequest, Feature, Listener},
};

const LOG: &[u8] = include_bytes!("../data/kafka-4.3.1-cluster-metadata.log");
const BOOTSTRAP: &[u8] = include_bytes!("../data/bootstrap.checkpoint");
const VOTERS: &[u8] = include_bytes!("../data/00000000000000000000-0000000000.checkpoint");

fn batches() -> impl Iterator<Item = Batch> {
    Batches::new(Bytes::from_static(LOG)).map(|batch| batch.expect("Kafka wrote it"))
}

/// Every data record with its offset.
fn records() -> Vec<(i64, MetadataRecord)> {
    let of = |batch: Batch| match decode_batch(&batch).expect("Kafka wrote it") {
        BatchContent::Records(records) => (batch.header().base_offset..).zip(records).collect(),
        BatchContent::Control(_) => Vec::new(),
    };
    batches().flat_map(of).collect()
}

fn replayed_before(end: i64) -> Controller {
    let mut controller = Controller::new(super::support::options(bootstrap_records()), Loader::default());
    for (offset, record) in records() {
        if offset < end {
            controller.replay(&record);
        }
    }
    controller.set_next_offset(end);
    controller
}

fn step(controller: &mut Controller, command: Command) -> Vec<MetadataRecord> {
    let effects = controller.step(Millis(0), Ticket(1), command);
    effects.records.iter().for_each(|record| controller.replay(record));
    effects.records
}

/// Kafka walks partitions in the order of a hash table; which record comes first means nothing.
fn as_set(records: impl IntoIterator<Item = MetadataRecord>) -> Vec<String> {
    let mut texts: Vec<String> = records.into_iter().map(|record| format!("{record:?}")).collect();
    texts.sort();
    texts
}

fn offset_of(nth: usize, matches: impl Fn(&MetadataRecord) -> bool) -> i64 {
    let all = records();
    all.iter()
        .filter(|(_, record)| matches(record))
        .nth(nth)
        .map(|(offset, _)| *offset)
        .expect("it is in the log")
}

fn registration(nth: usize) -> (i64, RegisterBrokerRecord) {
    let mut found = records().into_iter().filter_map(|(offset, record)| match record {
        MetadataRecord::RegisterBroker(record) => Some((offset, record)),
        _ => None,
    });
    found.nth(nth).expect("it is in the log")
}

fn request(record: &RegisterBrokerRecord, previous_broker_epoch: i64) -> BrokerRegistrationRequest {
    BrokerRegistrationRequest {
        broker_id: record.broker_id,
        incarnation_id: record.incarnation_id,
        listeners: record
            .end_points
            .iter()
            .map(|e| Listener {
                name: e.name.clone(),
                host: e.host.clone(),
                port: e.port,
                security_protocol: e.security_protocol,
            })
            .collect(),
        features: record
            .features
            .iter()
            .map(|f| Feature {
                name: f.name.clone(),
                min_supported_version: f.min_supported_version,
                max_supported_version: f.max_supported_version,
            })
            .collect(),
        rack: record.rack.clone(),
        log_dirs: record.log_dirs.clone(),
        previous_broker_epoch,
        ..BrokerRegistrationRequest::default()
    }
}

fn heartbeat(epoch: i64, want_shut_down: bool) -> Command {
    Command::Heartbeat(BrokerHeartbeat {
        broker_id: 1,
        broker_epoch: epoch,
        current_metadata_offset: i64::MAX,
        want_fence: false,
        want_shut_down,
    })
}

#[test]
fn every_batch_is_written_back_byte_for_byte() {
    let mut image = Image::default();
    for batch in batches() {
        let header = batch.header();
        let BatchContent::Records(records) = decode_batch(&batch).unwrap() else { continue };
        // Versions follow the features in force once the batch is applied.
        records.iter().for_each(|record| image.apply(record, &mut Delta::default()));
        let mut ours =
            encode_batch(&records, &image.features, header.partition_leader_epoch, header.base_timestamp)
                .unwrap();
        BatchHeader::assign(&mut ours, header.base_offset, header.partition_leader_epoch);
        assert_eq!(&ours[..], &batch.bytes()[..], "batch at offset {}", header.base_offset);
    }
}

#[test]
fn snapshot_plus_rest_of_log_is_the_log_at_every_record() {
    let records: Vec<MetadataRecord> = records().into_iter().map(|(_, record)| record).collect();
    let mut whole = Loader::default();
    for at in 0..=records.len() {
        let mut from_snapshot = Image::default();
        whole
            .image()
            .to_records()
            .iter()
            .for_each(|record| from_snapshot.apply(record, &mut Delta::default()));
        assert_eq!(&from_snapshot, whole.image(), "after {at} records");
        if let Some(record) = records.get(at) {
            whole.replay(record);
        }
    }
}

#[test]
fn the_image_is_what_kafka_had() {
    let controller = replayed_before(i64::MAX);
    let image = controller.image();
    let mut names: Vec<&str> = image.topics.iter().map(|topic| &*topic.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["gone", "t1", "with.dots"]);
    assert_eq!(image.topics.partition_count(), 6);
    let t1 = image.topics.by_name("t1").unwrap();
    let partition = &t1.partitions[&0];
    // Stopped cleanly, started, killed, started, stopped: two changes of leader each time.
    assert_eq!((partition.leader, partition.leader_epoch, partition.partition_epoch), (-1, 5, 6));
    assert_eq!((&partition.elr[..], &partition.last_known_elr[..]), (&[1][..], &[1][..]));
    assert_eq!(partition.leader_recovery_state, LeaderRecoveryState::Recovering);
    let settings = image.configs.get(&ConfigResource::topic("t1"));
    assert_eq!(
        settings.iter().map(|(k, v)| (&**k, &**v)).collect::<Vec<_>>(),
        [("min.insync.replicas", "2")]
    );
    assert!(image.configs.get(&ConfigResource::topic("gone")).is_empty(), "a new topic has no old settings");
    assert_eq!(image.next_producer_id(), 1000);
    assert_eq!(image.features.iter().count(), 6);
    let security = image.security();
    assert_eq!((security.scram.len(), security.acls.len(), security.quotas.len()), (1, 1, 2));
    assert!(image.broker(1).unwrap().fenced);
    assert_eq!(image.topics.colliding("with_dots").map(|name| &**name), Some("with.dots"));
}

#[test]
fn a_new_cluster_begins_as_kafkas() {
    let mut controller = Controller::new(super::support::options(bootstrap_records()), Loader::default());
    let ours = controller.loaded(Millis(0)).records;
    let kafka: Vec<MetadataRecord> =
        records().into_iter().map(|(_, record)| record).take(ours.len()).collect();
    assert_eq!(ours, kafka);
    assert!(replayed_before(i64::MAX).loaded(Millis(0)).records.is_empty());
}

#[test]
fn controlled_shutdown_is_decided_as_kafka_did() {
    let begin = offset_of(
        0,
        |r| matches!(r, MetadataRecord::BrokerRegistrationChange(c) if c.in_controlled_shutdown == 1),
    );
    let end = offset_of(0, |r| matches!(r, MetadataRecord::BrokerRegistrationChange(c) if c.fenced == 1));
    let (_, broker) = registration(0);
    let ours = step(&mut replayed_before(begin), heartbeat(broker.broker_epoch, true));
    let kafka = records().into_iter().filter(|(at, _)| (begin..=end).contains(at)).map(|(_, r)| r);
    assert_eq!(as_set(ours), as_set(kafka));
}

#[test]
fn a_clean_return_is_decided_as_kafka_did() {
    let (at, broker) = registration(1);
    let (_, before) = registration(0);
    let mut controller = replayed_before(at);
    let mut ours = step(&mut controller, Command::RegisterBroker(request(&broker, before.broker_epoch)));
    ours.extend(step(&mut controller, heartbeat(at, false)));
    let end = offset_of(2, |r| matches!(r, MetadataRecord::RegisterController(_)));
    let kafka = records().into_iter().filter(|(offset, _)| (at..end).contains(offset)).map(|(_, r)| r);
    assert_eq!(as_set(ours), as_set(kafka));
}

#[test]
fn a_return_after_a_kill_is_decided_as_kafka_did() {
    let begin = offset_of(2, |r| matches!(r, MetadataRecord::RegisterController(_))) + 1;
    let end = offset_of(
        1,
        |r| matches!(r, MetadataRecord::BrokerRegistrationChange(c) if c.in_controlled_shutdown == 1),
    );
    let (_, broker) = registration(2);
    let mut controller = replayed_before(begin);
    // Kafka fenced the dead broker in a batch of its own, so that its epoch is the offset after that.
    controller.set_next_offset(broker.broker_epoch);
    let mut ours = step(&mut controller, Command::RegisterBroker(request(&broker, -1)));
    ours.extend(step(&mut controller, heartbeat(broker.broker_epoch, false)));
    let kafka = records().into_iter().filter(|(at, _)| (begin..end).contains(at)).map(|(_, r)| r);
    assert_eq!(as_set(ours), as_set(kafka));
}

#[test]
fn snapshot_files_are_kafkas() {
    for file in [BOOTSTRAP, VOTERS] {
        let checkpoint = Checkpoint::decode(Bytes::from_static(file)).unwrap();
        let again = checkpoint.encode(&Features::default(), 0, 7).unwrap();
        assert_eq!(again.len(), file.len());
        assert_eq!(Checkpoint::decode(again).unwrap(), checkpoint);
        for cut in [0, 1, 83, file.len() - 75, file.len() - 1] {
            assert!(Checkpoint::decode(Bytes::copy_from_slice(&file[..cut])).is_err(), "cut at {cut}");
        }
    }
    let bootstrap = Checkpoint::decode(Bytes::from_static(BOOTSTRAP)).unwrap();
    assert_eq!(bootstrap.records, bootstrap_records());
    let (kraft_version, voters) = Checkpoint::decode(Bytes::from_static(VOTERS)).unwrap().quorum.unwrap();
    assert_eq!((kraft_version, voters.voters[0].voter_id), (1, 1));
}
