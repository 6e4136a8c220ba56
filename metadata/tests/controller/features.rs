//! Levels of features: what the nodes of the cluster allow, and what moves with a level.

use ottla_coordinator::{Machine, Ticket};
use ottla_metadata::{
    Command, Controller, FeatureUpdate, Loader, Refusal, Reply, SUPPORTED, UpgradeType, feature,
};
use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::{
    MetadataRecord,
    log_records::metadata::{config_record::ConfigRecord, feature_level_record::FeatureLevelRecord},
    messages::broker_registration_request::{BrokerRegistrationRequest, Feature},
};

const MINIMUM: &str = "min.insync.replicas";

fn level(name: &'static str, feature_level: i16) -> MetadataRecord {
    FeatureLevelRecord { name: Str::from_static(name), feature_level }.into()
}

/// A controller of a cluster that was formatted with these levels.
fn controller(levels: &[(&'static str, i16)]) -> Controller {
    let options = super::support::options(levels.iter().map(|(name, at)| level(name, *at)).collect());
    let mut controller = Controller::new(options, Loader::default());
    let effects = controller.loaded(Millis(0));
    effects.records.iter().for_each(|record| controller.replay(record));
    controller
}

/// A broker that can run `features`.
fn register(controller: &mut Controller, incarnation: u128, features: &[(&'static str, i16, i16)]) {
    let feature = |&(name, min_supported_version, max_supported_version): &(&'static str, i16, i16)| {
        Feature { name: Str::from_static(name), min_supported_version, max_supported_version }
    };
    let request = BrokerRegistrationRequest {
        broker_id: 7,
        incarnation_id: Uuid::from_u128(incarnation),
        features: features.iter().map(feature).collect(),
        ..BrokerRegistrationRequest::default()
    };
    let effects = controller.step(Millis(0), Ticket(0), Command::RegisterBroker(request));
    effects.records.iter().for_each(|record| controller.replay(record));
}

fn update(
    controller: &mut Controller,
    feature: &'static str,
    level: i16,
    upgrade_type: UpgradeType,
) -> (Result<(), Refusal>, Vec<MetadataRecord>) {
    let update = FeatureUpdate { feature: feature.into(), level, upgrade_type: Some(upgrade_type) };
    let command = Command::UpdateFeatures { updates: vec![update], kraft_version: 1, validate_only: false };
    let mut effects = controller.step(Millis(0), Ticket(1), command);
    effects.records.iter().for_each(|record| controller.replay(record));
    match effects.replies.pop() {
        Some((_, Reply::UpdateFeatures(result))) => (result, effects.records),
        other => panic!("{other:?}"),
    }
}

fn text(result: &Result<(), Refusal>) -> String {
    let refusal = result.as_ref().expect_err("it is refused");
    assert_eq!(refusal.code, ErrorCode::INVALID_UPDATE_VERSION);
    refusal.message.as_deref().unwrap_or_default().to_owned()
}

/// For every level, the lowest one that can be gone back to, as `MetadataVersion.checkIfMetadataChanged` of Kafka 4.3.1
/// says for each pair.
#[test]
fn metadata_goes_down_only_to_a_level_with_the_same_records() {
    let lowest = [7, 8, 8, 8, 11, 11, 13, 14, 15, 15, 17, 17, 17, 17, 17, 17, 23, 23, 23, 23, 23, 23, 23, 30];
    for (from, lowest) in (7..=30).zip(lowest) {
        for to in 7..from {
            let mut controller = controller(&[(feature::METADATA_VERSION, from)]);
            let safe = update(&mut controller, feature::METADATA_VERSION, to, UpgradeType::SafeDowngrade).0;
            if to >= lowest {
                assert_eq!(safe, Ok(()), "{from} to {to}");
                assert_eq!(controller.image().features.level(feature::METADATA_VERSION), to);
                continue;
            }
            let start = format!("Unsupported metadata.version downgrade from {from} to {to}. ");
            assert!(text(&safe).starts_with(&start), "{safe:?}");
            let unsafe_too =
                update(&mut controller, feature::METADATA_VERSION, to, UpgradeType::UnsafeDowngrade).0;
            assert!(
                text(&unsafe_too).ends_with("Unsafe metadata downgrade is not supported in this version.")
            );
            assert_eq!(controller.image().features.level(feature::METADATA_VERSION), from);
        }
    }
}

#[test]
fn metadata_goes_up_step_by_step() {
    let mut controller = controller(&[(feature::METADATA_VERSION, 7)]);
    for to in 8..=30 {
        let (result, records) = update(&mut controller, feature::METADATA_VERSION, to, UpgradeType::Upgrade);
        assert_eq!((result, records), (Ok(()), vec![level(feature::METADATA_VERSION, to)]));
    }
}

#[test]
fn a_level_every_broker_must_run() {
    let mut controller = controller(&[(feature::METADATA_VERSION, 30), (feature::TRANSACTION_VERSION, 1)]);
    register(
        &mut controller,
        1_000,
        &[(feature::METADATA_VERSION, 7, 30), (feature::TRANSACTION_VERSION, 0, 1)],
    );
    let (result, records) = update(&mut controller, feature::TRANSACTION_VERSION, 2, UpgradeType::Upgrade);
    assert_eq!(
        text(&result),
        "Invalid update version 2 for feature transaction.version. Broker 7 only supports versions 0-1"
    );
    assert_eq!(records, []);
    let (result, _) = update(&mut controller, feature::GROUP_VERSION, 1, UpgradeType::Upgrade);
    assert!(text(&result).ends_with("Broker 7 does not support this feature."), "{result:?}");
    let mut newer = controller;
    register(&mut newer, 1_001, &SUPPORTED);
    let (result, _) = update(&mut newer, feature::TRANSACTION_VERSION, 2, UpgradeType::Upgrade);
    assert_eq!(result, Ok(()));
}

#[test]
fn eligible_leader_replicas_come_with_a_minimum_for_the_cluster() {
    let mut controller = controller(&[(feature::METADATA_VERSION, 30)]);
    let own = |value: Option<&str>| ConfigRecord {
        resource_type: 4,
        resource_name: "7".into(),
        name: MINIMUM.into(),
        value: value.map(Str::from),
    };
    controller.replay(&own(Some("2")).into());
    let (result, records) = update(&mut controller, feature::ELR_VERSION, 1, UpgradeType::Upgrade);
    assert_eq!(result, Ok(()));
    let cluster = ConfigRecord { resource_name: Str::new(), value: Some("1".into()), ..own(None) };
    assert_eq!(records, [cluster.into(), own(None).into(), level(feature::ELR_VERSION, 1)]);
}

#[test]
fn eligible_leader_replicas_need_their_fields() {
    let mut controller = controller(&[(feature::METADATA_VERSION, 22)]);
    let (result, records) = update(&mut controller, feature::ELR_VERSION, 1, UpgradeType::Upgrade);
    assert!(text(&result).ends_with(
        "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23"
    ));
    assert_eq!(records, []);
}
