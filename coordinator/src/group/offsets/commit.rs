use super::super::{
    Groups,
    classic::{ClassicGroup, State},
    command::{CommitOffsets, CommitPartition, CommitTopic},
    record::{OffsetKey, Record, StoredOffset},
    reply::Reply,
};
use crate::{Effects, Ticket};
use ottla_types::{ErrorCode, Millis, Str};

/// What one commit takes in the log besides its strings, generously.
const RECORD_OVERHEAD_BYTES: usize = 96;

impl Groups {
    pub(in crate::group) fn commit_offsets(
        &mut self,
        now: Millis,
        ticket: Ticket,
        request: &CommitOffsets,
    ) -> Effects<Self> {
        let refuse = |error| Effects::reply(ticket, Reply::Commit(Err(error)));
        let result = match self.live.get(&request.group_id) {
            _ if self.durable.consumer_group(&request.group_id).is_some() => {
                self.check_consumer_commit(request)
            }
            Some(group) => group.check_commit(request),
            // A consumer without group management, or an operator: the group begins with its first offset.
            None if request.generation < 0 => Ok(()),
            None if request.knows_group_id_not_found => Err(ErrorCode::GROUP_ID_NOT_FOUND),
            None => Err(ErrorCode::ILLEGAL_GENERATION),
        };
        if let Err(error) = result {
            return refuse(error);
        }
        if commit_bytes(request) > self.settings.max_batch_bytes {
            return refuse(ErrorCode::INVALID_COMMIT_OFFSET_SIZE);
        }
        let mut effects = Effects::default();
        let mut errors = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let codes = topic
                .partitions
                .iter()
                .map(|partition| (partition.partition, self.check_metadata(partition)));
            errors.push((topic.name.clone(), codes.collect::<Vec<_>>()));
            let accepted = topic.partitions.iter().filter(|partition| self.check_metadata(partition).is_ok());
            effects.records.extend(accepted.map(|partition| commit_record(request, topic, partition, now)));
        }
        let is_known = self.live.contains_key(&request.group_id)
            || self.durable.consumer_group(&request.group_id).is_some();
        if !effects.records.is_empty() && !is_known {
            self.create(&request.group_id, now);
        }
        self.with_group(&request.group_id, now, &mut effects, |group, turn| {
            if matches!(group.state, State::Stable | State::PreparingRebalance) {
                group.restart_session(turn, &request.member_id);
            }
        });
        effects.replies.push((ticket, Reply::Commit(Ok(errors))));
        effects
    }

    /// In a consumer group a member's commit counts in its own epoch, and for each partition since the epoch it was given
    /// it in (KIP-1251).
    fn check_consumer_commit(&self, request: &CommitOffsets) -> Result<(), ErrorCode> {
        let Some(group) = self.durable.consumer_group(&request.group_id) else { return Ok(()) };
        let accepted = |topic: &CommitTopic| {
            let of_size = |partition: &&CommitPartition| self.check_metadata(partition).is_ok();
            topic.partitions.iter().filter(of_size).map(|partition| partition.partition).collect::<Vec<_>>()
        };
        let partitions: Vec<_> =
            request.topics.iter().map(|topic| (topic.topic_id, accepted(topic))).collect();
        group.check_commit(request, &partitions)
    }

    fn check_metadata(&self, partition: &CommitPartition) -> ErrorCode {
        let max = self.settings.offset_metadata_max_length;
        match &partition.metadata {
            // The count of UTF-16 units is never above that of bytes.
            Some(text) if text.len() > max && text.encode_utf16().count() > max => {
                ErrorCode::OFFSET_METADATA_TOO_LARGE
            }
            _ => ErrorCode::NONE,
        }
    }
}

impl ClassicGroup {
    /// Whose commit counts: a member's of the running generation, or anybody's while the group is empty.
    fn check_commit(&self, request: &CommitOffsets) -> Result<(), ErrorCode> {
        if request.generation < 0 && self.is_empty() {
            return Ok(());
        }
        if request.generation < 0 && request.member_id.is_empty() && request.instance_id.is_none() {
            // A transaction of a client that does not say who of the group it is: its epoch is what fences it.
            return if request.producer.is_some() { Ok(()) } else { Err(ErrorCode::UNKNOWN_MEMBER_ID) };
        }
        self.check_member(&request.member_id, request.instance_id.as_ref())?;
        if request.generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        // Preparing is fine: the old generation may still commit what it has done. After that its partitions may
        // already belong to somebody else.
        if self.state == State::CompletingRebalance { Err(ErrorCode::REBALANCE_IN_PROGRESS) } else { Ok(()) }
    }
}

fn commit_record(
    request: &CommitOffsets,
    topic: &CommitTopic,
    partition: &CommitPartition,
    now: Millis,
) -> Record {
    let own = |text: &Str| Str::from(text.to_string());
    let expire_timestamp =
        if request.retention_time_ms == -1 { -1 } else { now.plus(request.retention_time_ms).0 };
    Record::Offset {
        key: OffsetKey {
            group_id: own(&request.group_id),
            topic: own(&topic.name),
            partition: partition.partition,
        },
        value: Some(StoredOffset {
            offset: partition.offset,
            leader_epoch: partition.leader_epoch,
            metadata: partition.metadata.as_ref().map(own).unwrap_or_default(),
            commit_timestamp: now.0,
            expire_timestamp,
            topic_id: topic.topic_id,
        }),
        producer_id: request.producer.map(|(producer_id, _)| producer_id),
    }
}

fn commit_bytes(request: &CommitOffsets) -> usize {
    let partition_bytes = |partition: &CommitPartition| {
        partition.metadata.as_ref().map_or(0, |text| text.len()) + RECORD_OVERHEAD_BYTES
    };
    let topic_bytes = |topic: &CommitTopic| {
        let names = topic.partitions.len() * (request.group_id.len() + topic.name.len());
        names + topic.partitions.iter().map(partition_bytes).sum::<usize>()
    };
    request.topics.iter().map(topic_bytes).sum()
}
