use ottla_wire::{
    VersionRange,
    catalog::{MessageType, Role},
    codec::{FieldSchema, FieldType, StructSchema},
};

use crate::Value;

/// A message's description, whoever made it.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Its versions.
    pub versions: VersionRange,
    /// The first flexible version; [`i16::MAX`] for never.
    pub flexible_from: i16,
    /// `request`, `response` or `data`.
    pub role: &'static str,
    /// Of requests and responses.
    pub api_key: Option<i16>,
    /// Its name and fields.
    pub root: Structure,
}

/// A name and fields in wire order.
#[derive(Debug, Clone)]
pub struct Structure {
    /// Of the type.
    pub name: String,
    /// In wire order.
    pub fields: Vec<Field>,
}

/// What a field holds.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "as in the schemas")]
pub enum Kind {
    Plain(String),
    Array(Box<Kind>),
    Struct(Structure),
}

/// One field.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "as in the schemas")]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub versions: VersionRange,
    pub nullable: VersionRange,
    pub tagged: Option<(u32, VersionRange)>,
    pub ignorable: bool,
    pub default: Value,
}

impl Field {
    /// The tag at `version`, if it stands in the tagged section there.
    #[must_use]
    pub fn tag_at(&self, version: i16) -> Option<u32> {
        self.tagged.filter(|(_, versions)| versions.contains(version)).map(|(tag, _)| tag)
    }
}

impl Schema {
    /// What the derive says.
    #[must_use]
    pub fn derived(message: &MessageType) -> Self {
        let (role, api_key) = match message.role {
            Role::Request(key) => ("request", Some(key.code())),
            Role::Response(key) => ("response", Some(key.code())),
            Role::Data => ("data", None),
        };
        Self {
            versions: message.versions,
            flexible_from: message.flexible_from,
            role,
            api_key,
            root: structure(&message.schema()),
        }
    }

    /// Whether `version` has compact lengths and tagged sections.
    #[must_use]
    pub const fn is_flexible(&self, version: i16) -> bool {
        version >= self.flexible_from
    }
}

fn structure(schema: &StructSchema) -> Structure {
    Structure { name: schema.name.to_owned(), fields: schema.fields.iter().map(field).collect() }
}

fn field(schema: &FieldSchema) -> Field {
    let kind = kind(&schema.kind);
    let default = default(&schema.default, &kind);
    let FieldSchema { name, versions, nullable, tagged, ignorable, .. } = schema;
    Field {
        name: (*name).to_owned(),
        default,
        kind,
        versions: *versions,
        nullable: *nullable,
        tagged: *tagged,
        ignorable: *ignorable,
    }
}

fn kind(schema: &FieldType) -> Kind {
    match schema {
        FieldType::Plain(name) => Kind::Plain((*name).to_owned()),
        FieldType::Array(inner) => Kind::Array(Box::new(kind(inner))),
        FieldType::Struct(schema) => Kind::Struct(structure(schema)),
    }
}

/// Reads what Rust's `Debug` printed.
fn default(text: &str, kind: &Kind) -> Value {
    if text == "None" {
        return Value::Null;
    }
    let text = text.strip_prefix("Some(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let zero = Value::zero(kind);
    match &zero {
        Value::Int(_) => {
            // Error codes are printed by name, and only `NONE` is anybody's default.
            Value::Int(if text.starts_with("NONE") { 0 } else { text.parse().expect("a number") })
        }
        Value::Bool(_) => Value::Bool(text == "true"),
        Value::Float(_) => Value::Float(text.parse().expect("a number")),
        Value::Text(_) => Value::Text(text.trim_matches('"').to_owned()),
        Value::Bytes(_) => {
            assert!(["b\"\"", "Records { chunks: [] }"].contains(&text), "a default of bytes: {text}");
            zero
        }
        Value::Uuid(_) => {
            assert_eq!(text, "AAAAAAAAAAAAAAAAAAAAAA", "no other default of an id is known");
            zero
        }
        Value::List(_) => {
            assert_eq!(text, "[]", "no other default of an array is known");
            zero
        }
        Value::Struct(_) | Value::Null => zero,
    }
}
