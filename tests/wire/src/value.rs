use crate::{Field, Kind};

/// What a field may hold, whatever its type.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "named after what they hold")]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    Uuid([u8; 16]),
    List(Vec<Value>),
    /// One entry per field of the structure; `None` where the version has no such field.
    Struct(Vec<Option<Value>>),
}

impl Value {
    /// What a field of this kind holds when nothing is said: zero, empty, or the defaults of its own fields.
    #[must_use]
    pub fn zero(kind: &Kind) -> Self {
        match kind {
            Kind::Array(_) => Self::List(Vec::new()),
            Kind::Struct(structure) => {
                Self::Struct(structure.fields.iter().map(|field| Some(field.default.clone())).collect())
            }
            Kind::Plain(name) => match name.as_str() {
                "bool" => Self::Bool(false),
                "float64" => Self::Float(0.0),
                "string" => Self::Text(String::new()),
                "bytes" | "records" => Self::Bytes(Vec::new()),
                "uuid" => Self::Uuid([0; 16]),
                _ => Self::Int(0),
            },
        }
    }

    /// Whether the field would be left out of a tagged section: fields a version does not have do not count.
    #[must_use]
    pub fn is_default_of(&self, field: &Field) -> bool {
        same(self, &field.default)
    }
}

fn same(value: &Value, default: &Value) -> bool {
    match (value, default) {
        (Value::Struct(values), Value::Struct(defaults)) => values
            .iter()
            .zip(defaults)
            .all(|(value, default)| value.as_ref().zip(default.as_ref()).is_none_or(|(v, d)| same(v, d))),
        _ => value == default,
    }
}
