//! OffsetCommit (key 8), versions 1–10. Version 10 names topics by id only.
//!
//! Partitions that do not exist fail one by one, the others are committed.

use ottla_coordinator::group::{Command, CommitOffsets, CommitPartition, CommitReply, CommitTopic, Reply};
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic},
    offset_commit_response::{
        OffsetCommitResponse, OffsetCommitResponsePartition, OffsetCommitResponseTopic,
    },
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: OffsetCommitRequest,
) -> Result<Answer<OffsetCommitResponse>, ErrorCode> {
    let mut response = OffsetCommitResponse::default();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in &request.topics {
        topics.extend(check_topic(call, topic, &mut response));
    }
    if topics.is_empty() {
        return Ok(response.into());
    }
    let asked: Vec<(Str, Uuid, Vec<i32>)> = topics.iter().map(outline).collect();
    let group_id = request.group_id.clone();
    let command = Command::CommitOffsets(CommitOffsets {
        group_id: request.group_id,
        generation: request.generation_id_or_member_epoch,
        member_id: request.member_id,
        instance_id: request.group_instance_id,
        retention_time_ms: request.retention_time_ms,
        knows_group_id_not_found: call.version >= 9,
        topics,
    });
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::Commit(reply) => Some(reply),
        _ => None,
    });
    merge(&mut response, asked, reply.await.and_then(|reply| reply));
    Ok(response.into())
}

/// What of a topic can be committed; the rest goes into the response as an error.
fn check_topic(
    call: &Call,
    topic: &OffsetCommitRequestTopic,
    response: &mut OffsetCommitResponse,
) -> Option<CommitTopic> {
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
        let partitions = unknown.iter().map(|partition| slot(partition.partition_index, code)).collect();
        add(response, topic.name.clone(), topic.topic_id, partitions);
    }
    let found = found.filter(|_| !known.is_empty())?;
    let partitions = known.into_iter().map(to_commit).collect();
    Some(CommitTopic { name: found.name.clone(), topic_id: found.id, partitions })
}

fn to_commit(partition: &OffsetCommitRequestPartition) -> CommitPartition {
    CommitPartition {
        partition: partition.partition_index,
        offset: partition.committed_offset,
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.clone(),
    }
}

fn outline(topic: &CommitTopic) -> (Str, Uuid, Vec<i32>) {
    (
        topic.name.clone(),
        topic.topic_id,
        topic.partitions.iter().map(|partition| partition.partition).collect(),
    )
}

/// Adds the coordinator's codes behind those of partitions that were refused before.
fn merge(response: &mut OffsetCommitResponse, asked: Vec<(Str, Uuid, Vec<i32>)>, reply: CommitReply) {
    for (at, (name, topic_id, partitions)) in asked.into_iter().enumerate() {
        let slots = match &reply {
            Ok(topics) => topics
                .get(at)
                .into_iter()
                .flat_map(|(_, codes)| codes)
                .map(|(index, code)| slot(*index, *code))
                .collect(),
            Err(code) => partitions.into_iter().map(|index| slot(index, *code)).collect(),
        };
        add(response, name, topic_id, slots);
    }
}

fn add(
    response: &mut OffsetCommitResponse,
    name: Str,
    topic_id: Uuid,
    partitions: Vec<OffsetCommitResponsePartition>,
) {
    let same = |topic: &&mut OffsetCommitResponseTopic| {
        if name.is_empty() { topic.topic_id == topic_id } else { topic.name == name }
    };
    match response.topics.iter_mut().find(same) {
        Some(topic) => topic.partitions.extend(partitions),
        None => response.topics.push(OffsetCommitResponseTopic { name, topic_id, partitions }),
    }
}

fn slot(partition_index: i32, error_code: ErrorCode) -> OffsetCommitResponsePartition {
    OffsetCommitResponsePartition { partition_index, error_code }
}
