//! OffsetDelete (key 47), version 0 (KIP-496): forgets offsets of topics a group no longer reads.

use ottla_coordinator::group::{Command, DeleteOffsets, DeleteTopic, Reply};
use ottla_types::{ErrorCode, Uuid};
use ottla_wire::messages::{
    offset_delete_request::OffsetDeleteRequest,
    offset_delete_response::{
        OffsetDeleteResponse, OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
    },
};

use super::by_topic::ByTopic;
use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: OffsetDeleteRequest,
) -> Result<Answer<OffsetDeleteResponse>, ErrorCode> {
    let image = call.broker.image();
    let mut codes = ByTopic::default();
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let found = image.topics.by_name(&topic.name);
        let exists = |index: &i32| found.is_some_and(|found| found.partitions.contains_key(index));
        let indexes = topic.partitions.iter().map(|partition| partition.partition_index);
        let (known, unknown): (Vec<i32>, Vec<i32>) = indexes.partition(exists);
        if !unknown.is_empty() {
            let code = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            codes.add((topic.name.clone(), Uuid::ZERO), unknown.into_iter().map(|index| (index, code)));
        }
        if !known.is_empty() {
            topics.push(DeleteTopic { name: topic.name, partitions: known });
        }
    }
    let group_id = request.group_id.clone();
    let command = Command::DeleteOffsets(DeleteOffsets { group_id: request.group_id, topics });
    let reply = super::ask(call, &group_id, command, |reply| match reply {
        Reply::DeleteOffsets(reply) => Some(reply),
        _ => None,
    });
    // An error of the group hides those of partitions.
    let deleted = reply.await.and_then(|reply| reply)?;
    codes.append(deleted.into_iter().map(|(name, added)| ((name, Uuid::ZERO), added)));
    Ok(shape(codes).into())
}

fn shape(codes: ByTopic<(i32, ErrorCode)>) -> OffsetDeleteResponse {
    let slot = |(partition_index, error_code)| OffsetDeleteResponsePartition { partition_index, error_code };
    let topics = codes.into_topics().map(|((name, _), codes)| OffsetDeleteResponseTopic {
        name,
        partitions: codes.into_iter().map(slot).collect(),
    });
    OffsetDeleteResponse { topics: topics.collect(), ..OffsetDeleteResponse::default() }
}
