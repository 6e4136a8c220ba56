use ottla_wire::VersionRange;

use crate::{Kind, Schema, Structure, Value};

/// Canonical bytes of a value at a version: written from the description alone, not by the derive's code.
#[must_use]
pub fn encode(schema: &Schema, value: &Value, version: i16) -> Vec<u8> {
    let mut encoder = Encoder { version, flexible: schema.is_flexible(version), out: Vec::new() };
    encoder.structure(&schema.root, value);
    encoder.out
}

struct Encoder {
    version: i16,
    flexible: bool,
    out: Vec<u8>,
}

impl Encoder {
    fn structure(&mut self, structure: &Structure, value: &Value) {
        let Value::Struct(values) = value else { panic!("{} needs a struct, not {value:?}", structure.name) };
        let mut tags: Vec<(u32, Vec<u8>)> = Vec::new();
        for (field, value) in structure.fields.iter().zip(values) {
            let Some(value) = value.as_ref().filter(|_| field.versions.contains(self.version)) else {
                continue;
            };
            match field.tag_at(self.version) {
                None => self.field(&field.kind, value, field.nullable),
                Some(_) if value.is_default_of(field) => {}
                Some(tag) => {
                    let mut section = Self { out: Vec::new(), ..*self };
                    match (&field.kind, value) {
                        // Among tags a struct's null is a length of nothing.
                        (Kind::Struct(_), Value::Null) => section.out.push(0),
                        (kind, value) => section.field(kind, value, field.nullable),
                    }
                    tags.push((tag, section.out));
                }
            }
        }
        if !self.flexible {
            assert!(tags.is_empty(), "{} has tags without a tagged section", structure.name);
            return;
        }
        tags.sort_by_key(|(tag, _)| *tag);
        self.unsigned_varint(tags.len());
        for (tag, content) in tags {
            self.unsigned_varint(tag as usize);
            self.unsigned_varint(content.len());
            self.out.extend(content);
        }
    }

    fn field(&mut self, kind: &Kind, value: &Value, nullable: VersionRange) {
        let may_be_null = nullable.contains(self.version);
        assert!(may_be_null || *value != Value::Null, "a null where none is allowed");
        match (kind, value) {
            (Kind::Array(_), Value::Null) => self.length(None),
            (Kind::Array(inner), Value::List(items)) => {
                self.length(Some(items.len()));
                items.iter().for_each(|item| self.field(inner, item, VersionRange::NONE));
            }
            (Kind::Struct(_), Value::Null) => self.out.push(0xff),
            (Kind::Struct(structure), value) => {
                if may_be_null {
                    self.out.push(1);
                }
                self.structure(structure, value);
            }
            (Kind::Plain(name), value) => self.plain(name, value),
            (kind, value) => panic!("{kind:?} cannot hold {value:?}"),
        }
    }

    fn plain(&mut self, name: &str, value: &Value) {
        match value {
            Value::Bool(value) => self.out.push(u8::from(*value)),
            Value::Float(value) => self.out.extend(value.to_be_bytes()),
            Value::Uuid(id) => self.out.extend(id),
            Value::Int(value) => {
                let width = width(name);
                self.out.extend(&value.to_be_bytes()[8 - width..]);
            }
            Value::Null if name == "string" => self.short_length(None),
            Value::Text(text) => {
                self.short_length(Some(text.len()));
                self.out.extend(text.as_bytes());
            }
            Value::Null => self.length(None),
            Value::Bytes(bytes) => {
                self.length(Some(bytes.len()));
                self.out.extend(bytes);
            }
            other => panic!("{name} cannot hold {other:?}"),
        }
    }

    fn length(&mut self, length: Option<usize>) {
        if self.flexible {
            return self.unsigned_varint(length.map_or(0, |length| length + 1));
        }
        let length = length.map_or(-1, |length| i32::try_from(length).expect("a short array"));
        self.out.extend(length.to_be_bytes());
    }

    fn short_length(&mut self, length: Option<usize>) {
        if self.flexible {
            return self.length(length);
        }
        let length = length.map_or(-1, |length| i16::try_from(length).expect("a short text"));
        self.out.extend(length.to_be_bytes());
    }

    fn unsigned_varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }
}

/// Bytes of a whole number.
pub(crate) fn width(name: &str) -> usize {
    match name {
        "int8" => 1,
        "int16" | "uint16" => 2,
        "int32" | "uint32" => 4,
        "int64" => 8,
        other => panic!("{other} is no whole number"),
    }
}
