//! Records of consumer groups as they stand in `__consumer_offsets`.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use ottla_assign::Partitions;
use ottla_types::Str;
use ottla_wire::{
    DecodeError, EncodeError, Message, Reader,
    log_records::group::{
        consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey as CurrentKey,
        consumer_group_current_member_assignment_value::{
            ConsumerGroupCurrentMemberAssignmentValue as CurrentValue, TopicPartitions,
        },
        consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey as MemberKey,
        consumer_group_member_metadata_value::{
            ClassicMemberMetadata, ClassicProtocol, ConsumerGroupMemberMetadataValue as MemberValue,
        },
        consumer_group_metadata_key::ConsumerGroupMetadataKey as EpochKey,
        consumer_group_metadata_value::ConsumerGroupMetadataValue as EpochValue,
        consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey as PartitionMetadataKey,
        consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey as RegexKey,
        consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue as RegexValue,
        consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey as TargetKey,
        consumer_group_target_assignment_member_value::{
            ConsumerGroupTargetAssignmentMemberValue as TargetValue, TopicPartition,
        },
        consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey as TargetEpochKey,
        consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue as TargetEpochValue,
    },
};

use super::{
    super::{
        codec::{KEY_VERSION, KeyValue, framed, own, unframed},
        command::Protocol,
    },
    record::{
        ClassicMetadata, ConsumerRecord, CurrentAssignment, GroupEpoch, MemberMetadata, MemberState,
        OwnedPartitions, ResolvedRegex, TargetEpoch,
    },
};

const EPOCH: i16 = 3;
const PARTITION_METADATA: i16 = 4;
const MEMBER: i16 = 5;
const TARGET_EPOCH: i16 = 6;
const TARGET: i16 = 7;
const CURRENT: i16 = 8;
const REGEX: i16 = 16;
/// The only version of all of these values.
const VALUE_VERSION: i16 = 0;

/// The key and value to write; `None` for what is only ever read.
pub(in crate::group) fn encode(
    group_id: &Str,
    record: &ConsumerRecord,
) -> Result<Option<KeyValue>, EncodeError> {
    let group_id = group_id.clone();
    let pair = match record {
        ConsumerRecord::Epoch(value) => (
            key(EPOCH, &EpochKey { group_id })?,
            optional(value.as_ref(), |value| EpochValue {
                epoch: value.epoch,
                metadata_hash: value.metadata_hash,
            })?,
        ),
        ConsumerRecord::PartitionMetadata(true) => return Ok(None),
        ConsumerRecord::PartitionMetadata(false) => {
            (key(PARTITION_METADATA, &PartitionMetadataKey { group_id })?, None)
        }
        ConsumerRecord::Member { member_id, value } => (
            key(MEMBER, &MemberKey { group_id, member_id: member_id.clone() })?,
            optional(value.as_deref(), member_to_wire)?,
        ),
        ConsumerRecord::TargetEpoch(value) => (
            key(TARGET_EPOCH, &TargetEpochKey { group_id })?,
            optional(value.as_ref(), |value| TargetEpochValue {
                assignment_epoch: value.epoch,
                assignment_timestamp: value.timestamp,
            })?,
        ),
        ConsumerRecord::Target { member_id, value } => (
            key(TARGET, &TargetKey { group_id, member_id: member_id.clone() })?,
            optional(value.as_deref(), target_to_wire)?,
        ),
        ConsumerRecord::Current { member_id, value } => (
            key(CURRENT, &CurrentKey { group_id, member_id: member_id.clone() })?,
            optional(value.as_deref(), current_to_wire)?,
        ),
        ConsumerRecord::Regex { regex, value } => (
            key(REGEX, &RegexKey { group_id, regular_expression: regex.clone() })?,
            optional(value.as_ref(), regex_to_wire)?,
        ),
    };
    Ok(Some(pair))
}

