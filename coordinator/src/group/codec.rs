//! Records as they stand in `__consumer_offsets`: keys begin with their type, values with their version.

use super::consumer;
use super::record::{OffsetKey, PersistedGroup, PersistedMember, Record, StoredOffset};
use bytes::Bytes;
use ottla_types::Str;
use ottla_wire::{
    DecodeError, EncodeError, Message, Reader, Writer,
    log_records::group::{
        group_metadata_key::GroupMetadataKey,
        group_metadata_value::{GroupMetadataValue, MemberMetadata},
        offset_commit_key::OffsetCommitKey,
        offset_commit_value::OffsetCommitValue,
    },
};

/// Keys of both types look the same; 0 has not been written since Kafka 0.8.
const OLD_OFFSET_KEY_TYPE: i16 = 0;
const OFFSET_KEY_TYPE: i16 = 1;
const GROUP_KEY_TYPE: i16 = 2;
/// Keys carry their type where values carry a version; their own version is always 0.
pub(super) const KEY_VERSION: i16 = 0;
/// What Kafka 4.3 writes.
const GROUP_VALUE_VERSION: i16 = 3;
const OFFSET_VALUE_VERSION: i16 = 4;
/// The only version with an expiry of its own.
const EXPIRING_OFFSET_VALUE_VERSION: i16 = 1;

/// One record's key and value; a value of `None` is a tombstone.
pub type KeyValue = (Bytes, Option<Bytes>);

impl Record {
    /// The key and value to write.
    ///
    /// `None` for what this coordinator only reads: ends of transactions are control records, and unknown records stay
    /// as they are.
    ///
    /// # Errors
    /// A name is longer than its length field can say, which requests cannot bring in.
    pub fn encode(&self) -> Result<Option<KeyValue>, EncodeError> {
        match self {
            Self::Group { group_id, value } => {
                let key = framed(GROUP_KEY_TYPE, KEY_VERSION, &GroupMetadataKey { group: group_id.clone() })?;
                let value = value
                    .as_ref()
                    .map(|value| framed(GROUP_VALUE_VERSION, GROUP_VALUE_VERSION, &group_to_wire(value)));
                Ok(Some((key, value.transpose()?)))
            }
            Self::Offset { key, value, .. } => {
                let wire = OffsetCommitKey {
                    group: key.group_id.clone(),
                    topic: key.topic.clone(),
                    partition: key.partition,
                };
                let key = framed(OFFSET_KEY_TYPE, KEY_VERSION, &wire)?;
                let value = value.as_ref().map(|value| {
                    let version = if value.expire_timestamp == -1 {
                        OFFSET_VALUE_VERSION
                    } else {
                        EXPIRING_OFFSET_VALUE_VERSION
                    };
                    framed(version, version, &offset_to_wire(value))
                });
                Ok(Some((key, value.transpose()?)))
            }
            Self::Consumer { group_id, record } => consumer::encode(group_id, record),
            Self::TransactionEnd { .. } | Self::Unknown { .. } => Ok(None),
        }
    }

    /// Reads a data record; `producer_id` is its batch's if that is transactional. Nothing of it keeps the log's buffer
    /// alive. Types and versions this build does not know are [`Record::Unknown`].
    ///
    /// # Errors
    /// The bytes are not what their type says.
    pub fn decode(key: &Bytes, value: Option<&Bytes>, producer_id: Option<i64>) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(key.clone());
        let key_type = reader.i16()?;
        let known = match key_type {
            OFFSET_KEY_TYPE | OLD_OFFSET_KEY_TYPE => decode_offset(&mut reader, value, producer_id)?,
            GROUP_KEY_TYPE => decode_group(&mut reader, value)?,
            _ => consumer::decode(key_type, &mut reader, value)?
                .map(|(group_id, record)| Self::Consumer { group_id, record }),
        };
        Ok(known.unwrap_or_else(|| Self::Unknown { key_type, key: Bytes::copy_from_slice(key) }))
    }
}

