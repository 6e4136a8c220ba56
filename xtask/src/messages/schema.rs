//! Kafka's message schemas, as far as the generator needs them.

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Request,
    Response,
    Data,
    Header,
}

/// Versions, both ends included; `max` is `i16::MAX` when open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Versions {
    pub(crate) min: i16,
    pub(crate) max: i16,
}

impl Versions {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<i16>().ok();
        if let Some(min) = text.strip_suffix('+') {
            return Some(Self { min: number(min)?, max: i16::MAX });
        }
        match text.split_once('-') {
            Some((min, max)) => Some(Self { min: number(min)?, max: number(max)? }),
            None => number(text).map(|only| Self { min: only, max: only }),
        }
    }

    pub(crate) fn covers(self, other: Self) -> bool {
        self.min <= other.min && other.max <= self.max
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) area: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) api_key: Option<i64>,
    pub(crate) record: RecordKind,
    pub(crate) listeners: Vec<String>,
    pub(crate) versions: Versions,
    pub(crate) flexible: Option<Versions>,
    pub(crate) fields: Vec<Field>,
    /// Structs several fields share, by name.
    pub(crate) common: Vec<(String, Vec<Field>)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RecordKind {
    Metadata,
    Other,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Without the leading `[]`.
    pub(crate) kind: String,
    pub(crate) is_array: bool,
    pub(crate) versions: Versions,
    pub(crate) nullable: Option<Versions>,
    pub(crate) tag: Option<(i64, Versions)>,
    pub(crate) ignorable: bool,
    pub(crate) default: Option<String>,
    pub(crate) fields: Vec<Field>,
}

impl Message {
    pub(crate) fn from_json(json: &Value, area: &str) -> Self {
        let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let kind = match text("type").as_str() {
            "request" => Kind::Request,
            "response" => Kind::Response,
            "header" => Kind::Header,
            _ => Kind::Data,
        };
        let common = list(&json["commonStructs"])
            .iter()
            .map(|common| {
                (common["name"].as_str().unwrap_or_default().to_owned(), Field::all(&common["fields"]))
            })
            .collect();
        Self {
            area: area.to_owned(),
            name: text("name"),
            kind,
            api_key: json["apiKey"].as_i64(),
            record: if text("type") == "metadata" && area == "metadata" {
                RecordKind::Metadata
            } else {
                RecordKind::Other
            },
            listeners: list(&json["listeners"]).iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            versions: Versions::parse(&text("validVersions")).expect("every schema has valid versions"),
            flexible: Versions::parse(&text("flexibleVersions")),
            fields: Field::all(&json["fields"]),
            common,
        }
    }
}

impl Field {
    fn all(json: &Value) -> Vec<Self> {
        list(json).iter().map(Self::from_json).collect()
    }

    fn from_json(json: &Value) -> Self {
        let text = |key: &str| json[key].as_str();
        let kind = text("type").unwrap_or_default();
        let tagged = text("taggedVersions").and_then(Versions::parse);
        let versions = text("versions").and_then(Versions::parse).or(tagged);
        Self {
            name: text("name").unwrap_or_default().to_owned(),
            kind: kind.trim_start_matches("[]").to_owned(),
            is_array: kind.starts_with("[]"),
            versions: versions.expect("every field has versions"),
            nullable: text("nullableVersions").and_then(Versions::parse),
            tag: json["tag"].as_i64().zip(tagged),
            ignorable: json["ignorable"].as_bool().unwrap_or(false),
            default: match &json["default"] {
                // Null itself is no default to Kafka's generator; only the word is.
                Value::Null => None,
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            },
            fields: Self::all(&json["fields"]),
        }
    }
}

fn list(json: &Value) -> &[Value] {
    json.as_array().map_or(&[], Vec::as_slice)
}
