//! UpdateFeatures, and what the levels decide. Every case puts back the levels a format gives.

use ottla_types::Str;
use ottla_wire::messages::{
    api_versions_request::ApiVersionsRequest,
    api_versions_response::ApiVersionsResponse,
    consumer_group_describe_request::ConsumerGroupDescribeRequest,
    consumer_group_heartbeat_request::ConsumerGroupHeartbeatRequest,
    update_features_request::{FeatureUpdateKey, UpdateFeaturesRequest},
    update_features_response::UpdateFeaturesResponse,
};

use super::transactions::{Producer, adding, end, init, open, producer, settled};
use crate::{Cases, Run, Stop};

const VERSIONS: [i16; 3] = [0, 1, 2];
const TRANSACTION_VERSION: &str = "transaction.version";
const GROUP_VERSION: &str = "group.version";

/// Wire values of the ways a level may move.
const UPGRADE: i8 = 1;
const SAFE_DOWNGRADE: i8 = 2;
const UNSAFE_DOWNGRADE: i8 = 3;

type Update = (&'static str, i16, i8);

/// Refused, or no change: name, then what is asked.
const QUESTIONS: [(&str, &[Update]); 22] = [
    ("nothing", &[]),
    ("same-level", &[(TRANSACTION_VERSION, 2, UPGRADE)]),
    ("same-level-downgrade", &[(TRANSACTION_VERSION, 2, SAFE_DOWNGRADE)]),
    ("too-high", &[(TRANSACTION_VERSION, 3, UPGRADE)]),
    ("group-too-high", &[(GROUP_VERSION, 2, UPGRADE)]),
    ("negative", &[(TRANSACTION_VERSION, -1, UNSAFE_DOWNGRADE)]),
    ("lower-without-saying", &[(TRANSACTION_VERSION, 1, UPGRADE)]),
    ("higher-by-downgrade", &[(GROUP_VERSION, 1, SAFE_DOWNGRADE), (TRANSACTION_VERSION, 3, SAFE_DOWNGRADE)]),
    ("unknown-feature", &[("no.such.version", 1, UPGRADE)]),
    ("unknown-feature-off", &[("no.such.version", 0, SAFE_DOWNGRADE)]),
    ("no-name", &[("", 1, UPGRADE)]),
    ("unknown-type", &[(TRANSACTION_VERSION, 1, 4)]),
    ("type-zero", &[(TRANSACTION_VERSION, 1, 0)]),
    ("metadata-same", &[("metadata.version", 30, UPGRADE)]),
    ("metadata-too-high", &[("metadata.version", 31, UPGRADE)]),
    ("metadata-too-low", &[("metadata.version", 6, UNSAFE_DOWNGRADE)]),
    ("metadata-safe-downgrade", &[("metadata.version", 29, SAFE_DOWNGRADE)]),
    ("metadata-unsafe-downgrade", &[("metadata.version", 7, UNSAFE_DOWNGRADE)]),
    ("kraft-same", &[("kraft.version", 1, UPGRADE)]),
    ("kraft-lower", &[("kraft.version", 0, UNSAFE_DOWNGRADE)]),
    ("kraft-too-high", &[("kraft.version", 2, UPGRADE)]),
    (
        "several-mistakes",
        &[
            ("a", 1, UPGRADE),
            (GROUP_VERSION, 7, UPGRADE),
            ("share.version", 7, UPGRADE),
            (TRANSACTION_VERSION, 7, UPGRADE),
            ("streams.version", 7, UPGRADE),
            ("eligible.leader.replicas.version", 7, UPGRADE),
        ],
    ),
];

pub(super) fn add(cases: &mut Cases) {
    for (name, asked) in QUESTIONS {
        cases.at(&VERSIONS, name, move |run, version| {
            update(run, version, asked, false)?;
            levels(run)
        });
    }
    cases.at(&[1, 2], "validate-only", |run, version| {
        update(run, version, &[(TRANSACTION_VERSION, 0, SAFE_DOWNGRADE)], true)?;
        update(run, version, &[(TRANSACTION_VERSION, 3, UPGRADE)], true)?;
        levels(run)
    });
    cases.at(&[1, 2], "one-mistake-stops-all", |run, version| {
        update(run, version, &[(GROUP_VERSION, 0, SAFE_DOWNGRADE), ("no.such.version", 1, UPGRADE)], false)?;
        levels(run)
    });
    cases.at(&[1, 2], "named-twice", |run, version| {
        let twice = [(GROUP_VERSION, 7, UPGRADE), (GROUP_VERSION, 1, UPGRADE)];
        update(run, version, &twice, false)?;
        levels(run)
    });
    cases.at(&[1, 2], "down-and-up", |run, version| {
        for feature in ["eligible.leader.replicas.version", "share.version", "streams.version"] {
            update(run, version, &[(feature, 0, SAFE_DOWNGRADE)], false)?;
            levels(run)?;
            update(run, version, &[(feature, 1, UPGRADE)], false)?;
        }
        levels(run)
    });
    cases.at(&[0], "old-clients-only-raise", |run, version| {
        let downgrade = FeatureUpdateKey {
            feature: GROUP_VERSION.into(),
            max_version_level: 0,
            allow_downgrade: true,
            ..FeatureUpdateKey::default()
        };
        let request = UpdateFeaturesRequest { feature_updates: vec![downgrade], ..Default::default() };
        run.ask(version, request)?;
        levels(run)
    });
    cases.add("group-version-0", |run| {
        update(run, 2, &[(GROUP_VERSION, 0, UNSAFE_DOWNGRADE)], false)?;
        levels(run)?;
        join(run)?;
        update(run, 2, &[(GROUP_VERSION, 1, UPGRADE)], false)?;
        levels(run)?;
        join(run)
    });
    for (level, versions) in [(1, &[5, 3][..]), (0, &[4, 3])] {
        cases.add(format!("transaction-version-{level}"), move |run| {
            let producer = producer(run)?;
            update(run, 2, &[(TRANSACTION_VERSION, level, SAFE_DOWNGRADE)], false)?;
            levels(run)?;
            transactions(run, producer, versions)?;
            update(run, 2, &[(TRANSACTION_VERSION, 2, UPGRADE)], false)?;
            levels(run)
        });
    }
}

fn request(updates: &[Update], validate_only: bool) -> UpdateFeaturesRequest {
    let update = |&(feature, max_version_level, upgrade_type): &Update| FeatureUpdateKey {
        feature: Str::from_static(feature),
        max_version_level,
        upgrade_type,
        ..FeatureUpdateKey::default()
    };
    UpdateFeaturesRequest {
        feature_updates: updates.iter().map(update).collect(),
        validate_only,
        ..UpdateFeaturesRequest::default()
    }
}

fn update(
    run: &mut Run,
    version: i16,
    updates: &[Update],
    validate_only: bool,
) -> Result<UpdateFeaturesResponse, Stop> {
    let mut request = request(updates, validate_only);
    if version == 0 {
        // What this version cannot say.
        request.feature_updates.iter_mut().for_each(|update| update.upgrade_type = UPGRADE);
    }
    run.ask(version, request)
}

/// Records the levels, once the broker has seen what was decided.
fn levels(run: &mut Run) -> Result<(), Stop> {
    run.catch_up()?;
    let client =
        ApiVersionsRequest { client_software_name: "answers".into(), client_software_version: "1".into() };
    let answer: ApiVersionsResponse = run.ask_quietly(4, &client)?;
    let mut finalized: Vec<String> = answer
        .finalized_features
        .iter()
        .map(|feature| format!("{} {}", feature.name, feature.max_version_level))
        .collect();
    finalized.sort();
    run.note(&finalized.join(", "));
    Ok(())
}

/// A member of the newer protocol, and its description; it leaves if it came in.
fn join(run: &mut Run) -> Result<(), Stop> {
    let group_id = run.name("g");
    let heartbeat = |member_epoch| ConsumerGroupHeartbeatRequest {
        group_id: group_id.clone(),
        member_id: "member".into(),
        member_epoch,
        rebalance_timeout_ms: 5000,
        subscribed_topic_names: Some(vec!["nowhere".into()]),
        topic_partitions: Some(Vec::new()),
        ..ConsumerGroupHeartbeatRequest::default()
    };
    run.ask(1, heartbeat(0))?;
    let describe = ConsumerGroupDescribeRequest { group_ids: vec![group_id.clone()], ..Default::default() };
    run.ask(1, describe)?;
    run.ask(1, heartbeat(-1)).map(drop)
}

/// Transactions as clients of these versions of EndTxn end them, and a new incarnation. At level 0 the log cannot say
/// what version 5 needs, and clients see from the level that they must not use it.
fn transactions(run: &mut Run, mut producer: Producer, versions: &[i16]) -> Result<(), Stop> {
    let topic = run.topic(1)?;
    for (version, committed) in versions.iter().flat_map(|version| [(*version, true), (*version, false)]) {
        open(run, &producer, &topic)?;
        end_and_settle(run, version, &mut producer, committed)?;
    }
    for version in versions {
        run.note("nothing is open");
        end_and_settle(run, *version, &mut producer, false)?;
        end_and_settle(run, *version, &mut producer, true)?;
    }
    run.ask(3, adding(3, &producer, &[(&topic.name, &[0])], false))?;
    run.note("a new incarnation, while a transaction of the old one is open");
    run.ask(4, init(&producer.name))?;
    settled(run, &producer)?;
    run.ask(4, init(&producer.name)).map(drop)
}

fn end_and_settle(run: &mut Run, version: i16, producer: &mut Producer, committed: bool) -> Result<(), Stop> {
    let ended = run.ask(version, end(producer, committed))?;
    if ended.producer_id >= 0 {
        (producer.id, producer.epoch) = (ended.producer_id, ended.producer_epoch);
    }
    settled(run, producer)
}
