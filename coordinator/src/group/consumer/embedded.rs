//! The protocol consumers of the classic kind speak to each other, inside the bytes of their subscriptions and assignments.

use bytes::Bytes;
use ottla_assign::Partitions;
use ottla_types::{Str, Uuid};
use ottla_wire::{
    Message, Reader, Writer,
    consumer_protocol::{
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition},
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
};

use super::super::metadata::Metadata;

/// Later versions read like the last we know.
const MAX_VERSION: i16 = 3;

/// The version both kinds of bytes begin with; `None` when there is none.
fn version_of(bytes: &Bytes) -> Option<(i16, Reader)> {
    let mut reader = Reader::new(bytes.clone());
    let version = reader.i16().ok().filter(|version| *version >= 0)?;
    Some((version.min(MAX_VERSION), reader))
}

/// What a classic member wants; `None` when the bytes are something else.
pub(super) fn read_subscription(bytes: &Bytes) -> Option<ConsumerProtocolSubscription> {
    let (version, mut reader) = version_of(bytes)?;
    ConsumerProtocolSubscription::decode(&mut reader, version).ok()
}

/// What a classic member says it has, by the ids of the topics that still exist.
pub(super) fn owned_of(
    subscription: &ConsumerProtocolSubscription,
    metadata: &Metadata,
) -> Vec<(Uuid, Vec<i32>)> {
    let topics = subscription.owned_partitions.iter();
    topics.filter_map(|owned| Some((metadata.topic(&owned.topic)?.id, owned.partitions.clone()))).collect()
}

/// What a classic leader has assigned to a member.
pub(super) enum Assigned {
    /// These partitions of topics that still exist.
    Partitions(Partitions),
    /// An assignor of its own has written something only it can read.
    UserData,
}

/// `None` when the bytes are something else.
pub(super) fn read_assignment(bytes: &Bytes, metadata: &Metadata) -> Option<Assigned> {
    if bytes.is_empty() {
        return Some(Assigned::Partitions(Partitions::new()));
    }
    let (version, mut reader) = version_of(bytes)?;
    let assignment = ConsumerProtocolAssignment::decode(&mut reader, version).ok()?;
    if assignment.user_data.is_some_and(|data| !data.is_empty()) {
        return Some(Assigned::UserData);
    }
    let mut partitions = Partitions::new();
    for assigned in assignment.assigned_partitions {
        if let Some(topic) = metadata.topic(&assigned.topic) {
            partitions.entry(topic.id).or_default().extend(assigned.partitions);
        }
    }
    Some(Assigned::Partitions(partitions))
}

/// An assignment as a member with this subscription reads it. `None` for a subscription that is none.
pub(super) fn write_assignment(
    topics: impl IntoIterator<Item = (Uuid, Vec<i32>)>,
    subscription: &Bytes,
    metadata: &Metadata,
) -> Option<Bytes> {
    let (version, _) = version_of(subscription)?;
    let named = |(id, partitions): (Uuid, Vec<i32>)| {
        let topic: Str = metadata.topic_by_id(id)?.name.clone();
        Some(TopicPartition { topic, partitions })
    };
    let assigned_partitions = topics.into_iter().filter_map(named).collect();
    let assignment = ConsumerProtocolAssignment { assigned_partitions, user_data: None };
    let mut writer = Writer::new();
    writer.put(&version.to_be_bytes());
    assignment.encode(&mut writer, version).ok()?;
    Some(writer.into_bytes())
}
