use super::super::{
    Groups,
    command::{FetchOffsets, FetchTopic},
    record::StoredOffset,
    reply::{FetchReply, FetchedOffset, FetchedTopic},
};
use ottla_mutant::mutant;
use ottla_types::{ErrorCode, Str, Uuid};

impl Groups {
    /// Reads offsets. The answer may show what is written and not yet committed: release it like every reply, when the
    /// log has caught up.
    ///
    /// # Errors
    /// The group is a consumer group, and the caller not who it says.
    pub fn fetch_offsets(&self, request: &FetchOffsets) -> Result<FetchReply, ErrorCode> {
        if let Some(group) = self.durable.consumer_group(&request.group_id) {
            group.check_fetch(request.member_id.as_ref(), request.member_epoch)?;
        }
        let topics = match &request.topics {
            Some(topics) => topics.iter().map(|topic| self.fetch_topic(request, topic)).collect(),
            None => self.fetch_all(request),
        };
        Ok(FetchReply { topics })
    }

    fn fetch_topic(&self, request: &FetchOffsets, topic: &FetchTopic) -> FetchedTopic {
        let committed = self.durable.offsets_of(&request.group_id).and_then(|topics| topics.get(&topic.name));
        let fetched = |partition: &i32| {
            let stored = committed.and_then(|partitions| partitions.get(partition));
            let stored = stored.filter(|stored| same_topic(stored.topic_id, topic.topic_id));
            self.fetched(request, &topic.name, *partition, stored)
        };
        FetchedTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(fetched).collect(),
        }
    }

    fn fetch_all(&self, request: &FetchOffsets) -> Vec<FetchedTopic> {
        let topics = self.durable.offsets_of(&request.group_id).into_iter().flatten();
        let fetched = |(name, partitions): (&Str, &std::collections::BTreeMap<i32, StoredOffset>)| {
            let fetched = |(partition, stored): (&i32, &StoredOffset)| {
                self.fetched(request, name, *partition, Some(stored))
            };
            FetchedTopic {
                name: name.clone(),
                topic_id: Uuid::ZERO,
                partitions: partitions.iter().map(fetched).collect(),
            }
        };
        topics.map(fetched).collect()
    }

    fn fetched(
        &self,
        request: &FetchOffsets,
        topic: &Str,
        partition: i32,
        stored: Option<&StoredOffset>,
    ) -> FetchedOffset {
        let unstable = request.require_stable
            && !mutant!("unstable_offsets_answered")
            && self.durable.has_pending_at(&request.group_id, topic, partition);
        match stored {
            Some(stored) if !unstable => FetchedOffset {
                partition,
                offset: stored.offset,
                leader_epoch: stored.leader_epoch,
                metadata: stored.metadata.clone(),
                error: ErrorCode::NONE,
            },
            _ => FetchedOffset {
                partition,
                offset: -1,
                leader_epoch: -1,
                metadata: Str::new(),
                error: if unstable { ErrorCode::UNSTABLE_OFFSET_COMMIT } else { ErrorCode::NONE },
            },
        }
    }
}

/// An offset of a topic that was deleted and created again does not count; unknown ids match anything.
fn same_topic(committed: Uuid, asked: Uuid) -> bool {
    committed.is_zero() || asked.is_zero() || committed == asked
}
