//! The bytes consumers put into JoinGroup and SyncGroup, as Kafka's ConsumerProtocol writes them.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_assign::{ClassicAssignor, ClassicMember};
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
    rack_id: Option<&Str>,
    user_data: Option<Bytes>,
) -> Result<Bytes, EncodeError> {
    let mut topics = topics.to_vec();
    topics.sort();
    let part = |(topic, partitions): OfTopic<()>| Owned {
        topic,
        partitions: partitions.into_iter().map(|(partition, ())| partition).collect(),
    };
    versioned(&ConsumerProtocolSubscription {
        topics,
        user_data,
        owned_partitions: by_topic(owned.iter().map(|at| (at, ()))).map(part).collect(),
        generation_id: generation,
        rack_id: rack_id.cloned(),
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

/// What an assignor adds: the sticky ones remember what the member had in the last generation, and which that was. Eager
/// members have given that up by now.
pub(super) fn user_data(assignor: ClassicAssignor, had: Option<(&Partitions, i32)>) -> Option<Bytes> {
    let mut data = BytesMut::new();
    match (assignor, had) {
        (ClassicAssignor::Sticky, Some((partitions, generation))) => {
            let topics: Vec<OfTopic<()>> = by_topic(partitions.iter().map(|at| (at, ()))).collect();
            data.put_i32(i32::try_from(topics.len()).ok()?);
            for (topic, partitions) in topics {
                data.put_i16(i16::try_from(topic.len()).ok()?);
                data.extend_from_slice(topic.as_bytes());
                data.put_i32(i32::try_from(partitions.len()).ok()?);
                partitions.iter().for_each(|(partition, ())| data.put_i32(*partition));
            }
            data.put_i32(generation);
        }
        (ClassicAssignor::CooperativeSticky, had) => {
            data.put_i32(had.map_or(-1, |(_, generation)| generation))
        }
        _ => return None,
    }
    Some(data.freeze())
}

/// Takes over what a sticky assignor of the member has remembered.
fn recall(
    assignor: ClassicAssignor,
    member: &mut ClassicMember,
    user_data: Option<Bytes>,
) -> Result<(), DecodeError> {
    let mut data = Reader::new(user_data.unwrap_or_default());
    let is_there = data.remaining() > 0;
    let known = |generation: i32| (generation >= 0).then_some(generation);
    match assignor {
        ClassicAssignor::Sticky => {
            (member.owned, member.generation) = (Vec::new(), None);
            let topics = if is_there { data.i32()? } else { 0 };
            for _ in 0..topics {
                let length = usize::try_from(data.i16()?).unwrap_or_default();
                let topic = copied(&data.text(length)?);
                for _ in 0..data.i32()? {
                    member.owned.push((topic.clone(), data.i32()?));
                }
            }
            // The first version did not say.
            if data.remaining() > 0 {
                member.generation = known(data.i32()?);
            }
        }
        // It stands beside the partitions since the third version of subscriptions.
        ClassicAssignor::CooperativeSticky if member.generation.is_none() && is_there => {
            member.generation = known(data.i32()?);
        }
        _ => {}
    }
    Ok(())
}

/// A member as it described itself.
pub(super) fn member(
    assignor: ClassicAssignor,
    member_id: Str,
    instance_id: Option<Str>,
    bytes: Bytes,
) -> Result<ClassicMember, DecodeError> {
    let said: ConsumerProtocolSubscription = read(bytes)?;
    let owned = said.owned_partitions.into_iter();
    let owned = owned.flat_map(|of| of.partitions.into_iter().map(move |p| (of.topic.clone(), p)));
    let mut member = ClassicMember {
        member_id: copied(&member_id),
        instance_id: instance_id.as_ref().map(copied),
        topics: said.topics.iter().map(copied).collect(),
        owned: owned.map(|(topic, partition)| (copied(&topic), partition)).collect(),
        generation: (said.generation_id >= 0).then_some(said.generation_id),
        rack: said.rack_id.as_ref().map(copied),
    };
    recall(assignor, &mut member, said.user_data)?;
    Ok(member)
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

#[cfg(test)]
mod tests;
