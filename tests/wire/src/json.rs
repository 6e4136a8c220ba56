use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value as Json, json};

use crate::{Field, Kind, Schema, Structure, Value};

/// The value as the converters of Kafka's own message classes write it.
#[must_use]
pub fn to_json(schema: &Schema, value: &Value, version: i16) -> Json {
    structure(&schema.root, value, version)
}

fn structure(structure: &Structure, value: &Value, version: i16) -> Json {
    let Value::Struct(values) = value else { panic!("{} needs a struct", structure.name) };
    let mut object = Map::new();
    for (field, value) in structure.fields.iter().zip(values) {
        let Some(value) = value.as_ref().filter(|_| field.versions.contains(version)) else { continue };
        if field.tag_at(version).is_some() && value.is_default_of(field) {
            continue;
        }
        let (name, json) = member(field, value, version);
        object.insert(name, json);
    }
    Json::Object(object)
}

fn member(field: &Field, value: &Value, version: i16) -> (String, Json) {
    let mut name = field.name.clone();
    name[..1].make_ascii_lowercase();
    let is_records = matches!(&field.kind, Kind::Plain(kind) if kind == "records");
    match value {
        // Kafka's converters leave the records themselves out.
        Value::Bytes(bytes) if is_records => (name + "SizeInBytes", json!(bytes.len())),
        Value::Null if is_records => (name, Json::Null),
        value => (name, one(&field.kind, value, version)),
    }
}

fn one(kind: &Kind, value: &Value, version: i16) -> Json {
    match (kind, value) {
        (_, Value::Null) => Json::Null,
        (Kind::Array(inner), Value::List(items)) => {
            items.iter().map(|item| one(inner, item, version)).collect()
        }
        (Kind::Struct(inner), value) => structure(inner, value, version),
        (_, Value::Bool(value)) => json!(value),
        (_, Value::Int(value)) => json!(value),
        (_, Value::Float(value)) => json!(value),
        (_, Value::Text(text)) => json!(text),
        (_, Value::Bytes(bytes)) => json!(STANDARD.encode(bytes)),
        (_, Value::Uuid(id)) => json!(URL_SAFE_NO_PAD.encode(id)),
        (kind, value) => panic!("{kind:?} cannot hold {value:?}"),
    }
}
