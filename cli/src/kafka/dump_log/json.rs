//! Messages as Kafka's own converters write them in JSON, by the description every message has of itself.
//!
//! Fields stand in the order of the schema, under its names; what a version does not have is left out, and so is what
//! stands among the tags unless it is there. Bytes are base64.

use std::fmt::{self, Display, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ottla_wire::{
    DecodeError, Message, Reader,
    codec::{FieldSchema, FieldType, StructSchema},
};

/// A value; the fields of an object keep their order.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Bytes(Bytes),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Reads a message at a version.
pub(super) fn message<T: Message>(reader: &mut Reader, version: i16) -> Result<Json, DecodeError> {
    // What is no such message ends here: what follows walks over bytes that are known to fit.
    T::decode(&mut reader.clone(), version)?;
    let at = At { version, flexible: T::is_flexible(version) };
    value(&T::kind(), reader, at)
}

#[derive(Debug, Clone, Copy)]
struct At {
    version: i16,
    flexible: bool,
}

fn value(kind: &FieldType, r: &mut Reader, at: At) -> Result<Json, DecodeError> {
    Ok(match kind {
        FieldType::Struct(schema) => fields(schema, r, at)?,
        FieldType::Array(item) => match r.length(at.flexible)? {
            None => Json::Null,
            Some(count) => Json::List((0..count).map(|_| value(item, r, at)).collect::<Result<_, _>>()?),
        },
        FieldType::Plain(name) => plain(name, r, at)?,
    })
}

fn plain(name: &str, r: &mut Reader, at: At) -> Result<Json, DecodeError> {
    Ok(match name {
        "bool" => Json::Bool(r.u8()? != 0),
        "int8" => Json::Integer(r.i8()?.into()),
        "int16" => Json::Integer(r.i16()?.into()),
        "uint16" => Json::Integer(r.u16()?.into()),
        "int32" => Json::Integer(r.i32()?.into()),
        "uint32" => Json::Integer(r.u32()?.into()),
        "int64" => Json::Integer(r.i64()?),
        "float64" => Json::Float(r.f64()?),
        "uuid" => Json::Text(r.uuid()?.to_string()),
        "string" => match r.short_length(at.flexible)? {
            None => Json::Null,
            Some(length) => Json::Text(r.text(length)?.to_string()),
        },
        // Bytes and records.
        _ => match r.length(at.flexible)? {
            None => Json::Null,
            Some(length) => Json::Bytes(r.bytes(length, "bytes")?),
        },
    })
}

/// The field's tag, in versions in which it stands among the tags.
fn tag(field: &FieldSchema, at: At) -> Option<u32> {
    field.tagged.filter(|(_, versions)| versions.contains(at.version)).map(|(tag, _)| tag)
}

fn fields(schema: &StructSchema, r: &mut Reader, at: At) -> Result<Json, DecodeError> {
    let here = || schema.fields.iter().filter(|field| field.versions.contains(at.version));
    let mut found: Vec<(&FieldSchema, Json)> = Vec::new();
    for field in here().filter(|field| tag(field, at).is_none()) {
        let is_null = is_nullable_struct(field, at) && r.i8()? < 0;
        found.push((field, if is_null { Json::Null } else { value(&field.kind, r, at)? }));
    }
    if at.flexible {
        for _ in 0..r.unsigned_varint()? {
            let (number, length) = (r.unsigned_varint()?, r.unsigned_varint()? as usize);
            let mut content = Reader::new(r.bytes(length, "a tagged field")?);
            let Some(field) = here().find(|field| tag(field, at) == Some(number)) else { continue };
            let is_null = is_nullable_struct(field, at) && content.unsigned_varint()? == 0;
            let value = if is_null { Json::Null } else { value(&field.kind, &mut content, at)? };
            // Writers leave out what is as usual; where one did not, it is not shown either.
            if !value.is_usual(&field.default) {
                found.push((field, value));
            }
        }
    }
    // Those with tags have their place among the others.
    let place = |of: &FieldSchema| schema.fields.iter().position(|field| field.name == of.name);
    found.sort_by_key(|(field, _)| place(field));
    Ok(Json::Object(found.into_iter().map(|(field, value)| (name(field.name), value)).collect()))
}

/// A byte before a struct says whether it is there.
fn is_nullable_struct(field: &FieldSchema, at: At) -> bool {
    matches!(field.kind, FieldType::Struct(_)) && field.nullable.contains(at.version)
}

/// As the schemas spell it: `kraft_version` is `kRaftVersion`.
fn name(snake: &str) -> String {
    let mut out = String::new();
    for (at, word) in snake.split('_').enumerate() {
        let word = if word == "kraft" { "kRaft" } else { word };
        let mut letters = word.chars();
        let first = letters.next().filter(|_| at > 0).map(|letter| letter.to_ascii_uppercase());
        out.extend(first);
        out.push_str(if at > 0 { letters.as_str() } else { word });
    }
    out
}

impl Json {
    /// Whether it is a field's default, which is told as Rust shows it.
    fn is_usual(&self, default: &str) -> bool {
        match self {
            Self::Null => default == "None",
            Self::Bool(is) => default == is.to_string(),
            Self::Integer(number) => default == number.to_string(),
            Self::Text(text) => default == format!("{text:?}"),
            Self::List(items) => items.is_empty() && default == "[]",
            _ => false,
        }
    }

    /// A field of an object.
    pub(super) fn field(&mut self, name: &str) -> Option<&mut Self> {
        match self {
            Self::Object(fields) => fields.iter_mut().find(|(own, _)| own == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(is) => is.fmt(f),
            Self::Integer(number) => number.fmt(f),
            Self::Float(number) => f.write_str(&java_double(*number)),
            Self::Text(text) => quoted(text, f),
            Self::Bytes(bytes) => quoted(&STANDARD.encode(bytes), f),
            Self::List(items) => {
                f.write_char('[')?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at > 0 { "," } else { "" })?;
                }
                f.write_char(']')
            }
            Self::Object(fields) => {
                f.write_char('{')?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    f.write_str(if at > 0 { "," } else { "" })?;
                    quoted(name, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        match letter {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\u{8}' => f.write_str("\\b")?,
            '\t' => f.write_str("\\t")?,
            '\n' => f.write_str("\\n")?,
            '\u{c}' => f.write_str("\\f")?,
            '\r' => f.write_str("\\r")?,
            control @ ..'\u{20}' => write!(f, "\\u{:04X}", u32::from(control))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

/// As Java's `Double.toString` does: with a point always, and with a power of ten from ten million on and below a thousandth.
fn java_double(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        // No JSON, but what Kafka's tool prints.
        let sign = if number < 0.0 { "-" } else { "" };
        return if number.is_nan() { "\"NaN\"".into() } else { format!("\"{sign}Infinity\"") };
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{number:?}");
    }
    let short = format!("{number:e}");
    let (digits, power) = short.split_once('e').unwrap_or((&short, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{power}")
}

#[cfg(test)]
mod tests {
    use ottla_types::Uuid;
    use ottla_wire::log_records::{
        control::kraft_version_record::KRaftVersionRecord,
        group::consumer_group_member_metadata_value::{
            ClassicMemberMetadata, ClassicProtocol, ConsumerGroupMemberMetadataValue,
        },
        metadata::{
            client_quota_record::{ClientQuotaRecord, EntityData},
            partition_record::PartitionRecord,
        },
    };

    use super::*;

    fn json<T: Message>(of: &T, version: i16) -> String {
        let mut reader = Reader::new(of.to_bytes(version).expect("it can be written"));
        let json = message::<T>(&mut reader, version).expect("it can be read");
        assert_eq!(reader.remaining(), 0);
        json.to_string()
    }

    #[test]
    fn fields_stand_as_in_the_schema() {
        assert_eq!(
            json(&KRaftVersionRecord { version: 0, kraft_version: 1 }, 0),
            r#"{"version":0,"kRaftVersion":1}"#
        );
        let record =
            PartitionRecord { topic_id: Uuid([0; 16]), replicas: vec![1, 2], ..PartitionRecord::default() };
        let plain = r#"{"partitionId":-1,"topicId":"AAAAAAAAAAAAAAAAAAAAAA","replicas":[1,2],"isr":[],"removingReplicas":[],"addingReplicas":[],"leader":-1,"#;
        assert_eq!(json(&record, 0), format!(r#"{plain}"leaderEpoch":-1,"partitionEpoch":-1}}"#));
        let record = PartitionRecord { leader_recovery_state: 1, last_known_elr: Some(vec![3]), ..record };
        let all = r#""leaderRecoveryState":1,"leaderEpoch":-1,"partitionEpoch":-1,"directories":[],"lastKnownElr":[3]}"#;
        assert_eq!(json(&record, 2), format!("{plain}{all}"));
    }

    #[test]
    fn what_may_be_null_is_null_or_there() {
        let value = ConsumerGroupMemberMetadataValue { rack_id: Some("a".into()), ..Default::default() };
        let head = r#"{"instanceId":null,"rackId":"a","clientId":"","clientHost":"","subscribedTopicNames":[],"subscribedTopicRegex":null,"rebalanceTimeoutMs":-1,"serverAssignor":null"#;
        let none = ConsumerGroupMemberMetadataValue { classic_member_metadata: None, ..value.clone() };
        assert_eq!(json(&none, 0), format!(r#"{head},"classicMemberMetadata":null}}"#));
        let protocol = ClassicProtocol { name: "range".into(), metadata: Bytes::from_static(&[0, 255]) };
        let classic = ClassicMemberMetadata { session_timeout_ms: 7, supported_protocols: vec![protocol] };
        let some = ConsumerGroupMemberMetadataValue { classic_member_metadata: Some(classic), ..value };
        let tail = r#","classicMemberMetadata":{"sessionTimeoutMs":7,"supportedProtocols":[{"name":"range","metadata":"AP8="}]}}"#;
        assert_eq!(json(&some, 0), format!("{head}{tail}"));
    }

    #[test]
    fn numbers_and_texts_are_written_as_java_does() {
        let numbers = [0.0, 1.0, 0.001, 12.5, 9_999_999.0, 1e7, 1.5e10, 2e-4, -1e300].map(java_double);
        assert_eq!(
            numbers,
            ["0.0", "1.0", "0.001", "12.5", "9999999.0", "1.0E7", "1.5E10", "2.0E-4", "-1.0E300"]
        );
        let entity = EntityData { entity_type: "user".into(), entity_name: Some("a\"\\\u{1f}\nü".into()) };
        let quota = ClientQuotaRecord { entity: vec![entity], key: "k".into(), value: 1e8, remove: false };
        assert_eq!(
            json(&quota, 0),
            r#"{"entity":[{"entityType":"user","entityName":"a\"\\\u001F\nü"}],"key":"k","value":1.0E8,"remove":false}"#
        );
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let mut reader = Reader::new(Bytes::from_static(&[1, 2]));
        assert!(message::<PartitionRecord>(&mut reader, 0).is_err());
        let mut reader = Reader::new(Bytes::from_static(&[0; 64]));
        assert!(message::<PartitionRecord>(&mut reader, 99).is_err());
    }
}
