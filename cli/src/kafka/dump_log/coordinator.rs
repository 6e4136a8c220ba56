//! Records of the topics in which coordinators keep their state: a key of some type, and what it stands for.

use bytes::Bytes;
use ottla_records::RecordView;
use ottla_wire::{
    DecodeError, Reader,
    consumer_protocol::{
        consumer_protocol_assignment::ConsumerProtocolAssignment,
        consumer_protocol_subscription::ConsumerProtocolSubscription,
    },
    log_records::{group, share, transaction},
};

use super::json::{self, Json};

/// Reads a message at a version.
type Read = fn(&mut Reader, i16) -> Result<Json, DecodeError>;

/// A type of record.
#[derive(Debug)]
pub(super) struct Kind {
    /// What keys of it begin with.
    code: i16,
    key: Read,
    value: Read,
}

macro_rules! kinds {
    ($name:ident, $($code:literal $area:ident: $key_file:ident::$key:ident $value_file:ident::$value:ident;)*) => {
        pub(super) const $name: &[Kind] = &[$(Kind {
            code: $code,
            key: json::message::<$area::$key_file::$key>,
            value: json::message::<$area::$value_file::$value>,
        }),*];
    };
}

kinds! { GROUPS,
    0 group: legacy_offset_commit_key::LegacyOffsetCommitKey legacy_offset_commit_value::LegacyOffsetCommitValue;
    1 group: offset_commit_key::OffsetCommitKey offset_commit_value::OffsetCommitValue;
    3 group: consumer_group_metadata_key::ConsumerGroupMetadataKey
        consumer_group_metadata_value::ConsumerGroupMetadataValue;
    4 group: consumer_group_partition_metadata_key::ConsumerGroupPartitionMetadataKey
        consumer_group_partition_metadata_value::ConsumerGroupPartitionMetadataValue;
    5 group: consumer_group_member_metadata_key::ConsumerGroupMemberMetadataKey
        consumer_group_member_metadata_value::ConsumerGroupMemberMetadataValue;
    6 group: consumer_group_target_assignment_metadata_key::ConsumerGroupTargetAssignmentMetadataKey
        consumer_group_target_assignment_metadata_value::ConsumerGroupTargetAssignmentMetadataValue;
    7 group: consumer_group_target_assignment_member_key::ConsumerGroupTargetAssignmentMemberKey
        consumer_group_target_assignment_member_value::ConsumerGroupTargetAssignmentMemberValue;
    8 group: consumer_group_current_member_assignment_key::ConsumerGroupCurrentMemberAssignmentKey
        consumer_group_current_member_assignment_value::ConsumerGroupCurrentMemberAssignmentValue;
    10 group: share_group_member_metadata_key::ShareGroupMemberMetadataKey
        share_group_member_metadata_value::ShareGroupMemberMetadataValue;
    11 group: share_group_metadata_key::ShareGroupMetadataKey share_group_metadata_value::ShareGroupMetadataValue;
    12 group: share_group_target_assignment_metadata_key::ShareGroupTargetAssignmentMetadataKey
        share_group_target_assignment_metadata_value::ShareGroupTargetAssignmentMetadataValue;
    13 group: share_group_target_assignment_member_key::ShareGroupTargetAssignmentMemberKey
        share_group_target_assignment_member_value::ShareGroupTargetAssignmentMemberValue;
    14 group: share_group_current_member_assignment_key::ShareGroupCurrentMemberAssignmentKey
        share_group_current_member_assignment_value::ShareGroupCurrentMemberAssignmentValue;
    15 group: share_group_state_partition_metadata_key::ShareGroupStatePartitionMetadataKey
        share_group_state_partition_metadata_value::ShareGroupStatePartitionMetadataValue;
    16 group: consumer_group_regular_expression_key::ConsumerGroupRegularExpressionKey
        consumer_group_regular_expression_value::ConsumerGroupRegularExpressionValue;
    17 group: streams_group_metadata_key::StreamsGroupMetadataKey
        streams_group_metadata_value::StreamsGroupMetadataValue;
    19 group: streams_group_member_metadata_key::StreamsGroupMemberMetadataKey
        streams_group_member_metadata_value::StreamsGroupMemberMetadataValue;
    20 group: streams_group_target_assignment_metadata_key::StreamsGroupTargetAssignmentMetadataKey
        streams_group_target_assignment_metadata_value::StreamsGroupTargetAssignmentMetadataValue;
    21 group: streams_group_target_assignment_member_key::StreamsGroupTargetAssignmentMemberKey
        streams_group_target_assignment_member_value::StreamsGroupTargetAssignmentMemberValue;
    22 group: streams_group_current_member_assignment_key::StreamsGroupCurrentMemberAssignmentKey
        streams_group_current_member_assignment_value::StreamsGroupCurrentMemberAssignmentValue;
    23 group: streams_group_topology_key::StreamsGroupTopologyKey
        streams_group_topology_value::StreamsGroupTopologyValue;
}

/// Groups of the classic protocol: what their members have sent is looked into as well.
pub(super) const CLASSIC_GROUPS: &[Kind] = &[Kind {
    code: 2,
    key: json::message::<group::group_metadata_key::GroupMetadataKey>,
    value: classic_group,
}];

kinds! { TRANSACTIONS,
    0 transaction: transaction_log_key::TransactionLogKey transaction_log_value::TransactionLogValue;
}

kinds! { SHARE_STATES,
    0 share: share_snapshot_key::ShareSnapshotKey share_snapshot_value::ShareSnapshotValue;
    1 share: share_update_key::ShareUpdateKey share_update_value::ShareUpdateValue;
}

