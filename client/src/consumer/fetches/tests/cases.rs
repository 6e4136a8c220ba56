//! Single cases, on what the random lives are made of.

use std::collections::BTreeMap;

use ottla_types::{ErrorCode, Millis, Str, Uuid};
use ottla_wire::messages::fetch_response::{
    FetchResponse, FetchableTopicResponse, LeaderIdAndEpoch, PartitionData,
};

use super::{
    super::{Ask, At, Fetches, Rules, Trouble, answers::Found},
    Life, at, endpoints,
};
use crate::consumer::partition::Partitions;

/// One partition at an offset, with a leader.
fn one(reset: Option<At>) -> Fetches {
    let mut life = Life::new(0);
    let rules = Rules { reset, ..life.fetches.rules.clone() };
    life.fetches = Fetches::new(rules);
    life.fetches.add(at(0));
    let Some(Ask::Topics(_)) = life.fetches.poll(Millis(0)) else { panic!("topics come first") };
    life.fetches.on_topics(Millis(0), &[life.info()]);
    life.fetches
}

fn committed(fetches: &mut Fetches, found: Found) {
    let Some(Ask::Committed(of)) = fetches.poll(Millis(0)) else { panic!("the committed offset is wanted") };
    fetches.on_committed(Millis(0), &of, Some(&BTreeMap::from([(at(0), found)])));
}

#[test]
fn without_an_offset_and_a_policy_the_reader_is_told() {
    let mut fetches = one(None);
    committed(&mut fetches, Ok(None));
    assert_eq!(fetches.take_trouble(), Some((at(0), Trouble::NoOffset)));
    assert_eq!(fetches.poll(Millis(0)), None);
    fetches.seek(&at(0), 5);
    assert!(matches!(fetches.poll(Millis(0)), Some(Ask::Fetch { .. })));
}

#[test]
fn a_committed_offset_of_a_truncated_log_is_noticed() {
    let mut fetches = one(None);
    committed(&mut fetches, Ok(Some((10, 3))));
    let Some(Ask::Epochs { of, .. }) = fetches.poll(Millis(0)) else { panic!("the epoch is looked at") };
    assert_eq!(of[&at(0)].1, (0, 3));
    fetches.on_epochs(Millis(0), &of, &BTreeMap::from([(at(0), Ok(Some((7, 2))))]));
    let told = Trouble::Truncated { position: 10, diverges: 7 };
    assert_eq!(fetches.take_trouble(), Some((at(0), told)));

    let mut fetches = one(Some(At::Latest));
    committed(&mut fetches, Ok(Some((10, 3))));
    let Some(Ask::Epochs { of, .. }) = fetches.poll(Millis(0)) else { panic!("the epoch is looked at") };
    fetches.on_epochs(Millis(0), &of, &BTreeMap::from([(at(0), Ok(Some((7, 2))))]));
    assert_eq!(fetches.position(&at(0)), Some(7));
}

#[test]
fn a_nearer_replica_is_read_from_until_it_fails() {
    let mut fetches = one(Some(At::Earliest));
    committed(&mut fetches, Ok(Some((10, -1))));
    let answer = |index, code, nearer| {
        let data = PartitionData {
            partition_index: index,
            error_code: code,
            preferred_read_replica: nearer,
            ..PartitionData::default()
        };
        let topic = FetchableTopicResponse { topic: Str::new(), topic_id: Uuid::ONE, partitions: vec![data] };
        Some(FetchResponse { session_id: 1, responses: vec![topic], ..FetchResponse::default() })
    };
    let asks = |fetches: &mut Fetches| match fetches.poll(Millis(0)) {
        Some(Ask::Fetch { node, .. }) => node,
        other => panic!("a fetch is due: {other:?}"),
    };
    assert_eq!(asks(&mut fetches), 1);
    fetches.on_fetched(Millis(0), 1, answer(0, ErrorCode::NONE, 2));
    assert_eq!(asks(&mut fetches), 2);
    // A follower that does not have the offset is no reason to reset.
    fetches.on_fetched(Millis(0), 2, answer(0, ErrorCode::OFFSET_OUT_OF_RANGE, -1));
    assert_eq!(asks(&mut fetches), 1);
    assert_eq!(fetches.position(&at(0)), Some(10));
    fetches.on_fetched(Millis(0), 1, answer(0, ErrorCode::OFFSET_OUT_OF_RANGE, -1));
    assert!(matches!(fetches.poll(Millis(0)), Some(Ask::Offsets { .. })));
}

