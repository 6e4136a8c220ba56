//! What keys and values say: text, numbers, or the records of Kafka's own topics.

use ottla_records::RecordView;

use super::{
    Given, Thrown,
    coordinator::{self, CLASSIC_GROUPS, GROUPS, Kind, SHARE_STATES, TRANSACTIONS},
    metadata,
};

/// Options that say what the records are.
pub(super) const DECODERS: &[&str] = &[
    "offsets-decoder",
    "transaction-log-decoder",
    "cluster-metadata-decoder",
    "remote-log-metadata-decoder",
    "share-group-state-decoder",
    "value-decoder-class",
    "key-decoder-class",
];

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
    /// Of a coordinator: these kinds.
    Coordinator(&'static [&'static [Kind]]),
    /// Of the quorum.
    Metadata,
}

impl Decoder {
    pub(super) fn of(given: &Given) -> Result<Self, Thrown> {
        if given.has("offsets-decoder") {
            return Ok(Self::Coordinator(&[GROUPS, CLASSIC_GROUPS]));
        }
        if given.has("transaction-log-decoder") {
            return Ok(Self::Coordinator(&[TRANSACTIONS]));
        }
        if given.has("cluster-metadata-decoder") {
            return Ok(Self::Metadata);
        }
        if given.has("remote-log-metadata-decoder") {
            return Err(Thrown::illegal_argument("--remote-log-metadata-decoder is not supported yet"));
        }
        if given.has("share-group-state-decoder") {
            return Ok(Self::Coordinator(&[SHARE_STATES]));
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
    pub(super) fn print(&self, record: &RecordView<'_>) -> Result<Vec<String>, Thrown> {
        let (key, payload) = match self {
            Self::Plain(key, value) => {
                (record.key.map(|of| plain(*key, of)), record.value.map(|of| plain(*value, of)))
            }
            Self::Coordinator(kinds) => {
                let printed = coordinator::print(record, kinds)
                    .map_err(|why| Thrown::new("java.lang.RuntimeException", why))?;
                (Some(printed.key), printed.payload)
            }
            Self::Metadata => (None, Some(metadata::print(record.offset, record.value))),
        };
        let key = key.map(|key| format!("key: {key}"));
        Ok(key.into_iter().chain(payload.map(|payload| format!("payload: {payload}"))).collect())
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
