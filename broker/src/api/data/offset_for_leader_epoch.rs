//! OffsetForLeaderEpoch (key 23): where a leader epoch ended, by which a client or a follower finds out what was
//! truncated (KIP-101, KIP-320).

use ottla_types::ErrorCode;
use ottla_wire::messages::{
    offset_for_leader_epoch_request::{OffsetForLeaderEpochRequest, OffsetForLeaderPartition},
    offset_for_leader_epoch_response::{
        EpochEndOffset, OffsetForLeaderEpochResponse, OffsetForLeaderTopicResult,
    },
};

use crate::call::{Answer, Call};

pub(crate) async fn handle(
    call: &Call,
    request: OffsetForLeaderEpochRequest,
) -> Result<Answer<OffsetForLeaderEpochResponse>, ErrorCode> {
    let mut response = OffsetForLeaderEpochResponse::default();
    for topic in request.topics {
        let partitions = topic.partitions.iter().map(|asked| end_of(call, &topic.topic, asked)).collect();
        response.topics.push(OffsetForLeaderTopicResult { topic: topic.topic, partitions });
    }
    Ok(response.into())
}

fn end_of(call: &Call, topic: &str, asked: &OffsetForLeaderPartition) -> EpochEndOffset {
    let unknown = EpochEndOffset { partition: asked.partition, ..EpochEndOffset::default() };
    let Some(partition) = call.broker.partitions.by_name(topic, asked.partition) else {
        return EpochEndOffset { error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ..unknown };
    };
    if let Err(error) = partition.check_leader_epoch(asked.current_leader_epoch) {
        return EpochEndOffset { error_code: error.code(call.version), ..unknown };
    }
    let end = partition.end_of_epoch(asked.leader_epoch);
    EpochEndOffset { leader_epoch: end.epoch, end_offset: end.end_offset, ..unknown }
}
