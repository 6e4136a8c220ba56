//! What keys and values say: text, numbers, or the records of Kafka's own topics.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ottla_records::RecordView;
use ottla_types::Str;
use ottla_wire::{
    Message, Reader,
    log_records::{
        group::{
            group_metadata_key::GroupMetadataKey,
            group_metadata_value::{GroupMetadataValue, MemberMetadata},
            offset_commit_key::OffsetCommitKey,
            offset_commit_value::OffsetCommitValue,
        },
        transaction::{transaction_log_key::TransactionLogKey, transaction_log_value::TransactionLogValue},
    },
};
use serde_json::{Value, json};

use super::{Given, Thrown};

#[derive(Debug, Clone, Copy)]
pub(super) enum Plain {
    Text,
    Int,
    Long,
}

#[derive(Debug)]
pub(super) enum Decoder {
    /// Of keys and of values.
    Plain(Plain, Plain),
    Offsets,
    Transactions,
}

impl Decoder {
    pub(super) fn of(given: &Given) -> Result<Self, Thrown> {
        for option in ["cluster-metadata-decoder", "remote-log-metadata-decoder", "share-group-state-decoder"]
        {
            if given.has(option) {
                return Err(Thrown::illegal_argument(format!("--{option} is not supported yet")));
            }
        }
        if given.has("offsets-decoder") {
            return Ok(Self::Offsets);
        }
        if given.has("transaction-log-decoder") {
            return Ok(Self::Transactions);
        }
        let plain = |option: &str| match given.value(option)? {
            None => Ok(Plain::Text),
            Some(class) => match class.rsplit('.').next().unwrap_or_default() {
                "StringDecoder" => Ok(Plain::Text),
                "IntegerDecoder" => Ok(Plain::Int),
                "LongDecoder" => Ok(Plain::Long),
                _ => Err(Thrown::new(
                    "java.lang.RuntimeException",
                    format!("Failed to load decoder class\njava.lang.ClassNotFoundException: {class}"),
                )),
            },
        };
        Ok(Self::Plain(plain("key-decoder-class")?, plain("value-decoder-class")?))
    }

    /// `key: …` and `payload: …`, where there are any.
    pub(super) fn print(&self, record: &RecordView<'_>) -> Vec<String> {
        let (key, payload) = match self {
            Self::Plain(key, value) => {
                (record.key.map(|of| plain(*key, of)), record.value.map(|of| plain(*value, of)))
            }
            Self::Offsets => stored(record, &offsets_key, &offsets_value),
            Self::Transactions => stored(record, &transaction_key, &transaction_value),
        };
        let key = key.map(|key| format!("key: {key}"));
        key.into_iter().chain(payload.map(|payload| format!("payload: {payload}"))).collect()
    }
}

fn plain(kind: Plain, bytes: &[u8]) -> String {
    let number = match kind {
        Plain::Text => None,
        Plain::Int => bytes.try_into().ok().map(|bytes| i64::from(i32::from_be_bytes(bytes))),
        Plain::Long => bytes.try_into().ok().map(i64::from_be_bytes),
    };
    number.map_or_else(|| String::from_utf8_lossy(bytes).into_owned(), |number| number.to_string())
}

/// A message behind two bytes, which are its version or, in a key, its type.
type Decode = dyn Fn(i16, &mut Reader, i16) -> Option<String>;

fn stored(record: &RecordView<'_>, key: &Decode, value: &Decode) -> (Option<String>, Option<String>) {
    let numbered = |bytes: &[u8]| {
        let mut reader = Reader::new(Bytes::copy_from_slice(bytes));
        Some((reader.i16().ok()?, reader))
    };
    let Some((kind, mut reader)) = record.key.and_then(numbered) else { return (None, None) };
    let data = key(kind, &mut reader, 0).unwrap_or_else(|| "\"unknown\"".into());
    let key = format!("{{\"type\":\"{kind}\",\"data\":{data}}}");
    let value = match record.value {
        // What is removed has a key only.
        None => "null".to_owned(),
        Some(bytes) => {
            let (version, data) = match numbered(bytes) {
                Some((version, mut reader)) => (version, value(kind, &mut reader, version)),
                None => (-1, None),
            };
            let data = data.unwrap_or_else(|| "\"unknown\"".into());
            format!("{{\"version\":\"{version}\",\"data\":{data}}}")
        }
    };
    (Some(key), Some(value))
}

