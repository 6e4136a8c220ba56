//! How a record is printed: what `DefaultMessageFormatter` does with its properties.

use std::collections::BTreeMap;

use ottla_client::{Client, Record, Resource};

use super::{Given, Source, Stop};
use crate::kafka::client_properties;

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Raw,
    Text,
    Short,
    Int,
    Long,
}

impl Kind {
    fn of(class: &str) -> Result<Self, Stop> {
        match class.rsplit('.').next().unwrap_or_default() {
            "ByteArrayDeserializer" | "BytesDeserializer" => Ok(Self::Raw),
            "StringDeserializer" => Ok(Self::Text),
            "ShortDeserializer" => Ok(Self::Short),
            "IntegerDeserializer" => Ok(Self::Int),
            "LongDeserializer" => Ok(Self::Long),
            _ => Err(Stop::Usage(format!("{class} is not supported"))),
        }
    }

    /// As text; bytes that are none of its kind as they are.
    fn print(self, bytes: &[u8]) -> Vec<u8> {
        let number = match self {
            Self::Raw => None,
            Self::Text => return String::from_utf8_lossy(bytes).into_owned().into_bytes(),
            Self::Short => bytes.try_into().ok().map(|bytes| i64::from(i16::from_be_bytes(bytes))),
            Self::Int => bytes.try_into().ok().map(|bytes| i64::from(i32::from_be_bytes(bytes))),
            Self::Long => bytes.try_into().ok().map(i64::from_be_bytes),
        };
        number.map_or_else(|| bytes.to_vec(), |number| number.to_string().into_bytes())
    }
}

#[derive(Debug)]
pub(super) struct Formatter {
    /// Nothing is printed at all.
    silent: bool,
    timestamp: bool,
    partition: bool,
    offset: bool,
    delivery: bool,
    epoch: bool,
    headers: bool,
    key: bool,
    value: bool,
    key_separator: String,
    line_separator: String,
    headers_separator: String,
    null: String,
    key_kind: Kind,
    value_kind: Kind,
    headers_kind: Kind,
    /// `CreateTime` or `LogAppendTime`, by topic.
    timestamp_types: BTreeMap<String, String>,
}

impl Formatter {
    pub(super) fn of(given: &Given) -> Result<Self, Stop> {
        let class = given.value("formatter")?.unwrap_or("DefaultMessageFormatter");
        let silent = match class.rsplit('.').next().unwrap_or_default() {
            "DefaultMessageFormatter" => false,
            "NoOpMessageFormatter" => true,
            _ => return Err(Stop::Usage(format!("{class} is not supported"))),
        };
        let properties =
            client_properties::of(given, &["formatter-config"], &["formatter-property", "property"])?;
        let is = |key: &str, otherwise: bool| {
            properties.get(key).map_or(otherwise, |value| value.trim().eq_ignore_ascii_case("true"))
        };
        let text = |key: &str, otherwise: &str| properties.get(key).unwrap_or(otherwise).to_owned();
        let kind = |key: &str, option: &str| -> Result<Kind, Stop> {
            let option = given.value(option)?;
            properties.get(key).or(option).map_or(Ok(Kind::Raw), Kind::of)
        };
        Ok(Self {
            silent,
            timestamp: is("print.timestamp", false),
            partition: is("print.partition", false),
            offset: is("print.offset", false),
            delivery: is("print.delivery", false),
            epoch: is("print.epoch", false),
            headers: is("print.headers", false),
            key: is("print.key", false),
            value: is("print.value", true),
            key_separator: text("key.separator", "\t"),
            line_separator: text("line.separator", "\n"),
            headers_separator: text("headers.separator", ","),
            null: text("null.literal", "null"),
            key_kind: kind("key.deserializer", "key-deserializer")?,
            value_kind: kind("value.deserializer", "value-deserializer")?,
            headers_kind: properties.get("headers.deserializer").map_or(Ok(Kind::Raw), Kind::of)?,
            timestamp_types: BTreeMap::new(),
        })
    }

    /// Asks what the timestamps of the topics are, if they are to be printed.
    pub(super) async fn learn(&mut self, client: &Client, source: &Source) -> Result<(), Stop> {
        if !self.timestamp {
            return Ok(());
        }
        for topic in source.topics(client).await? {
            let entries = client.configs(&Resource::Topic(topic.clone())).await?;
            let kind = entries.into_iter().find(|entry| entry.name == "message.timestamp.type");
            self.timestamp_types.extend(kind.and_then(|entry| entry.value).map(|kind| (topic, kind)));
        }
        Ok(())
    }

    pub(super) fn print(&self, record: &Record) -> Vec<u8> {
        if self.silent {
            return Vec::new();
        }
        let mut columns: Vec<Vec<u8>> = Vec::new();
        if self.timestamp {
            let kind = self.timestamp_types.get(record.topic.as_ref() as &str);
            let kind = kind.map_or("CreateTime", String::as_str);
            let text = if record.timestamp < 0 {
                "NO_TIMESTAMP".into()
            } else {
                format!("{kind}:{}", record.timestamp)
            };
            columns.push(text.into_bytes());
        }
        let numbers = [
            (self.partition, "Partition", i64::from(record.partition)),
            (self.offset, "Offset", record.offset),
        ];
        for (_, name, number) in numbers.into_iter().filter(|(wanted, ..)| *wanted) {
            columns.push(format!("{name}:{number}").into_bytes());
        }
        // Kafka's consumer hands neither of them to its formatter.
        for (_, name) in
            [(self.delivery, "Delivery"), (self.epoch, "Epoch")].into_iter().filter(|(wanted, _)| *wanted)
        {
            columns.push(format!("{name}:NOT_PRESENT").into_bytes());
        }
        let bytes = |kind: Kind, bytes: Option<&[u8]>| kind.print(bytes.unwrap_or(self.null.as_bytes()));
        if self.headers {
            let header = |(key, value): &(String, Option<bytes::Bytes>)| {
                [format!("{key}:").into_bytes(), bytes(self.headers_kind, value.as_deref())].concat()
            };
            let all: Vec<_> = record.headers.iter().map(header).collect();
            columns.push(if all.is_empty() {
                b"NO_HEADERS".to_vec()
            } else {
                all.join(self.headers_separator.as_bytes())
            });
        }
        if self.key {
            columns.push(bytes(self.key_kind, record.key.as_deref()));
        }
        if self.value {
            columns.push(bytes(self.value_kind, record.value.as_deref()));
        }
        if columns.is_empty() {
            return Vec::new();
        }
        let mut line = columns.join(self.key_separator.as_bytes());
        line.extend(self.line_separator.as_bytes());
        line
    }
}
