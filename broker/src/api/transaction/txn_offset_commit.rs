//! TxnOffsetCommit (key 28): offsets that count when the transaction commits. From version 5 on the broker tells the
//! transaction's coordinator by itself (KIP-890).

use std::sync::Arc;

use ottla_coordinator::group::{Command, CommitOffsets, CommitPartition, CommitReply, CommitTopic, Reply};
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::messages::{
    txn_offset_commit_request::{
        TxnOffsetCommitRequest, TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
    },
    txn_offset_commit_response::{
        TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
    },
};

use crate::{
    api::group::by_topic::{ByTopic, TopicKey},
    broker::OFFSETS_TOPIC,
    call::{Answer, Call},
    partition::{AppendError, PartitionJournal, Word},
    transactions::{Door, Form},
};

type Slots = ByTopic<TxnOffsetCommitResponsePartition>;

/// A coordinator's records have no sequence.
const NO_SEQUENCE: i32 = -1;
/// Codes of appends name a version of Produce; this one has them all.
const LATEST: i16 = i16::MAX;

fn form_of(version: i16) -> Form {
    match version {
        5.. => Form::Implicit,
        4 => Form::Verified,
        _ => Form::Old,
    }
}

pub(crate) async fn handle(
    call: &Call,
    request: TxnOffsetCommitRequest,
) -> Result<Answer<TxnOffsetCommitResponse>, ErrorCode> {
    let mut slots = Slots::default();
    let (mut asked, mut topics) = (Vec::new(), Vec::new());
    for topic in &request.topics {
        if let Some(known) = check_topic(call, topic, &mut slots) {
            let indexes: Vec<i32> = known.partitions.iter().map(|partition| partition.partition).collect();
            asked.push(((topic.name.clone(), Uuid::ZERO), indexes));
            topics.push(known);
        }
    }
    if !topics.is_empty() {
        let reply = commit(call, request, topics).await;
        merge(&mut slots, asked, reply, call.version);
    }
    let shape = |((name, _), partitions)| TxnOffsetCommitResponseTopic { name, partitions };
    let topics = slots.into_topics().map(shape).collect();
    Ok(TxnOffsetCommitResponse { topics, ..TxnOffsetCommitResponse::default() }.into())
}

async fn commit(call: &Call, request: TxnOffsetCommitRequest, topics: Vec<CommitTopic>) -> CommitReply {
    if request.group_id.is_empty() {
        return Err(ErrorCode::INVALID_GROUP_ID);
    }
    let index = call.broker.groups.partition_of(&request.group_id);
    let partition = index.and_then(|index| call.broker.partitions.by_name(OFFSETS_TOPIC, index));
    let partition = partition.ok_or(ErrorCode::NOT_COORDINATOR)?;
    let producer = (request.producer_id, request.producer_epoch);
    let door = Door {
        broker: &call.broker,
        transactional_id: &request.transactional_id,
        producer,
        form: form_of(call.version),
    };
    let words = door.ask(&[(Arc::clone(&partition), NO_SEQUENCE)]).await;
    let word = words.into_iter().next().unwrap_or(Ok(Word::NotAsked))?;
    let command = Command::CommitOffsets(CommitOffsets {
        group_id: request.group_id,
        generation: request.generation_id,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        retention_time_ms: -1,
        producer: Some(producer),
        knows_group_id_not_found: false,
        topics,
    });
    let allowed = |journal: &PartitionJournal| {
        let allowed = journal.partition.may_write(producer, word);
        allowed.map_err(|refused| AppendError::from(refused).code(LATEST))
    };
    match call.broker.groups.ask_if(index, command, allowed).await? {
        Reply::Commit(reply) => reply,
        _ => Err(ErrorCode::UNKNOWN_SERVER_ERROR),
    }
}

/// What of a topic can be committed; the rest is answered with an error.
fn check_topic(call: &Call, topic: &TxnOffsetCommitRequestTopic, slots: &mut Slots) -> Option<CommitTopic> {
    let image = call.broker.image();
    let found = image.topics.by_name(&topic.name);
    let exists = |index: &i32| found.is_some_and(|found| found.partitions.contains_key(index));
    let (known, unknown): (Vec<_>, Vec<_>) =
        topic.partitions.iter().partition(|partition| exists(&partition.partition_index));
    if !unknown.is_empty() {
        let refused = unknown
            .iter()
            .map(|partition| slot(partition.partition_index, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        slots.add((topic.name.clone(), Uuid::ZERO), refused);
    }
    let found = found.filter(|_| !known.is_empty())?;
    let to_commit = |partition: &TxnOffsetCommitRequestPartition| CommitPartition {
        partition: partition.partition_index,
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.clone(),
    };
    let partitions = known.into_iter().map(to_commit).collect();
    Some(CommitTopic { name: found.name.clone(), topic_id: found.id, partitions })
}

/// Adds the coordinator's codes behind those of partitions that were refused before.
fn merge(slots: &mut Slots, asked: Vec<(TopicKey, Vec<i32>)>, reply: CommitReply, version: i16) {
    let codes: Vec<Vec<(i32, ErrorCode)>> = match reply {
        Ok(topics) => topics.into_iter().map(|(_, codes)| codes).collect(),
        Err(code) => {
            let code = known_to(version, code);
            asked.iter().map(|(_, indexes)| indexes.iter().map(|index| (*index, code)).collect()).collect()
        }
    };
    let slots_of =
        |codes: Vec<(i32, ErrorCode)>| codes.into_iter().map(|(index, code)| slot(index, code)).collect();
    slots.append(asked.into_iter().zip(codes).map(|((topic, _), codes)| (topic, slots_of(codes))));
}

/// Clients before version 2 do not know that a coordinator may be loading, and would give up.
fn known_to(version: i16, code: ErrorCode) -> ErrorCode {
    match code {
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS if version < 2 => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        other => other,
    }
}

fn slot(partition_index: i32, error_code: ErrorCode) -> TxnOffsetCommitResponsePartition {
    TxnOffsetCommitResponsePartition { partition_index, error_code }
}