/// Fields in the order of the schema.
fn object(fields: &[(&str, Value)]) -> String {
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

fn text(text: &Str) -> Value {
    Value::from(text as &str)
}

fn maybe(text: Option<&Str>) -> Value {
    text.map_or(Value::Null, |text| Value::from(text as &str))
}

fn offsets_key(kind: i16, reader: &mut Reader, version: i16) -> Option<String> {
    match kind {
        0 | 1 => {
            let key = OffsetCommitKey::decode(reader, version).ok()?;
            let partition = json!(key.partition);
            Some(object(&[
                ("group", text(&key.group)),
                ("topic", text(&key.topic)),
                ("partition", partition),
            ]))
        }
        2 => {
            let key = GroupMetadataKey::decode(reader, version).ok()?;
            Some(object(&[("group", text(&key.group))]))
        }
        _ => None,
    }
}

fn offsets_value(kind: i16, reader: &mut Reader, version: i16) -> Option<String> {
    match kind {
        0 | 1 => {
            let value = OffsetCommitValue::decode(reader, version).ok()?;
            let mut fields = vec![("offset", json!(value.offset))];
            fields.extend((version >= 3).then(|| ("leaderEpoch", json!(value.leader_epoch))));
            fields.push(("metadata", text(&value.metadata)));
            fields.push(("commitTimestamp", json!(value.commit_timestamp)));
            fields.extend((version == 1).then(|| ("expireTimestamp", json!(value.expire_timestamp))));
            let id = (!value.topic_id.is_zero()).then(|| ("topicId", json!(value.topic_id.to_string())));
            fields.extend(id);
            Some(object(&fields))
        }
        2 => {
            let value = GroupMetadataValue::decode(reader, version).ok()?;
            let members: Vec<_> = value.members.iter().map(|of| member(of, version)).collect();
            let mut fields =
                vec![("protocolType", text(&value.protocol_type)), ("generation", json!(value.generation))];
            fields.push(("protocol", maybe(value.protocol.as_ref())));
            fields.push(("leader", maybe(value.leader.as_ref())));
            fields.extend(
                (version >= 2).then(|| ("currentStateTimestamp", json!(value.current_state_timestamp))),
            );
            let head = object(&fields);
            Some(format!("{},\"members\":[{}]}}", head.trim_end_matches('}'), members.join(",")))
        }
        _ => None,
    }
}

fn member(of: &MemberMetadata, version: i16) -> String {
    let mut fields = vec![("memberId", text(&of.member_id))];
    fields.extend((version >= 3).then(|| ("groupInstanceId", maybe(of.group_instance_id.as_ref()))));
    fields.push(("clientId", text(&of.client_id)));
    fields.push(("clientHost", text(&of.client_host)));
    fields.extend((version >= 1).then(|| ("rebalanceTimeout", json!(of.rebalance_timeout))));
    fields.push(("sessionTimeout", json!(of.session_timeout)));
    fields.push(("subscription", json!(STANDARD.encode(&of.subscription))));
    fields.push(("assignment", json!(STANDARD.encode(&of.assignment))));
    object(&fields)
}

fn transaction_key(kind: i16, reader: &mut Reader, version: i16) -> Option<String> {
    let key = (kind == 0).then(|| TransactionLogKey::decode(reader, version).ok())??;
    Some(object(&[("transactionalId", text(&key.transactional_id))]))
}

fn transaction_value(kind: i16, reader: &mut Reader, version: i16) -> Option<String> {
    let value = (kind == 0).then(|| TransactionLogValue::decode(reader, version).ok())??;
    let partitions = value.transaction_partitions.as_ref().map_or(Value::Null, |topics| {
        let topic = |of: &ottla_wire::log_records::transaction::transaction_log_value::PartitionsSchema| {
            json!({ "topic": &of.topic as &str, "partitionIds": of.partition_ids })
        };
        topics.iter().map(topic).collect()
    });
    let mut fields = vec![("producerId", json!(value.producer_id))];
    let told = |number: i64| number != -1;
    fields.extend(
        told(value.previous_producer_id).then(|| ("previousProducerId", json!(value.previous_producer_id))),
    );
    fields.extend(told(value.next_producer_id).then(|| ("nextProducerId", json!(value.next_producer_id))));
    fields.push(("producerEpoch", json!(value.producer_epoch)));
    let next_epoch = value.next_producer_epoch;
    fields.extend(told(next_epoch.into()).then(|| ("nextProducerEpoch", json!(next_epoch))));
    fields.push(("transactionTimeoutMs", json!(value.transaction_timeout_ms)));
    fields.push(("transactionStatus", json!(value.transaction_status)));
    fields.push(("transactionPartitions", partitions));
    fields.push(("transactionLastUpdateTimestampMs", json!(value.transaction_last_update_timestamp_ms)));
    fields.push(("transactionStartTimestampMs", json!(value.transaction_start_timestamp_ms)));
    let client = value.client_transaction_version;
    fields.extend((client != 0).then(|| ("clientTransactionVersion", json!(client))));
    Some(object(&fields))
}