#[test]
fn a_leader_that_is_told_with_the_refusal_is_asked_at_once() {
    let mut fetches = one(Some(At::Earliest));
    committed(&mut fetches, Ok(Some((10, -1))));
    let refusal = |(leader_id, leader_epoch), named: &[i32]| {
        let data = PartitionData {
            partition_index: 0,
            error_code: ErrorCode::NOT_LEADER_OR_FOLLOWER,
            current_leader: LeaderIdAndEpoch { leader_id, leader_epoch },
            ..PartitionData::default()
        };
        let topic = FetchableTopicResponse { topic: Str::new(), topic_id: Uuid::ONE, partitions: vec![data] };
        let node_endpoints = endpoints(named);
        Some(FetchResponse { session_id: 1, responses: vec![topic], node_endpoints, ..Default::default() })
    };
    let asks = |fetches: &mut Fetches| match fetches.poll(Millis(0)) {
        Some(Ask::Fetch { node, request, .. }) => {
            Some((node, request.topics[0].partitions[0].current_leader_epoch))
        }
        None => None,
        other => panic!("not a fetch: {other:?}"),
    };
    assert_eq!(asks(&mut fetches), Some((1, 0)));
    fetches.on_fetched(Millis(0), 1, refusal((2, 3), &[2]));
    assert_eq!(asks(&mut fetches), Some((2, 3)));
    // What it knows itself is younger.
    fetches.on_fetched(Millis(0), 2, refusal((1, 2), &[1]));
    assert_eq!(asks(&mut fetches), None);
    // And one that nobody knows the address of cannot be asked.
    let mut fetches = one(Some(At::Earliest));
    committed(&mut fetches, Ok(Some((10, -1))));
    assert_eq!(asks(&mut fetches), Some((1, 0)));
    fetches.on_fetched(Millis(0), 1, refusal((2, 3), &[]));
    assert_eq!(asks(&mut fetches), None);
}

#[test]
fn nothing_behind_a_batch_that_makes_no_sense_is_handed_out() {
    let mut life = Life::new(1);
    life.healthy = true;
    life.logs.iter_mut().for_each(|log| (0..3).for_each(|_| log.append(2, false)));
    for _ in 0..50 {
        life.act();
        life.answer();
    }
    let of_first = |fetches: &mut Fetches| fetches.take(|of| *of == at(0));
    let bad = of_first(&mut life.fetches).expect("it is fetched ahead");
    life.fetches.stop_before(&at(0), bad.life, bad.from);
    for _ in 0..50 {
        life.act();
        life.answer();
        assert!(of_first(&mut life.fetches).is_none());
    }
    // What was stopped before a seek does not stop what is after it.
    life.fetches.seek(&at(0), 2);
    life.fetches.stop_before(&at(0), bad.life, bad.from);
    assert_eq!(life.fetches.position(&at(0)), Some(2));
}

#[test]
fn what_is_given_up_is_not_handed_out() {
    let mut life = Life::new(1);
    life.healthy = true;
    life.logs.iter_mut().for_each(|log| log.append(3, false));
    for _ in 0..50 {
        life.act();
        life.answer();
    }
    life.fetches.close(&at(1));
    while let Some(taken) = life.fetches.take(|_| true) {
        assert_ne!(taken.at, at(1));
    }
    assert_eq!(life.fetches.buffered, 0);
    assert_eq!(life.fetches.partitions(), Partitions::from([at(0), at(2)]));
}