/// The group and the record; `None` for keys of other types and values of other versions.
pub(in crate::group) fn decode(
    key_type: i16,
    key: &mut Reader,
    value: Option<&Bytes>,
) -> Result<Option<(Str, ConsumerRecord)>, DecodeError> {
    Ok(match key_type {
        EPOCH => {
            let key = EpochKey::decode(key, KEY_VERSION)?;
            let epoch =
                |value: EpochValue| GroupEpoch { epoch: value.epoch, metadata_hash: value.metadata_hash };
            read(value, epoch)?.map(|value| (own(&key.group_id), ConsumerRecord::Epoch(value)))
        }
        PARTITION_METADATA => {
            let key = PartitionMetadataKey::decode(key, KEY_VERSION)?;
            Some((own(&key.group_id), ConsumerRecord::PartitionMetadata(value.is_some())))
        }
        MEMBER => {
            let key = MemberKey::decode(key, KEY_VERSION)?;
            let member_id = own(&key.member_id);
            read(value, |value| Arc::new(member_from_wire(&value)))?
                .map(|value| (own(&key.group_id), ConsumerRecord::Member { member_id, value }))
        }
        TARGET_EPOCH => {
            let key = TargetEpochKey::decode(key, KEY_VERSION)?;
            let epoch = |value: TargetEpochValue| TargetEpoch {
                epoch: value.assignment_epoch,
                timestamp: value.assignment_timestamp,
            };
            read(value, epoch)?.map(|value| (own(&key.group_id), ConsumerRecord::TargetEpoch(value)))
        }
        TARGET => {
            let key = TargetKey::decode(key, KEY_VERSION)?;
            let member_id = own(&key.member_id);
            read(value, |value| Arc::new(target_from_wire(value)))?
                .map(|value| (own(&key.group_id), ConsumerRecord::Target { member_id, value }))
        }
        CURRENT => {
            let key = CurrentKey::decode(key, KEY_VERSION)?;
            let member_id = own(&key.member_id);
            read(value, |value| Arc::new(current_from_wire(value)))?
                .map(|value| (own(&key.group_id), ConsumerRecord::Current { member_id, value }))
        }
        REGEX => {
            let key = RegexKey::decode(key, KEY_VERSION)?;
            let regex = own(&key.regular_expression);
            read(value, regex_from_wire)?
                .map(|value| (own(&key.group_id), ConsumerRecord::Regex { regex, value }))
        }
        _ => None,
    })
}

fn key(key_type: i16, message: &impl Message) -> Result<Bytes, EncodeError> {
    framed(key_type, KEY_VERSION, message)
}

fn optional<T: ?Sized, M: Message>(
    value: Option<&T>,
    to_wire: impl FnOnce(&T) -> M,
) -> Result<Option<Bytes>, EncodeError> {
    value.map(|value| framed(VALUE_VERSION, VALUE_VERSION, &to_wire(value))).transpose()
}

/// A tombstone is `Some(None)`, a version this build does not know `None`.
fn read<M: Message, T>(
    value: Option<&Bytes>,
    from_wire: impl FnOnce(M) -> T,
) -> Result<Option<Option<T>>, DecodeError> {
    let Some(value) = value else { return Ok(Some(None)) };
    Ok(unframed::<M>(value)?.map(|value| Some(from_wire(value))))
}

fn member_to_wire(value: &MemberMetadata) -> MemberValue {
    let protocol = |protocol: &Protocol| ClassicProtocol {
        name: protocol.name.clone(),
        metadata: protocol.metadata.clone(),
    };
    let classic = |classic: &ClassicMetadata| ClassicMemberMetadata {
        session_timeout_ms: classic.session_timeout_ms,
        supported_protocols: classic.protocols.iter().map(protocol).collect(),
    };
    MemberValue {
        instance_id: value.instance_id.clone(),
        rack_id: value.rack_id.clone(),
        client_id: value.client_id.clone(),
        client_host: value.client_host.clone(),
        subscribed_topic_names: value.topics.iter().cloned().collect(),
        subscribed_topic_regex: value.regex.clone(),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        server_assignor: value.assignor.clone(),
        classic_member_metadata: value.classic.as_ref().map(classic),
    }
}

