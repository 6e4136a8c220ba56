//! OffsetCommit (key 8), versions 1–10. Version 10 names topics by id only.
//!
//! Partitions that do not exist fail one by one, the others are committed.

use ottla_coordinator::group::{Command, CommitOffsets, CommitPartition, CommitReply, CommitTopic, Reply};
use ottla_types::ErrorCode;
use ottla_wire::messages::{
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_commit_response::{
        OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
    },
};

use super::by_topic::{ByTopic, TopicKey};
use crate::call::{Answer, Call};

type Slots = ByTopic<OffsetCommitResponsePartition>;

pub(crate) async fn handle(
    call: &Call,
    request: OffsetCommitRequest,
) -> Result<Answer<OffsetCommitResponse>, ErrorCode> {
    let mut slots = Slots::default();
    let mut asked: Vec<(TopicKey, Vec<i32>)> = Vec::with_capacity(request.topics.len());
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        if let Some(known) = check_topic(call, topic, &mut slots) {
            let indexes = known.partitions.iter().map(|partition| partition.partition).collect();
            asked.push((key(topic), indexes));
            topics.push(known);
        }
    }
    if topics.is_empty() {
        return Ok(shape(slots).into());
    }
    let group_id = request.group_id.clone();
    let command = Command::CommitOffsets(CommitOffsets {
        group_id: request.group_id,
        generation: request.generation_id_or_member_epoch,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        retention_time_ms: request.retention_time_ms,
        knows_group_id_not_found: call.version >= 9,
        topics,
        producer: None,
    });
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Commit(reply) => Some(reply),
        _ => None,
    });
    merge(&mut slots, asked, reply.await.and_then(|reply| reply));
    Ok(shape(slots).into())
}

/// What of a topic can be committed; the rest is answered with an error.
fn check_topic(call: &Call, topic: &OffsetCommitRequestTopic, slots: &mut Slots) -> Option<CommitTopic> {
    let image = call.broker.image();
    let (found, missing) = if call.version >= 10 {
        (image.topics.by_id(topic.topic_id), ErrorCode::UNKNOWN_TOPIC_ID)
    } else {
        (image.topics.by_name(&topic.name), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
    };
    let exists = |index: &i32| found.is_some_and(|found| found.partitions.contains_key(index));
    let (known, unknown): (Vec<_>, Vec<_>) =
        topic.partitions.iter().partition(|partition| exists(&partition.partition_index));
    if !unknown.is_empty() {
        let code = if found.is_some() { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION } else { missing };
        slots.add(key(topic), unknown.iter().map(|partition| slot(partition.partition_index, code)));
    }
    let found = found.filter(|_| !known.is_empty())?;
    let partitions = known.into_iter().map(to_commit).collect();
    Some(CommitTopic { name: found.name.clone(), topic_id: found.id, partitions })
}

fn key(topic: &OffsetCommitRequestTopic) -> TopicKey {
    (topic.name.clone(), topic.topic_id)
}

fn to_commit(partition: &OffsetCommitRequestPartition) -> CommitPartition {
    CommitPartition {
        partition: partition.partition_index,
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.clone(),
    }
}

/// Adds the coordinator's codes behind those of partitions that were refused before.
fn merge(slots: &mut Slots, asked: Vec<(TopicKey, Vec<i32>)>, reply: CommitReply) {
    match reply {
        Ok(topics) => {
            let slots_of = |codes: Vec<(i32, ErrorCode)>| {
                codes.into_iter().map(|(index, code)| slot(index, code)).collect()
            };
            slots.append(
                asked.into_iter().zip(topics).map(|((topic, _), (_, codes))| (topic, slots_of(codes))),
            );
        }
        Err(code) => {
            let slots_of = |indexes: Vec<i32>| indexes.into_iter().map(|index| slot(index, code)).collect();
            slots.append(asked.into_iter().map(|(topic, indexes)| (topic, slots_of(indexes))));
        }
    }
}

fn slot(partition_index: i32, error_code: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition { partition_index, error_code }
}

fn shape(slots: Slots) -> OffsetCommitResponse {
    let topics = slots.into_topics();
    let topics =
        topics.map(|((name, topic_id), partitions)| OffsetCommitResponseTopic { name, topic_id, partitions });
    OffsetCommitResponse { topics: topics.collect(), ..OffsetCommitResponse::default() }
}
