//! Offsets committed in transactions.

use ottla_types::Str;
use ottla_wire::messages::{
    add_offsets_to_txn_request::AddOffsetsToTxnRequest,
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    txn_offset_commit_request::{
        TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    },
};

use super::{Producer, end, producer, settled};
use crate::{
    Cases, Run, Stop, Topic,
    cases::{group::commit_quietly, unknown},
};

pub(super) fn add(cases: &mut Cases) {
    for (name, committed) in [("txn-offset-commit-commits", true), ("txn-offset-commit-aborts", false)] {
        cases.at(&[0, 1, 2, 3, 4, 5], name, move |run, version| {
            let (own, group) = (producer(run)?, run.name("g"));
            let topic = commit_quietly(run, &group)?;
            add_offsets(run, version, &own, &group)?;
            run.ask(version, commit(&own, &group, &topic.name, &[(0, 17)]))?;
            run.ask(8, fetch(&group, &topic, true))?;
            run.ask(8, fetch(&group, &topic, false))?;
            run.ask(4, end(&own, committed))?;
            settled(run, &own)?;
            run.ask(8, fetch(&group, &topic, true)).map(drop)
        });
    }
    cases.at(&[3, 4, 5], "txn-offset-commit-refused", |run, version| {
        let (own, group) = (producer(run)?, run.name("g"));
        let topic = commit_quietly(run, &group)?;
        add_offsets(run, version, &own, &group)?;
        run.ask(version, commit(&own, &group, &unknown(), &[(0, 1)]))?;
        run.ask(version, commit(&own, &group, &topic.name, &[(0, 1), (9, 1)]))?;
        let stranger = TxnOffsetCommitRequest {
            generation_id: 3,
            member_id: Str::from_static("stranger"),
            ..commit(&own, &group, &topic.name, &[(0, 1)])
        };
        run.ask(version, stranger.clone())?;
        let elsewhere = TxnOffsetCommitRequest { group_id: run.name("other"), ..stranger };
        run.ask(version, elsewhere)?;
        let old = Producer { epoch: -1, ..own };
        run.ask(version, commit(&old, &group, &topic.name, &[(0, 1)])).map(drop)
    });
    cases.at(&[3, 4, 5], "txn-offset-commit-not-added", |run, version| {
        let (own, group) = (producer(run)?, run.name("g"));
        let topic = commit_quietly(run, &group)?;
        run.ask(version, commit(&own, &group, &topic.name, &[(0, 1)])).map(drop)
    });
}

/// Up to version 4 the producer says itself that it will commit offsets.
fn add_offsets(run: &mut Run, version: i16, own: &Producer, group: &Str) -> Result<(), Stop> {
    if version >= 5 {
        return Ok(());
    }
    run.note("the group's offsets are added");
    let request = AddOffsetsToTxnRequest {
        transactional_id: own.name.clone(),
        producer_id: own.id,
        producer_epoch: own.epoch,
        group_id: group.clone(),
    };
    run.ask_quietly(3, &request).map(drop)
}

fn commit(own: &Producer, group: &Str, topic: &Str, offsets: &[(i32, i64)]) -> TxnOffsetCommitRequest {
    let partition = |&(partition_index, committed_offset): &(i32, i64)| TxnOffsetCommitRequestPartition {
        partition_index,
        committed_offset,
        committed_leader_epoch: -1,
        committed_metadata: Some(Str::from_static("m")),
    };
    TxnOffsetCommitRequest {
        transactional_id: own.name.clone(),
        group_id: group.clone(),
        producer_id: own.id,
        producer_epoch: own.epoch,
        generation_id: -1,
        member_id: Str::new(),
        group_instance_id: None,
        topics: vec![TxnOffsetCommitRequestTopic {
            name: topic.clone(),
            partitions: offsets.iter().map(partition).collect(),
        }],
    }
}

fn fetch(group: &Str, topic: &Topic, require_stable: bool) -> OffsetFetchRequest {
    let topics = vec![OffsetFetchRequestTopics {
        name: topic.name.clone(),
        partition_indexes: vec![0, 1],
        ..Default::default()
    }];
    let group =
        OffsetFetchRequestGroup { group_id: group.clone(), topics: Some(topics), ..Default::default() };
    OffsetFetchRequest { groups: vec![group], require_stable, ..Default::default() }
}
