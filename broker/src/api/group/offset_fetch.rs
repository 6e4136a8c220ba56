//! OffsetFetch (key 9), versions 1–10. Version 8 asks for many groups at once, 10 names topics by id only.
//!
//! What was never committed is offset −1 and no error, for unknown groups and topics too.

use ottla_coordinator::group::{
    Command, FetchOffsets, FetchReply, FetchTopic, FetchedOffset, FetchedTopic, Reply,
};
use ottla_types::{ErrorCode, Str, Uuid};
use ottla_wire::messages::{
    offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics},
    offset_fetch_response::{
        OffsetFetchResponse, OffsetFetchResponseGroup, OffsetFetchResponsePartition,
        OffsetFetchResponsePartitions, OffsetFetchResponseTopic, OffsetFetchResponseTopics,
    },
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: OffsetFetchRequest,
) -> Result<Answer<OffsetFetchResponse>, ErrorCode> {
    if call.version < 8 {
        return Ok(fetch_one(call, request).await.into());
    }
    let mut groups = Vec::with_capacity(request.groups.len());
    for group in request.groups {
        groups.push(fetch_group(call, group, request.require_stable).await);
    }
    Ok(OffsetFetchResponse { groups, ..OffsetFetchResponse::default() }.into())
}

async fn fetch_one(call: &Call, request: OffsetFetchRequest) -> OffsetFetchResponse {
    let topics = request.topics.map(|topics| {
        topics.into_iter().map(|topic| named(call, topic.name, topic.partition_indexes)).collect()
    });
    let fetch = FetchOffsets {
        group_id: request.group_id,
        topics,
        require_stable: request.require_stable,
        member_id: None,
        member_epoch: -1,
    };
    let asked = fetch.topics.clone();
    match fetch_offsets(call, fetch).await {
        Ok(reply) => {
            let topics = reply.topics.into_iter().map(old_topic).collect();
            OffsetFetchResponse { topics, ..OffsetFetchResponse::default() }
        }
        Err(code) if call.version < 2 => {
            // There is no place for a code but at the partitions.
            let topics = asked.into_iter().flatten().map(|topic| old_topic(nothing(topic, code))).collect();
            OffsetFetchResponse { topics, ..OffsetFetchResponse::default() }
        }
        Err(error_code) => OffsetFetchResponse { error_code, ..OffsetFetchResponse::default() },
    }
}

async fn fetch_group(
    call: &Call,
    group: OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let mut unknown = Vec::new();
    let topics = group.topics.map(|topics| {
        let known = topics
            .into_iter()
            .filter_map(|topic| resolve(call, topic).map_err(|topic| unknown.push(topic)).ok());
        known.collect::<Vec<_>>()
    });
    let group_id = group.group_id.clone();
    let fetch = FetchOffsets {
        group_id: group.group_id,
        topics,
        require_stable,
        member_id: group.member_id,
        member_epoch: group.member_epoch,
    };
    let (topics, error_code) = match fetch_offsets(call, fetch).await {
        Ok(reply) => {
            let missing = unknown.into_iter().map(|topic| nothing(topic, ErrorCode::UNKNOWN_TOPIC_ID));
            let topics = reply.topics.into_iter().filter_map(|topic| identify(call, topic)).chain(missing);
            (topics.map(new_topic).collect(), ErrorCode::NONE)
        }
        Err(code) => (Vec::new(), code),
    };
    OffsetFetchResponseGroup { group_id, topics, error_code }
}

async fn fetch_offsets(call: &Call, fetch: FetchOffsets) -> Result<FetchReply, ErrorCode> {
    let group_id = fetch.group_id.clone();
    let reply = super::ask(call, &group_id, Command::FetchOffsets(fetch), |reply| match reply {
        Reply::Fetch(reply) => Some(reply),
        _ => None,
    });
    reply.await?
}

/// The name of a topic asked for by id; the coordinator knows names.
fn resolve(call: &Call, topic: OffsetFetchRequestTopics) -> Result<FetchTopic, FetchTopic> {
    if call.version < 10 {
        return Ok(named(call, topic.name, topic.partition_indexes));
    }
    let asked =
        FetchTopic { name: topic.name, topic_id: topic.topic_id, partitions: topic.partition_indexes };
    match call.broker.image().topics.by_id(asked.topic_id) {
        Some(found) => Ok(FetchTopic { name: found.name.clone(), ..asked }),
        None => Err(asked),
    }
}

/// With the topic's present id, so that an offset of an earlier topic of this name is recognized.
fn named(call: &Call, name: Str, partitions: Vec<i32>) -> FetchTopic {
    let topic_id = call.broker.image().topics.by_name(&name).map_or(Uuid::ZERO, |found| found.id);
    FetchTopic { name, topic_id, partitions }
}

/// Version 10 answers with ids. Topics that are gone have none and are left out.
fn identify(call: &Call, mut topic: FetchedTopic) -> Option<FetchedTopic> {
    if call.version >= 10 {
        topic.topic_id = call.broker.image().topics.by_name(&topic.name)?.id;
    }
    Some(topic)
}

fn nothing(topic: FetchTopic, error: ErrorCode) -> FetchedTopic {
    let offset =
        |partition| FetchedOffset { partition, offset: -1, leader_epoch: -1, metadata: Str::new(), error };
    FetchedTopic {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: topic.partitions.into_iter().map(offset).collect(),
    }
}

fn old_topic(topic: FetchedTopic) -> OffsetFetchResponseTopic {
    let slot = |fetched: FetchedOffset| OffsetFetchResponsePartition {
        partition_index: fetched.partition,
        committed_offset: fetched.offset,
        committed_leader_epoch: fetched.leader_epoch,
        metadata: Some(fetched.metadata),
        error_code: fetched.error,
    };
    OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(slot).collect(),
    }
}

fn new_topic(topic: FetchedTopic) -> OffsetFetchResponseTopics {
    let slot = |fetched: FetchedOffset| OffsetFetchResponsePartitions {
        partition_index: fetched.partition,
        committed_offset: fetched.offset,
        committed_leader_epoch: fetched.leader_epoch,
        metadata: Some(fetched.metadata),
        error_code: fetched.error,
    };
    OffsetFetchResponseTopics {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: topic.partitions.into_iter().map(slot).collect(),
    }
}
