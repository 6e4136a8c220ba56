//! The files that list messages: the APIs by their keys, the records of the metadata log.

use std::fmt::Write;

use super::{api_name, snake};
use crate::messages::schema::{Kind, Message, RecordKind, Versions};

/// `api_key.rs`.
pub(crate) fn api_keys(messages: &[Message]) -> String {
    let mut requests: Vec<_> = messages.iter().filter(|m| m.kind == Kind::Request).collect();
    requests.sort_by_key(|message| message.api_key);
    let mut rows = String::new();
    for message in requests {
        let Versions { min, max } = message.versions;
        let flexible = message.flexible.map_or(i16::MAX, |versions| versions.min);
        let listener = |name: &str| message.listeners.iter().any(|listener| listener == name);
        let _ = writeln!(
            rows,
            "    {} = {}, {min}, {max}, {flexible}, {}, {};",
            api_name(message),
            message.api_key.unwrap_or(-1),
            listener("broker"),
            listener("controller"),
        );
    }
    format!("{API_KEYS}{rows}}}\n")
}

const API_KEYS: &str = r#"use crate::VersionRange;

macro_rules! api_keys {
    ($($name:ident = $code:literal, $min:literal, $max:literal, $flexible:literal, $broker:literal, $controller:literal;)*) => {
        /// The APIs of Kafka 4.3 by their keys.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(i16)]
        pub enum ApiKey {
            $(#[doc = concat!("Key ", $code, ".")] $name = $code,)*
        }

        impl ApiKey {
            /// All of them, ascending.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The API with this number.
            #[must_use]
            pub const fn from_code(code: i16) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            /// Kafka's name for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The versions this build can read and write; what a broker serves may be less.
            #[must_use]
            pub const fn versions(self) -> VersionRange {
                match self { $(Self::$name => VersionRange { min: $min, max: $max },)* }
            }

            /// The first flexible version, [`i16::MAX`] for never.
            #[must_use]
            pub const fn flexible_from(self) -> i16 {
                match self { $(Self::$name => $flexible,)* }
            }

            /// Whether brokers serve it.
            #[must_use]
            pub const fn on_broker(self) -> bool {
                match self { $(Self::$name => $broker,)* }
            }

            /// Whether controllers serve it.
            #[must_use]
            pub const fn on_controller(self) -> bool {
                match self { $(Self::$name => $controller,)* }
            }

            /// Its number on the wire.
            #[must_use]
            pub const fn code(self) -> i16 {
                self as i16
            }
        }
    };
}

api_keys! {
"#;

/// `log_records/metadata_record.rs`.
pub(crate) fn metadata_records(messages: &[Message]) -> String {
    let mut records: Vec<_> = messages.iter().filter(|m| m.record == RecordKind::Metadata).collect();
    records.sort_by_key(|message| message.api_key);
    let mut uses = String::new();
    let mut rows = String::new();
    for message in records {
        let name = &message.name;
        let _ = writeln!(uses, "    {}::{name},", snake(name));
        let _ = writeln!(
            rows,
            "    {} = {}, {name};",
            name.trim_end_matches("Record"),
            message.api_key.unwrap_or(-1)
        );
    }
    METADATA_RECORDS.replace("@USES@", &uses).replace("@ROWS@", &rows)
}

const METADATA_RECORDS: &str = r#"//! Any record of the metadata log, and its framing.

use bytes::Bytes;

use super::metadata::{
@USES@};
use crate::{DecodeError, EncodeError, Message, Reader, VersionRange, Writer, decode_body};

/// The frame version in front of every metadata record.
const FRAME_VERSION: u32 = 1;

macro_rules! metadata_records {
    ($($name:ident = $code:literal, $record:ident;)*) => {
        /// Any record of `__cluster_metadata`.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each variant holds the record of its name")]
        pub enum MetadataRecord {
            $($name($record),)*
        }

        impl MetadataRecord {
            /// Kafka's name of the record.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => stringify!($record),)* }
            }

            /// The versions this build knows of the record.
            #[must_use]
            pub const fn versions(&self) -> VersionRange {
                match self { $(Self::$name(_) => <$record as Message>::VERSIONS,)* }
            }

            /// Reads a record's value: frame version, type, version, message.
            ///
            /// # Errors
            /// The bytes are no record, or one of a type or version this build does not know.
            pub fn decode(value: Bytes) -> Result<Self, DecodeError> {
                let mut r = Reader::new(value);
                let frame = r.unsigned_varint()?;
                if frame != FRAME_VERSION {
                    return Err(DecodeError::UnknownRecordType(i64::from(frame)));
                }
                let code = r.unsigned_varint()?;
                let version = i16::try_from(r.unsigned_varint()?).unwrap_or(i16::MAX);
                match code {
                    $($code => decode_body(r.rest(), version).map(Self::$name),)*
                    _ => Err(DecodeError::UnknownRecordType(i64::from(code))),
                }
            }

            /// Writes the record's value at `version` of its message.
            ///
            /// # Errors
            /// The version is unknown or cannot carry what the record holds.
            pub fn encode(&self, version: i16) -> Result<Bytes, EncodeError> {
                let mut w = Writer::new();
                w.unsigned_varint(FRAME_VERSION);
                match self {
                    $(Self::$name(record) => {
                        w.unsigned_varint($code);
                        w.unsigned_varint(u32::from(version.unsigned_abs()));
                        record.encode(&mut w, version)?;
                    })*
                }
                Ok(w.into_bytes())
            }
        }

        $(impl From<$record> for MetadataRecord {
            fn from(record: $record) -> Self {
                Self::$name(record)
            }
        })*
    };
}

metadata_records! {
@ROWS@}
"#;