/// What is printed behind `key:` and `payload:`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Printed {
    pub(super) key: String,
    pub(super) payload: Option<String>,
}

/// A number and a message behind it: the type of a key, the version of a value.
fn numbered(bytes: &[u8]) -> Result<(i16, Reader), DecodeError> {
    let mut reader = Reader::new(Bytes::copy_from_slice(bytes));
    Ok((reader.i16()?, reader))
}

/// Prints a record that is one of these kinds; the text is the error of a tool that cannot go on.
pub(super) fn print(record: &RecordView<'_>, kinds: &[&[Kind]]) -> Result<Printed, String> {
    let offset = record.offset;
    let Some(key) = record.key else {
        return Err(format!(
            "Failed to decode message at offset {offset} using the specified decoder (message had a missing key)"
        ));
    };
    let only = |key| Printed { key, payload: None };
    let read = || -> Result<Printed, DecodeError> {
        let (code, mut reader) = numbered(key)?;
        let Some(kind) = kinds.iter().copied().flatten().find(|kind| kind.code == code) else {
            return Ok(only(format!("Unknown record type {code} at offset {offset}, skipping.")));
        };
        let data = (kind.key)(&mut reader, 0)?;
        let key = format!(r#"{{"type":"{code}","data":{data}}}"#);
        let payload = match record.value {
            None => "<DELETE>".to_owned(),
            Some(value) => {
                let (version, mut reader) = numbered(value)?;
                let data = (kind.value)(&mut reader, version)?;
                format!(r#"{{"version":"{version}","data":{data}}}"#)
            }
        };
        Ok(Printed { key, payload: Some(payload) })
    };
    Ok(read().unwrap_or_else(|error| only(format!("Error at offset {offset}, skipping. {error}"))))
}

/// A group's metadata. What consumers have subscribed to and are assigned is bytes to the coordinator; here it is read.
fn classic_group(reader: &mut Reader, version: i16) -> Result<Json, DecodeError> {
    let mut group = json::message::<group::group_metadata_value::GroupMetadataValue>(reader, version)?;
    let is_of_consumers =
        group.field("protocolType").is_some_and(|of| *of == Json::Text("consumer".to_owned()));
    if let Some(Json::List(members)) = group.field("members").filter(|_| is_of_consumers) {
        for member in members {
            look_into(member, "subscription", json::message::<ConsumerProtocolSubscription>);
            look_into(member, "assignment", json::message::<ConsumerProtocolAssignment>);
        }
    }
    Ok(group)
}

/// Bytes that are something else stay as they are.
fn look_into(member: &mut Json, name: &str, read: Read) {
    let Some(field) = member.field(name) else { return };
    let Json::Bytes(bytes) = &*field else { return };
    let content = numbered(bytes).and_then(|(version, mut reader)| read(&mut reader, version));
    if let Ok(content) = content {
        *field = content;
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::{
        Message,
        log_records::group::{
            group_metadata_key::GroupMetadataKey,
            group_metadata_value::{GroupMetadataValue, MemberMetadata},
        },
    };

    use super::*;

    fn behind(number: i16, message: &impl Message, version: i16) -> Vec<u8> {
        let bytes = message.to_bytes(version).expect("it can be written");
        [&number.to_be_bytes()[..], &bytes].concat()
    }

    fn printed(key: &[u8], value: Option<&[u8]>) -> Printed {
        let mut builder = ottla_records::BatchBuilder::new();
        builder.push(&ottla_records::NewRecord { key: Some(key), value, ..Default::default() });
        let batch = ottla_records::Batch::parse(&builder.finish().freeze()).expect("a batch");
        let records = batch.records(&ottla_records::Limits::default()).expect("records");
        let record = records.iter().next().expect("one").expect("it can be read");
        print(&record, &[GROUPS, CLASSIC_GROUPS]).expect("it has a key")
    }

    #[test]
    fn what_consumers_have_sent_is_looked_into() {
        let key = behind(2, &GroupMetadataKey { group: "g".into() }, 0);
        let subscription = ConsumerProtocolSubscription { topics: vec!["t".into()], ..Default::default() };
        let member = MemberMetadata {
            subscription: behind(0, &subscription, 0).into(),
            assignment: Bytes::from_static(b"?"),
            ..Default::default()
        };
        let group = GroupMetadataValue {
            protocol_type: "consumer".into(),
            members: vec![member],
            ..Default::default()
        };
        let found = printed(&key, Some(&behind(0, &group, 0)));
        assert_eq!(found.key, r#"{"type":"2","data":{"group":"g"}}"#);
        let payload = found.payload.expect("a value");
        assert!(
            payload.contains(r#""subscription":{"topics":["t"],"userData":null},"assignment":"Pw==""#),
            "{payload}"
        );
        let other = GroupMetadataValue { protocol_type: "connect".into(), ..group };
        let payload = printed(&key, Some(&behind(0, &other, 0))).payload.expect("a value");
        assert!(payload.contains(r#""subscription":"AAAAAAAB"#), "{payload}");
    }

    #[test]
    fn what_is_gone_unknown_or_torn_is_said_to_be() {
        let key = behind(2, &GroupMetadataKey { group: "g".into() }, 0);
        assert_eq!(printed(&key, None).payload.as_deref(), Some("<DELETE>"));
        let unknown = printed(&99_i16.to_be_bytes(), None);
        assert_eq!(
            unknown,
            Printed { key: "Unknown record type 99 at offset 0, skipping.".into(), payload: None }
        );
        assert!(printed(&key, Some(&[0])).key.starts_with("Error at offset 0, skipping. "));
    }
}
