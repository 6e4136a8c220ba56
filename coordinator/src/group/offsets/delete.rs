use super::super::{
    Groups,
    codec::own,
    command::{DeleteOffsets, DeleteTopic},
    record::{OffsetKey, Record},
    reply::Reply,
};
use super::readers::Readers;
use crate::{Effects, Ticket};
use ottla_types::{ErrorCode, Str};

impl Groups {
    pub(in crate::group) fn delete_offsets(
        &mut self,
        ticket: Ticket,
        request: &DeleteOffsets,
    ) -> Effects<Self> {
        let refuse = |error| Effects::reply(ticket, Reply::DeleteOffsets(Err(error)));
        if request.group_id.is_empty() {
            return refuse(ErrorCode::INVALID_GROUP_ID);
        }
        let group = match self.readers(&request.group_id) {
            None => return refuse(ErrorCode::GROUP_ID_NOT_FOUND),
            Some(Readers::Classic(group)) if !group.is_empty() && !group.uses_consumer_protocol() => {
                return refuse(ErrorCode::NON_EMPTY_GROUP);
            }
            Some(group) => group,
        };
        let mut effects = Effects::default();
        let mut errors = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let error = if group.is_subscribed_to(&topic.name) {
                ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC
            } else {
                ErrorCode::NONE
            };
            errors.push((
                topic.name.clone(),
                topic.partitions.iter().map(|partition| (*partition, error)).collect(),
            ));
            if error.is_ok() {
                effects.records.extend(self.tombstones(&request.group_id, topic));
            }
        }
        effects.replies.push((ticket, Reply::DeleteOffsets(Ok(errors))));
        effects
    }

    fn tombstones(&self, group_id: &Str, topic: &DeleteTopic) -> impl Iterator<Item = Record> {
        let group_id = own(group_id);
        let key = move |partition: &i32| OffsetKey {
            group_id: group_id.clone(),
            topic: Str::from(topic.name.to_string()),
            partition: *partition,
        };
        let exists = |key: &OffsetKey| {
            self.durable.offset(&key.group_id, &key.topic, key.partition).is_some()
                || self.durable.has_pending(key)
        };
        topic.partitions.iter().map(key).filter(exists).map(Record::forget)
    }

    pub(in crate::group) fn topics_deleted(&mut self, ticket: Ticket, topics: &[Str]) -> Effects<Self> {
        let mut effects = Effects::reply(ticket, Reply::Done);
        effects.records.extend(self.durable.keys_in_topics(topics).into_iter().map(Record::forget));
        effects
    }
}

impl Record {
    /// The deletion of a committed offset, and of any that an open transaction holds for the key.
    pub(in crate::group) fn forget(key: OffsetKey) -> Self {
        Self::Offset { key, value: None, producer_id: None }
    }
}
