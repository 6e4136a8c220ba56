//! The bytes consumers put into JoinGroup and SyncGroup, as Kafka's ConsumerProtocol writes them.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_assign::ClassicMember;
use ottla_types::Str;
use ottla_wire::{
    DecodeError, EncodeError, Message, Reader,
    consumer_protocol::{
        consumer_protocol_assignment::{ConsumerProtocolAssignment, TopicPartition as Assigned},
        consumer_protocol_subscription::{ConsumerProtocolSubscription, TopicPartition as Owned},
    },
};

use crate::consumer::partition::{OfTopic, Partitions, TopicPartition, by_topic};

/// What a member says of itself when it joins.
pub(super) fn subscription(
    topics: &[Str],
    owned: &Partitions,
    generation: i32,
) -> Result<Bytes, EncodeError> {
    let mut topics = topics.to_vec();
    topics.sort();
    let part = |(topic, partitions): OfTopic<()>| Owned {
        topic,
        partitions: partitions.into_iter().map(|(partition, ())| partition).collect(),
    };
    versioned(&ConsumerProtocolSubscription {
        topics,
        user_data: None,
        owned_partitions: by_topic(owned.iter().map(|at| (at, ()))).map(part).collect(),
        generation_id: generation,
        rack_id: None,
    })
}

/// What the leader says to a member.
pub(super) fn assignment(partitions: &[(Str, i32)]) -> Result<Bytes, EncodeError> {
    let mut topics: Vec<Assigned> = Vec::new();
    for (topic, partition) in partitions {
        match topics.iter_mut().find(|of| of.topic == *topic) {
            Some(of) => of.partitions.push(*partition),
            None => topics.push(Assigned { topic: topic.clone(), partitions: vec![*partition] }),
        }
    }
    versioned(&ConsumerProtocolAssignment { assigned_partitions: topics, user_data: None })
}

/// A member as it described itself.
pub(super) fn member(
    member_id: Str,
    instance_id: Option<Str>,
    bytes: Bytes,
) -> Result<ClassicMember, DecodeError> {
    let said: ConsumerProtocolSubscription = read(bytes)?;
    let owned = said.owned_partitions.into_iter();
    let owned = owned.flat_map(|of| of.partitions.into_iter().map(move |p| (of.topic.clone(), p)));
    Ok(ClassicMember {
        member_id: copied(&member_id),
        instance_id: instance_id.as_ref().map(copied),
        topics: said.topics.iter().map(copied).collect(),
        owned: owned.map(|(topic, partition)| (copied(&topic), partition)).collect(),
        generation: (said.generation_id >= 0).then_some(said.generation_id),
    })
}

/// What the leader assigned.
pub(crate) fn assigned(bytes: &Bytes) -> Result<Partitions, DecodeError> {
    if bytes.is_empty() {
        return Ok(Partitions::new());
    }
    let said: ConsumerProtocolAssignment = read(bytes.clone())?;
    let partitions = said.assigned_partitions.into_iter().flat_map(|of| {
        let topic = copied(&of.topic);
        of.partitions.into_iter().map(move |partition| TopicPartition { topic: topic.clone(), partition })
    });
    Ok(partitions.collect())
}

/// What is kept must not keep the frame it came in.
fn copied(text: &Str) -> Str {
    Str::from(text.to_string())
}

fn versioned<M: Message>(message: &M) -> Result<Bytes, EncodeError> {
    let body = message.to_bytes(M::VERSIONS.max)?;
    let mut bytes = BytesMut::with_capacity(2 + body.len());
    bytes.put_i16(M::VERSIONS.max);
    bytes.extend_from_slice(&body);
    Ok(bytes.freeze())
}

fn read<M: Message>(bytes: Bytes) -> Result<M, DecodeError> {
    let mut reader = Reader::new(bytes);
    // Later versions only add to what the last known one says.
    let version = reader.i16()?.min(M::VERSIONS.max);
    M::decode(&mut reader, version)
}