fn decode_offset(
    key: &mut Reader,
    value: Option<&Bytes>,
    producer_id: Option<i64>,
) -> Result<Option<Record>, DecodeError> {
    let wire = OffsetCommitKey::decode(key, KEY_VERSION)?;
    let key = OffsetKey { group_id: own(&wire.group), topic: own(&wire.topic), partition: wire.partition };
    let Some(value) = value else { return Ok(Some(Record::Offset { key, value: None, producer_id })) };
    let value = unframed::<OffsetCommitValue>(value)?;
    Ok(value.map(|value| Record::Offset { key, value: Some(offset_from_wire(&value)), producer_id }))
}

fn decode_group(key: &mut Reader, value: Option<&Bytes>) -> Result<Option<Record>, DecodeError> {
    let group_id = own(&GroupMetadataKey::decode(key, KEY_VERSION)?.group);
    let Some(value) = value else { return Ok(Some(Record::Group { group_id, value: None })) };
    let value = unframed::<GroupMetadataValue>(value)?;
    Ok(value.map(|value| Record::Group { group_id, value: Some(group_from_wire(&value)) }))
}

pub(super) fn framed(begins_with: i16, version: i16, message: &impl Message) -> Result<Bytes, EncodeError> {
    let mut writer = Writer::new();
    writer.put(&begins_with.to_be_bytes());
    message.encode(&mut writer, version)?;
    Ok(writer.into_bytes())
}

/// `None` for a version this build does not know.
pub(super) fn unframed<M: Message>(value: &Bytes) -> Result<Option<M>, DecodeError> {
    let mut reader = Reader::new(value.clone());
    let version = reader.i16()?;
    if M::VERSIONS.contains(version) { M::decode(&mut reader, version).map(Some) } else { Ok(None) }
}

fn offset_to_wire(value: &StoredOffset) -> OffsetCommitValue {
    OffsetCommitValue {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: value.metadata.clone(),
        commit_timestamp: value.commit_timestamp,
        expire_timestamp: value.expire_timestamp,
        topic_id: value.topic_id,
    }
}

fn offset_from_wire(value: &OffsetCommitValue) -> StoredOffset {
    StoredOffset {
        offset: value.offset,
        leader_epoch: value.leader_epoch,
        metadata: own(&value.metadata),
        commit_timestamp: value.commit_timestamp,
        expire_timestamp: value.expire_timestamp,
        topic_id: value.topic_id,
    }
}

fn group_to_wire(value: &PersistedGroup) -> GroupMetadataValue {
    let member = |member: &PersistedMember| MemberMetadata {
        member_id: member.member_id.clone(),
        group_instance_id: member.instance_id.clone(),
        client_id: member.client_id.clone(),
        client_host: member.client_host.clone(),
        rebalance_timeout: member.rebalance_timeout_ms,
        session_timeout: member.session_timeout_ms,
        subscription: member.subscription.clone(),
        assignment: member.assignment.clone(),
    };
    GroupMetadataValue {
        protocol_type: value.protocol_type.clone(),
        generation: value.generation,
        protocol: value.protocol.clone(),
        leader: value.leader.clone(),
        current_state_timestamp: value.state_timestamp,
        members: value.members.iter().map(member).collect(),
    }
}

fn group_from_wire(value: &GroupMetadataValue) -> PersistedGroup {
    let member = |member: &MemberMetadata| PersistedMember {
        member_id: own(&member.member_id),
        instance_id: member.group_instance_id.as_ref().map(own),
        client_id: own(&member.client_id),
        client_host: own(&member.client_host),
        rebalance_timeout_ms: member.rebalance_timeout,
        session_timeout_ms: member.session_timeout,
        subscription: Bytes::copy_from_slice(&member.subscription),
        assignment: Bytes::copy_from_slice(&member.assignment),
    };
    PersistedGroup {
        protocol_type: own(&value.protocol_type),
        generation: value.generation,
        protocol: value.protocol.as_ref().map(own),
        leader: value.leader.as_ref().map(own),
        state_timestamp: value.current_state_timestamp,
        members: value.members.iter().map(member).collect(),
    }
}

pub(super) fn own(text: &Str) -> Str {
    Str::from(text.to_string())
}