fn member_from_wire(value: &MemberValue) -> MemberMetadata {
    let protocol = |protocol: &ClassicProtocol| Protocol {
        name: own(&protocol.name),
        metadata: Bytes::copy_from_slice(&protocol.metadata),
    };
    let classic = |classic: &ClassicMemberMetadata| ClassicMetadata {
        session_timeout_ms: classic.session_timeout_ms,
        protocols: classic.supported_protocols.iter().map(protocol).collect(),
    };
    MemberMetadata {
        instance_id: value.instance_id.as_ref().map(own),
        rack_id: value.rack_id.as_ref().map(own),
        client_id: own(&value.client_id),
        client_host: own(&value.client_host),
        topics: value.subscribed_topic_names.iter().map(own).collect(),
        regex: value.subscribed_topic_regex.as_ref().map(own),
        assignor: value.server_assignor.as_ref().map(own),
        rebalance_timeout_ms: value.rebalance_timeout_ms,
        classic: value.classic_member_metadata.as_ref().map(classic),
    }
}

fn target_to_wire(value: &Partitions) -> TargetValue {
    let topics = value.iter().map(|(topic_id, partitions)| TopicPartition {
        topic_id: *topic_id,
        partitions: partitions.iter().copied().collect(),
    });
    TargetValue { topic_partitions: topics.collect() }
}

fn target_from_wire(value: TargetValue) -> Partitions {
    let topics = value.topic_partitions.into_iter();
    topics.map(|topic| (topic.topic_id, topic.partitions.into_iter().collect())).collect()
}

fn current_to_wire(value: &CurrentAssignment) -> CurrentValue {
    CurrentValue {
        member_epoch: value.epoch,
        previous_member_epoch: value.previous_epoch,
        state: match value.state {
            MemberState::Stable => 0,
            MemberState::UnrevokedPartitions => 1,
            MemberState::UnreleasedPartitions => 2,
            MemberState::Unknown => i8::MAX,
        },
        assigned_partitions: owned_to_wire(&value.assigned),
        partitions_pending_revocation: owned_to_wire(&value.revoking),
    }
}

fn owned_to_wire(owned: &OwnedPartitions) -> Vec<TopicPartitions> {
    let topic = |(topic_id, partitions): (&ottla_types::Uuid, &BTreeMap<i32, i32>)| TopicPartitions {
        topic_id: *topic_id,
        partitions: partitions.keys().copied().collect(),
        assignment_epochs: Some(partitions.values().copied().collect()),
    };
    owned.iter().map(topic).collect()
}

fn current_from_wire(value: CurrentValue) -> CurrentAssignment {
    CurrentAssignment {
        epoch: value.member_epoch,
        previous_epoch: value.previous_member_epoch,
        state: match value.state {
            0 => MemberState::Stable,
            1 => MemberState::UnrevokedPartitions,
            2 => MemberState::UnreleasedPartitions,
            _ => MemberState::Unknown,
        },
        assigned: owned_from_wire(value.assigned_partitions, value.member_epoch),
        revoking: owned_from_wire(value.partitions_pending_revocation, value.member_epoch),
    }
}

/// Records of releases before 4.3 have no epochs: the member's counts.
fn owned_from_wire(topics: Vec<TopicPartitions>, member_epoch: i32) -> OwnedPartitions {
    let topic = |topic: TopicPartitions| {
        let count = topic.partitions.len();
        let epochs = topic.assignment_epochs.filter(|epochs| epochs.len() == count);
        let epochs = epochs.unwrap_or_else(|| vec![member_epoch.max(0); count]);
        (topic.topic_id, topic.partitions.into_iter().zip(epochs).collect())
    };
    topics.into_iter().map(topic).collect()
}

fn regex_to_wire(value: &ResolvedRegex) -> RegexValue {
    RegexValue {
        topics: value.topics.iter().cloned().collect(),
        version: value.version,
        timestamp: value.timestamp,
    }
}

fn regex_from_wire(value: RegexValue) -> ResolvedRegex {
    ResolvedRegex {
        topics: value.topics.iter().map(own).collect(),
        version: value.version,
        timestamp: value.timestamp,
    }
}
